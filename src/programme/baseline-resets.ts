import { decimalToText } from '../calc/decimal.ts';
import type { BaselineReset } from '../calc/evaluation-input.ts';
import type { Boundary } from './boundary.ts';
import type { Span } from './calendar.ts';
import type { Policy } from './policy.ts';
import { boundaryRuling, policyRuling } from './rules.ts';
import type { Organisation, ProgrammeState } from './state.ts';

type ProductRule = Policy['products'] extends ReadonlyMap<string, infer T> ? T : never;

/** Kinds of meter that figures rest on: a new customer or laboratory resets nothing. */
const COUNTED: readonly string[] = ['energy', 'product', 'value', 'stock'];

/**
 * What changed between the rules of the baseline window and those of the period, of all that the policy resets a baseline on
 * (programme-v1 section 5.5). With one of these no comparison is made: the period is the first of a new baseline.
 */
export function baselineResets(
  state: ProgrammeState,
  applicant: Organisation,
  policy: Policy,
  boundary: Boundary,
  { baseline }: { readonly baseline: Span },
): readonly BaselineReset[] {
  const on = policy.baseline.reset_on ?? [];
  const before = boundaryRuling(applicant.boundaries, baseline.start)?.value ?? boundary;
  const rules = policyRuling(state.policies, baseline.start)?.value ?? policy;
  const resets: BaselineReset[] = [];
  const note = (what: string, names: readonly string[]): void => {
    if (names.length > 0) resets.push({ text: `${what} changed since the baseline began: ${names.join(', ')}` });
  };
  if (on.includes('boundary')) note('supply points', namesThatDiffer(pointsOf(before), pointsOf(boundary)));
  if (on.includes('meter_set')) note('meters', namesThatDiffer(metersOf(before), metersOf(boundary)));
  if (on.includes('allocation_key') && rules.shared_energy.key !== policy.shared_energy.key)
    note('the key of shared energy', [`${rules.shared_energy.key} to ${policy.shared_energy.key}`]);
  if (!on.includes('product_definition')) return resets;
  for (const [product, rule] of policy.products) {
    const old = rules.products.get(product);
    if (old !== undefined && definitionOf(old) !== definitionOf(rule))
      resets.push({ product, text: `the policy defines '${product}' in another way since the baseline began` });
  }
  return resets;
}

const pointsOf = ({ supplyPoints }: Boundary): ReadonlyMap<string, string> =>
  new Map([...supplyPoints].map(([name, { carrier }]) => [name, carrier]));

const metersOf = ({ meters }: Boundary): ReadonlyMap<string, string> =>
  new Map(
    [...meters]
      .filter(([, { kind }]) => COUNTED.includes(kind))
      .map(([name, { kind, carrier, product, counts, quality, under, at, unit }]) => [
        name,
        JSON.stringify([kind, carrier, product, counts, quality, under, at, unit]),
      ]),
  );

function namesThatDiffer(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}

function definitionOf({
  basis,
  unit,
  quality,
  energy,
  equivalent_factor: factor,
  price_index: index,
}: ProductRule): string {
  const weight = factor === undefined ? null : decimalToText(factor);
  return JSON.stringify([basis, unit, quality, energy?.toSorted(), weight, index?.series]);
}
