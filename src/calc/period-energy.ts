import { allocate, sharesByKey } from './allocate.ts';
import { addFlow, carrierLines, grossEnergy } from './energy-lines.ts';
import type { Flow, LineTotals } from './energy-lines.ts';
import { energyFlows } from './energy-flow.ts';
import type { ProductInput } from './evaluation-input.ts';
import type { CarrierLine, PeriodName } from './evaluation.ts';
import { countsCarrier } from './period-question.ts';
import type { Notes, PeriodQuestion } from './period-question.ts';
import { addRatio, multiplyRatio, ONE, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { reason } from './reason.ts';

/** A period's energy, product by product. */
export interface PeriodEnergy {
  readonly lines: ReadonlyMap<string, readonly CarrierLine[]>;
  /** Share of shared energy, by carrier and product. */
  readonly shares: ReadonlyMap<string, ReadonlyMap<string, Rational>>;
  readonly notes: Notes;
}

function sharesFor(
  claimants: readonly ProductInput[],
  totals: ReadonlyMap<string, LineTotals>,
  converted: ReadonlyMap<string, Rational>,
  question: PeriodQuestion,
): ReadonlyMap<string, Rational> | null {
  const key = question.input.allocationKey;
  const [only] = claimants;
  // one claimant takes all, whether or not its output is known yet
  if (only !== undefined && claimants.length === 1) return new Map([[only.product, ONE]]);
  const claims = [];
  for (const { product, basis, allocationWeight } of claimants) {
    const quantity = question.quantities.get(product);
    if (quantity === undefined) return null;
    // Output value is its own comparable value; other keys and bases need a declared weight.
    const ownValue = key === 'comparable_value' && basis === 'value' ? ONE : undefined;
    const weight = allocationWeight ?? ownValue;
    const directEnergy = addRatio(grossEnergy(carrierLines(totals.get(product)!)), converted.get(product) ?? ZERO);
    claims.push({ product, directEnergy, quantity, ...(weight === undefined ? {} : { weight }) });
  }
  return sharesByKey(key, claims);
}

function unallocated(flow: Flow, period: PeriodName): Notes {
  if (flow.quantity.n === 0n) return [];
  return [
    {
      products: [],
      reason: reason('energy-unallocated', 'minor', `'${flow.carrier}' is counted for no product`, period),
    },
  ];
}

/**
 * Attributes a period's energy: sub-metered energy to its product, what is left of main meters and of unlabelled ones by the
 * declared key to the products that count the carrier. Exact: the parts sum to the whole.
 */
export function periodEnergy(question: PeriodQuestion): PeriodEnergy {
  const products = question.input.products.toSorted((a, b) => (a.product < b.product ? -1 : 1));
  const totals = new Map<string, LineTotals>(products.map(({ product }) => [product, new Map()]));
  const found = energyFlows(question, products);
  const notes = [...found.notes];
  const common: Flow[] = [];
  // what own converted energy weighs: it counts once, where it was bought
  const converted = new Map<string, Rational>();
  for (const flow of found.flows) {
    if (flow.counts === 'converted') {
      if (flow.product !== null)
        converted.set(
          flow.product,
          addRatio(converted.get(flow.product) ?? ZERO, multiplyRatio(flow.quantity, flow.factor.factor)),
        );
      continue;
    }
    if (flow.product === null) {
      common.push(flow);
      continue;
    }
    const owner = products.find((one) => one.product === flow.product);
    if (owner !== undefined && countsCarrier(owner, flow.carrier))
      addFlow(totals.get(owner.product)!, flow, flow.quantity, false);
    else notes.push(...unallocated(flow, question.period));
  }
  // All shares are formed from direct energy alone, before any shared energy is added.
  const shares = new Map<string, ReadonlyMap<string, Rational>>();
  for (const carrier of new Set(common.map((flow) => flow.carrier))) {
    const claimants = products.filter((one) => countsCarrier(one, carrier));
    const share = sharesFor(claimants, totals, converted, question);
    if (share !== null) shares.set(carrier, share);
  }
  for (const flow of common) {
    const share = shares.get(flow.carrier);
    const claimants = products.filter((one) => countsCarrier(one, flow.carrier)).map(({ product }) => product);
    if (claimants.length === 0) {
      notes.push(...unallocated(flow, question.period));
    } else if (share !== undefined) {
      for (const [product, quantity] of allocate(flow.quantity, share))
        addFlow(totals.get(product)!, flow, quantity, true);
    } else if (flow.quantity.n !== 0n) {
      const text = `shared '${flow.carrier}' cannot be divided by the key ${question.input.allocationKey}`;
      notes.push({ products: claimants, reason: reason('allocation-impossible', 'critical', text, question.period) });
    }
  }
  return {
    lines: new Map(products.map(({ product }) => [product, carrierLines(totals.get(product)!)])),
    shares,
    notes,
  };
}
