/**
 * `docs/spec/calculation-v1.md` once more, written from the page alone: fractions of whole numbers without a common denominator sought,
 * time second by second, nothing shared with `src/calc` but the shape of what goes in. Slow; for windows of a few dozen seconds.
 * What it leaves out: measured calorific values, resets, norms, units that convert, broken meter trees.
 */
import type { EvaluationInput, MeterInput, ProductInput, Reading } from '../../src/calc/evaluation-input.ts';

/** A fraction, in no lowest terms; the denominator is above zero. */
export type Fraction = readonly [n: bigint, d: bigint];

export const NONE: Fraction = [0n, 1n];
const WHOLE: Fraction = [1n, 1n];
export const plus = (a: Fraction, b: Fraction): Fraction => [a[0] * b[1] + b[0] * a[1], a[1] * b[1]];
export const times = (a: Fraction, b: Fraction): Fraction => [a[0] * b[0], a[1] * b[1]];
const minus = (a: Fraction): Fraction => [-a[0], a[1]];
export const less = (a: Fraction, b: Fraction): Fraction => plus(a, minus(b));
export const over = (a: Fraction, b: Fraction): Fraction =>
  b[0] < 0n ? [-a[0] * b[1], a[1] * -b[0]] : [a[0] * b[1], a[1] * b[0]];
export const size = (a: Fraction): Fraction => (a[0] < 0n ? minus(a) : a);
export const isAbove = (a: Fraction, b: Fraction): boolean => a[0] * b[1] > b[0] * a[1];
export const sum = (all: readonly Fraction[]): Fraction => all.reduce(plus, NONE);
export const given = ({ n, d }: { readonly n: bigint; readonly d: bigint }): Fraction => [n, d];
const FINEST = 10n ** 18n;
/** To a multiple of 10^-18, down or up. */
export const floor = ([n, d]: Fraction): Fraction => {
  const scaled = n * FINEST;
  const rest = ((scaled % d) + d) % d;
  return [(scaled - rest) / d, FINEST];
};
const ceiling = (a: Fraction): Fraction => minus(floor(minus(a)));

type Period = 'baseline' | 'reporting';
type Side = 'least' | 'most';

export interface SlowFigures {
  readonly energy: Fraction;
  readonly output: Fraction;
}

export interface SlowComparison {
  readonly baseline: SlowFigures;
  readonly reporting: SlowFigures;
  readonly rate: Fraction | null;
  readonly saving: Fraction | null;
  readonly saved: boolean;
}

export interface SlowProduct {
  readonly verdict: string;
  /** Of the critical reasons, distinct, sorted. */
  readonly critical: readonly string[];
  readonly headline: SlowComparison | null;
  readonly withoutFill: SlowComparison | null;
  readonly ownTable: SlowComparison | null;
  readonly adverse: SlowComparison | null;
  /** U^2. */
  readonly uncertainty: Fraction | null;
  readonly covered: Readonly<Record<Period, readonly [meter: string, seconds: number][]>>;
  readonly joint: Readonly<Record<Period, number>>;
  readonly plain: Readonly<Record<Period, SlowRow>>;
}

/** A period with nothing filled or adjusted: what a row of a model is made of. */
export interface SlowRow {
  /** By the reporting period's table, and by the period's own. */
  readonly energy: Fraction;
  readonly ownTable: Fraction;
  readonly output: Fraction;
  readonly isEnergyKnown: boolean;
  readonly isOutputKnown: boolean;
}

/** One meter in one period, section 3 and 4. */
interface Measured {
  readonly least: Fraction;
  readonly most: Fraction;
  readonly covered: ReadonlySet<number>;
  readonly idle: ReadonlySet<number>;
  readonly counted: number;
  readonly isWhole: boolean;
  readonly critical: readonly string[];
  /** The quantity that was counted, gaps left out: what section 9 weighs. */
  readonly measured: Fraction;
}

export const quantityOf = ({ quantity }: Reading): Fraction =>
  quantity.exponent < 0
    ? [quantity.mantissa, 10n ** BigInt(-quantity.exponent)]
    : [quantity.mantissa * 10n ** BigInt(quantity.exponent), 1n];

export function slowEvaluation(input: EvaluationInput): ReadonlyMap<string, SlowProduct> {
  const { dataRules: rules, products } = input;
  const meters = new Map(input.meters.map((meter) => [meter.meter, meter]));
  const above = (meter: MeterInput): readonly MeterInput[] => {
    const parent = meter.under === undefined ? undefined : meters.get(meter.under);
    return parent === undefined ? [] : [parent, ...above(parent)];
  };
  const line = (meter: MeterInput): readonly MeterInput[] => [meter, ...above(meter)];
  const carrierOf = (meter: MeterInput) => line(meter).find(({ carrier }) => carrier !== undefined)?.carrier;
  const productOf = (meter: MeterInput) => line(meter).find(({ product }) => product !== undefined)?.product;
  const isTakenOff = ({ counts }: MeterInput) => counts === 'export' || counts === 'recovered';
  const isConverted = (meter: MeterInput) => line(meter).some(({ counts }) => counts === 'converted');
  /** What is subtracted from a meter: those directly under it but for deductions, and converted energy under energy that is not. */
  const subMeters = (meter: MeterInput): readonly MeterInput[] =>
    input.meters.filter(
      (one) =>
        one.under === meter.meter &&
        !(one.kind === 'energy' && isTakenOff(one)) &&
        isConverted(one) === isConverted(meter),
    );
  const takes = (product: ProductInput, carrier: string) =>
    product.energy === undefined || product.energy.includes(carrier);
  const windowOf = (period: Period, meter?: MeterInput) => ({
    start: input[period].start + (meter?.dayStart ?? 0),
    end: input[period].end + (meter?.dayStart ?? 0),
  });

  /** Only what is read by bill may be counted in part. */
  const isProrated = ({ billed }: MeterInput): boolean => rules.straddling === 'prorate' && billed === true;
  const countedOf = (meter: MeterInput, period: Period): readonly Reading[] => {
    const { start, end } = windowOf(period, meter);
    return meter[period]
      .filter((one) => one.end > start && one.start < end)
      .filter((one) => one.provenance !== 'estimated' || rules.estimatedCountsAs === 'metered')
      .filter((one) => isProrated(meter) || (one.start >= start && one.end <= end));
  };
  const highest = (meter: MeterInput): Fraction | null => {
    const rates = (['baseline', 'reporting'] as const)
      .flatMap((period) => countedOf(meter, period))
      .map((one): Fraction => over(quantityOf(one), [BigInt(one.end - one.start), 1n]));
    return rates.length === 0 ? null : rates.reduce((most, rate) => (isAbove(rate, most) ? rate : most));
  };

  function measure(meter: MeterInput, period: Period): Measured {
    const { start, end } = windowOf(period, meter);
    const length = end - start;
    const covered = new Set<number>();
    const idle = new Set<number>();
    const critical: string[] = [];
    let least = NONE;
    let most = NONE;
    let byHand = 0;
    const counted = countedOf(meter, period);
    for (const one of counted) {
      let inside = 0;
      for (let second = Math.max(one.start, start); second < Math.min(one.end, end); second += 1) {
        covered.add(second - (meter.dayStart ?? 0));
        if (one.provenance === 'idle') idle.add(second - (meter.dayStart ?? 0));
        inside += 1;
      }
      const part = over(times(quantityOf(one), [BigInt(inside), 1n]), [BigInt(one.end - one.start), 1n]);
      const isPart = inside < one.end - one.start;
      least = plus(least, isPart ? floor(part) : part);
      most = plus(most, isPart ? ceiling(part) : part);
      if (one.provenance === 'manual') byHand += inside;
      if (one.provenance === 'idle' && one.quantity.mantissa !== 0n) critical.push('idle-contradicted');
      if (one.quantity.mantissa < 0n && !(meter.kind === 'energy' && meter.counts === 'export'))
        critical.push('negative-quantity');
    }
    const measured = least;
    const missing = length - covered.size;
    const rate = highest(meter);
    if (rate !== null && missing > 0) most = plus(most, ceiling(times(rate, [BigInt(missing), 1n])));
    let gap = 0;
    let longest = 0;
    for (let second = input[period].start; second < input[period].end; second += 1) {
      gap = covered.has(second) ? 0 : gap + 1;
      longest = Math.max(longest, gap);
    }
    const share = (part: number, whole: number): Fraction => [BigInt(part), BigInt(whole)];
    if (isAbove(given(rules.coveragePerMeter), share(covered.size, length)) || longest > rules.longestGap)
      critical.push('data-gap');
    if (covered.size > 0 && isAbove(share(byHand, covered.size), given(rules.manualShareMost)))
      critical.push('manual-share');
    const touching = meter[period].filter((one) => one.end > start && one.start < end);
    if (
      !isProrated(meter) &&
      touching.some(
        (one) =>
          (one.start < start || one.end > end) &&
          (one.provenance !== 'estimated' || rules.estimatedCountsAs === 'metered'),
      )
    )
      critical.push('interval-straddles');
    return { least, most, covered, idle, counted: counted.length, isWhole: missing === 0, critical, measured };
  }

  const measuredOf = {
    baseline: new Map(input.meters.map((meter) => [meter.meter, measure(meter, 'baseline')])),
    reporting: new Map(input.meters.map((meter) => [meter.meter, measure(meter, 'reporting')])),
  };

  /** Section 4: the end of a meter that is against the claimant. */
  const sideOf = (meter: MeterInput, period: Period): Side => {
    const adds = meter.kind === 'energy' && !isTakenOff(meter);
    return adds === (period === 'reporting') ? 'most' : 'least';
  };
  /** Its total at one end; without fill the gaps are left out at both. */
  const total = (meter: MeterInput, period: Period, side: Side, isFilled: boolean): Fraction => {
    const found = measuredOf[period].get(meter.meter)!;
    if (side === 'least' || isFilled) return found[side];
    const { start, end } = windowOf(period, meter);
    return sum(
      countedOf(meter, period).map((one) => {
        const inside = Math.min(one.end, end) - Math.max(one.start, start);
        const length = one.end - one.start;
        const part = over(times(quantityOf(one), [BigInt(inside), 1n]), [BigInt(length), 1n]);
        return inside < length ? ceiling(part) : part;
      }),
    );
  };
  const net = (meter: MeterInput, period: Period, isFilled: boolean): Fraction => {
    const below = subMeters(meter);
    const side = sideOf(meter, period);
    const other = side === 'most' ? 'least' : 'most';
    const rest = less(
      total(meter, period, side, isFilled),
      sum(below.map((one) => total(one, period, other, isFilled))),
    );
    if (rest[0] >= 0n || below.length === 0) return rest;
    const isWhole = [meter, ...below].every((one) => measuredOf[period].get(one.meter)!.isWhole);
    return !isWhole || side === 'most' ? NONE : rest;
  };

  const outputsOf = (product: ProductInput) =>
    input.meters.filter(
      (meter) =>
        meter.kind === (product.basis === 'value' ? 'value' : 'product') && productOf(meter) === product.product,
    );
  const madeNow = (product: ProductInput, period: Period, isFilled: boolean): Fraction =>
    sum(
      outputsOf(product)
        .filter((meter) => meter.rejected !== true)
        .map((meter) => net(meter, period, isFilled)),
    );
  const made = (product: ProductInput, period: Period, isFilled: boolean): Fraction | null => {
    const current = madeNow(product, period, isFilled);
    if (product.basis === 'quantity') return current;
    const index = product.priceIndex;
    return index === undefined ? null : over(times(current, given(index.baseline)), given(index[period]));
  };

  interface Flow {
    readonly carrier: string;
    readonly product: string | undefined;
    readonly takenOff: boolean;
    readonly converted: boolean;
    readonly quantity: Fraction;
  }
  function flowsOf(period: Period, isFilled: boolean): readonly Flow[] {
    const flows: Flow[] = [];
    for (const meter of input.meters) {
      const carrier = carrierOf(meter)!;
      if (meter.kind === 'energy') {
        const quantity = net(meter, period, isFilled);
        flows.push({
          carrier,
          product: productOf(meter),
          takenOff: isTakenOff(meter),
          converted: isConverted(meter),
          quantity: isTakenOff(meter) ? minus(quantity) : quantity,
        });
      }
      if (meter.kind === 'stock' && boughtOf(carrier).length > 0) {
        const [opening = null, closing = null] = levels(meter, period);
        if (opening !== null && closing !== null)
          flows.push({
            carrier,
            product: placeOf(meter),
            takenOff: false,
            converted: false,
            quantity: less(opening, closing),
          });
      }
      if (meter.kind === 'energy' && boughtOf(carrier).includes(meter)) {
        const quantity = besideCounts(meter, period) ?? NONE;
        flows.push({ carrier, product: productOf(meter), takenOff: false, converted: false, quantity });
      }
    }
    return flows;
  }
  /** What buys a carrier: under no meter that it is subtracted from. */
  const boughtOf = (carrier: string): readonly MeterInput[] =>
    input.meters.filter(
      (one) =>
        one.kind === 'energy' &&
        one.counts === 'import' &&
        carrierOf(one) === carrier &&
        !input.meters.some((parent) => subMeters(parent).includes(one)),
    );
  const placeOf = (stock: MeterInput): string | undefined => {
    const owners = new Set(boughtOf(carrierOf(stock)!).map(productOf));
    const named = productOf(stock);
    if (named !== undefined && (owners.has(named) || owners.has(undefined))) return named;
    return owners.size === 1 ? [...owners][0] : undefined;
  };
  /**
   * Section 5.2, second by second: of the packages with a second that only one of window and counts holds, what lies outside the window (r, added)
   * or inside it (b, taken off). Null where such a second of r has no package.
   */
  function besideCounts(bought: MeterInput, period: Period): Fraction | null {
    const { start, end } = windowOf(period, bought);
    const isInWindow = (second: number): boolean => second >= start && second < end;
    const counts = input.meters
      .filter((one) => one.kind === 'stock' && carrierOf(one) === carrierOf(bought))
      .filter((one) => {
        const [mine, its] = [productOf(bought), placeOf(one)];
        return mine === undefined || its === undefined || mine === its;
      })
      .map((one) => countTimes(one, period))
      .filter((edges): edges is [number, number] => !edges.includes(null));
    if (counts.length === 0) return NONE;
    const [opens, closes] = [counts.map(([opening]) => opening), counts.map(([, closing]) => closing)];
    const isWanted = (second: number): boolean =>
      period === 'reporting'
        ? !isInWindow(second) && (second < start ? second >= Math.min(...opens) : second < Math.max(...closes))
        : isInWindow(second) && (second < Math.max(...opens) || second >= Math.min(...closes));
    const all = bought[period]
      .filter((one) => one.provenance !== 'estimated' || rules.estimatedCountsAs === 'metered')
      .filter((one) => {
        const ends = [isInWindow(one.start), isInWindow(one.end - 1)];
        return isProrated(bought) || ends[0] === ends[1];
      });
    const secondsOf = (one: Reading) => Array.from({ length: one.end - one.start }, (_, index) => one.start + index);
    const shown = new Set(all.flatMap(secondsOf));
    if (period === 'reporting')
      for (let second = Math.min(...opens); second < Math.max(end, ...closes); second += 1)
        if (isWanted(second) && !shown.has(second)) return null;
    const amount = sum(
      all
        .filter((one) => one.quantity.mantissa > 0n && secondsOf(one).some(isWanted))
        .map((one) => {
          const part = secondsOf(one).filter((second) => isInWindow(second) !== (period === 'reporting')).length;
          return ceiling(over(times(quantityOf(one), [BigInt(part), 1n]), [BigInt(one.end - one.start), 1n]));
        }),
    );
    return period === 'reporting' ? amount : minus(amount);
  }
  const countsOf = (meter: MeterInput, period: Period): readonly (Reading | undefined)[] => {
    const { start, end } = windowOf(period, meter);
    return [start, end].map((edge) =>
      meter[period]
        .filter((one) => one.end <= edge && edge - one.end <= rules.longestGap)
        .filter((one) => one.quantity.mantissa >= 0n)
        .filter((one) => one.provenance !== 'estimated' || rules.estimatedCountsAs === 'metered')
        .toSorted((a, b) => a.end - b.end)
        .at(-1),
    );
  };
  const countTimes = (meter: MeterInput, period: Period): readonly (number | null)[] => {
    const found = countsOf(meter, period).map((one) => one?.end ?? null);
    return found.includes(null) ? [null] : found;
  };
  const levels = (meter: MeterInput, period: Period): readonly (Fraction | null)[] => {
    const found = countsOf(meter, period);
    return found.map((one) => (one === undefined ? null : quantityOf(one)));
  };

  interface Energy {
    /** Own and shared, exported and recovered negative. */
    readonly net: Fraction;
    /** Without what is taken off. */
    readonly gross: Fraction;
    /** Of each carrier, what was used of it in verdict units. */
    readonly uses: ReadonlyMap<string, Fraction>;
    /** The same of what was given off or recovered. */
    readonly takenOff: ReadonlyMap<string, Fraction>;
    readonly isShareable: boolean;
  }
  const sharesOf = new Map<string, ReadonlyMap<string, Fraction> | null>();
  function energiesOf(period: Period, isFilled: boolean, table: Period): ReadonlyMap<string, Energy> {
    const flows = flowsOf(period, isFilled);
    const price = (carrier: string): Fraction => given(input.factors[table].get(carrier)!.factor);
    const worth = (flow: Flow): Fraction => times(flow.quantity, price(flow.carrier));
    const own = (product: ProductInput, wanted: (flow: Flow) => boolean): Fraction =>
      sum(
        flows
          .filter((flow) => flow.product === product.product && takes(product, flow.carrier) && wanted(flow))
          .map(worth),
      );
    const weightOf = (product: ProductInput): Fraction | null => {
      // a label is enough for converted energy: it is in nobody's sum
      const converted = sum(flows.filter((flow) => flow.converted && flow.product === product.product).map(worth));
      if (input.allocationKey === 'direct_energy')
        return plus(
          own(product, (flow) => !flow.converted && !flow.takenOff),
          converted,
        );
      const output = made(product, period, isFilled);
      const isOwnValue = input.allocationKey === 'comparable_value' && product.basis === 'value';
      const declared = product.allocationWeight ?? (isOwnValue ? { n: 1n, d: 1n } : undefined);
      const factor = declared === undefined ? null : given(declared);
      return output === null || factor === null ? null : times(output, factor);
    };
    const sharesFor = (carrier: string): ReadonlyMap<string, Fraction> | null => {
      const claimants = products.filter((product) => takes(product, carrier));
      const [only] = claimants;
      if (only === undefined) return new Map();
      if (claimants.length === 1) return new Map([[only.product, WHOLE]]);
      // without its output a product cannot stand in a division, whatever the key
      if (claimants.some((product) => made(product, period, isFilled) === null)) return null;
      const weights = claimants.map(weightOf);
      if (weights.some((weight) => weight === null || weight[0] < 0n)) return null;
      const all = sum(weights as Fraction[]);
      return all[0] === 0n
        ? null
        : new Map(claimants.map(({ product }, index) => [product, over(weights[index]!, all)]));
    };
    return new Map(
      products.map((product) => {
        let whole = own(product, (flow) => !flow.converted);
        let gross = own(product, (flow) => !flow.converted && !flow.takenOff);
        let isShareable = true;
        const uses = new Map<string, Fraction>();
        const takenOff = new Map<string, Fraction>();
        const use = (flow: Flow, energy: Fraction): void => {
          const all = flow.takenOff ? takenOff : uses;
          all.set(flow.carrier, plus(all.get(flow.carrier) ?? NONE, energy));
        };
        for (const flow of flows.filter((one) => !one.converted && takes(product, one.carrier))) {
          if (flow.product === product.product) use(flow, worth(flow));
          if (flow.product !== undefined) continue;
          const shares = sharesFor(flow.carrier);
          sharesOf.set(`${period} ${isFilled} ${table} ${flow.carrier}`, shares);
          if (shares === null) {
            if (flow.quantity[0] !== 0n) isShareable = false;
            continue;
          }
          const part = times(worth(flow), shares.get(product.product)!);
          whole = plus(whole, part);
          if (!flow.takenOff) gross = plus(gross, part);
          use(flow, part);
        }
        return [product.product, { net: whole, gross, uses, takenOff, isShareable }];
      }),
    );
  }
  // one table for both periods is the headline
  const filled = {
    baseline: energiesOf('baseline', true, 'reporting'),
    reporting: energiesOf('reporting', true, 'reporting'),
  };
  const plain = {
    baseline: energiesOf('baseline', false, 'reporting'),
    reporting: energiesOf('reporting', false, 'reporting'),
  };
  const ownTable = energiesOf('baseline', true, 'baseline');
  const plainOwn = { baseline: energiesOf('baseline', false, 'baseline'), reporting: plain.reporting };
  const rowOf = (product: ProductInput, period: Period, critical: readonly string[]): SlowRow => {
    const name = product.product;
    const isCovered = (all: readonly MeterInput[]): boolean =>
      all.length > 0 && all.every((meter) => measuredOf[period].get(meter.meter)!.isWhole);
    const { net: energy, isShareable } = plain[period].get(name)!;
    return {
      energy,
      ownTable: plainOwn[period].get(name)!.net,
      output: made(product, period, false) ?? NONE,
      isEnergyKnown: isShareable && !critical.includes('stock-missing') && isCovered(reachingOf(product)),
      isOutputKnown: isCovered(outputsOf(product)),
    };
  };

  const adjustmentOf = (product: ProductInput, period: Period): Fraction =>
    sum(
      (input.adjustments ?? [])
        .filter((one) => one.product === product.product)
        .filter(({ window }) => window.start < input[period].end && window.end > input[period].start)
        .filter(({ window, energy }) => {
          const isInside = window.start >= input[period].start && window.end <= input[period].end;
          return isInside || (period === 'reporting' ? energy.n > 0n : energy.n < 0n);
        })
        .map(({ energy }) => given(energy)),
    );

  const { productionBasis, savingMoreThan, adverseCase, significance } = input.decision;
  function compare(baseline: SlowFigures, reporting: SlowFigures): SlowComparison {
    if (baseline.output[0] === 0n || reporting.output[0] === 0n)
      return { baseline, reporting, rate: null, saving: null, saved: false };
    const before = over(baseline.energy, baseline.output);
    const after = over(reporting.energy, reporting.output);
    const fell = less(before, after);
    const basis = productionBasis === 'reporting' ? reporting.output : baseline.output;
    return {
      baseline,
      reporting,
      rate: before[0] === 0n ? null : over(fell, size(before)),
      saving: times(fell, basis),
      saved: isAbove(fell, times(given(savingMoreThan), size(before))),
    };
  }
  const figuresOf = (
    product: ProductInput,
    period: Period,
    energies: ReadonlyMap<string, Energy>,
    isFilled: boolean,
  ): SlowFigures | null => {
    const output = made(product, period, isFilled);
    return output === null
      ? null
      : { energy: plus(energies.get(product.product)!.net, adjustmentOf(product, period)), output };
  };

  /** Section 8. */
  function adverseFigures(product: ProductInput, period: Period, figures: SlowFigures): SlowFigures {
    let energy = NONE;
    let output = NONE;
    for (const found of input.auditedDifferences) {
      if ((found.period ?? 'reporting') !== period) continue;
      const difference = ceiling(size(given(found.difference)));
      if (found.against === 'product') {
        if (found.product !== product.product) continue;
        const current = madeNow(product, period, true);
        const scale = current[0] === 0n ? WHOLE : over(made(product, period, true)!, current);
        output = plus(output, size(times(difference, scale)));
        continue;
      }
      const carrier = found.carrier!;
      if (!takes(product, carrier)) continue;
      const side = found.takenOff === true ? 'takenOff' : 'uses';
      const use = (one: ProductInput) => size(filled[period].get(one.product)![side].get(carrier) ?? NONE);
      const all = sum(products.map(use));
      const share = all[0] === 0n ? WHOLE : over(use(product), all);
      energy = plus(energy, size(times(times(difference, given(input.factors.reporting.get(carrier)!.factor)), share)));
    }
    if (period === 'baseline') return { energy: less(figures.energy, energy), output: plus(figures.output, output) };
    const left = less(figures.output, output);
    return { energy: plus(figures.energy, energy), output: left[0] < 0n ? NONE : left };
  }

  /** Section 9. */
  function uncertaintyOf(product: ProductInput, { baseline, reporting, rate }: SlowComparison): Fraction | null {
    if (rate === null || baseline.energy[0] === 0n || reporting.energy[0] === 0n) return null;
    const weightOf = (meter: MeterInput, period: Period): Fraction => {
      const carrier = carrierOf(meter)!;
      if (isConverted(meter) || !takes(product, carrier)) return NONE;
      const owner = productOf(meter);
      if (owner !== undefined) return owner === product.product ? WHOLE : NONE;
      return sharesOf.get(`${period} true reporting ${carrier}`)?.get(product.product) ?? NONE;
    };
    const parentOf = (meter: MeterInput) => {
      const parent = above(meter)[0];
      return parent !== undefined && subMeters(parent).includes(meter) ? parent : undefined;
    };
    const spreadOf = (
      all: readonly MeterInput[],
      weigh: (meter: MeterInput, period: Period) => Fraction,
      totals: Readonly<Record<Period, Fraction>>,
      price: (meter: MeterInput) => Fraction,
    ): Fraction | null => {
      let spread = NONE;
      for (const meter of all) {
        const x = (period: Period): Fraction => {
          const parent = parentOf(meter);
          const weight = less(weigh(meter, period), parent === undefined ? NONE : weigh(parent, period));
          const measured = measuredOf[period].get(meter.meter)!.measured;
          return over(times(times(measured, weight), price(meter)), totals[period]);
        };
        const [before, after] = [x('baseline'), x('reporting')];
        if (before[0] === 0n && after[0] === 0n) continue;
        if (meter.accuracy === undefined) return null;
        const accuracy = quantityOf({ quantity: meter.accuracy } as Reading);
        const common = times(times([2n, 1n], given(significance.sameMeterCorrelation)), times(before, after));
        const squares = less(plus(times(after, after), times(before, before)), common);
        spread = plus(spread, times(times(accuracy, accuracy), squares));
      }
      return spread;
    };
    const energy = spreadOf(
      input.meters.filter(({ kind }) => kind === 'energy'),
      weightOf,
      { baseline: baseline.energy, reporting: reporting.energy },
      (meter) => given(input.factors.reporting.get(carrierOf(meter)!)!.factor),
    );
    const outputs = { baseline: madeNow(product, 'baseline', true), reporting: madeNow(product, 'reporting', true) };
    const output = spreadOf(
      outputsOf(product),
      (meter) => (outputsOf(product).includes(meter) && meter.rejected !== true ? WHOLE : NONE),
      outputs,
      () => WHOLE,
    );
    if (energy === null || output === null) return null;
    const quotient = over(over(reporting.energy, reporting.output), over(baseline.energy, baseline.output));
    const k = given(significance.k);
    return over(times(times(k, k), times(plus(energy, output), times(quotient, quotient))), [3n, 1n]);
  }

  /** The energy meters that a product rests on. */
  const reachingOf = (product: ProductInput): readonly MeterInput[] =>
    input.meters.filter(
      (meter) =>
        meter.kind === 'energy' &&
        takes(product, carrierOf(meter)!) &&
        (productOf(meter) === undefined || productOf(meter) === product.product),
    );
  function criticalOf(product: ProductInput, period: Period): readonly string[] {
    const name = product.product;
    const outputs = outputsOf(product);
    const reaching = reachingOf(product);
    const all = [...reaching, ...outputs];
    const found = all.flatMap((meter) => measuredOf[period].get(meter.meter)!.critical);
    const ran = (meter: MeterInput, idle: ReadonlySet<number>): boolean =>
      meter[period].some((one) => {
        if (one.quantity.mantissa <= 0n || one.provenance === 'idle') return false;
        const shift = meter.dayStart ?? 0;
        for (let second = one.start - shift; second < one.end - shift; second += 1) if (!idle.has(second)) return false;
        return true;
      });
    for (const meter of all) {
      const { idle } = measuredOf[period].get(meter.meter)!;
      if (subMeters(meter).some((one) => ran(one, idle))) found.push('idle-contradicted');
      const counts = meter.kind === 'energy' && !isTakenOff(meter) && !isConverted(meter);
      if (counts && outputs.some((one) => ran(one, idle))) found.push('idle-contradicted');
    }
    if (product.basis === 'value' && product.priceIndex === undefined) found.push('index-missing');
    const energy = filled[period].get(name)!;
    if (!energy.isShareable) found.push('allocation-impossible');
    if (outputs.every((meter) => meter.rejected === true || measuredOf[period].get(meter.meter)!.counted === 0))
      found.push('product-missing');
    if (madeNow(product, period, true)[0] > 0n && energy.gross[0] <= 0n) found.push('energy-missing');
    const length = input[period].end - input[period].start;
    if (
      reaching.length > 0 &&
      outputs.length > 0 &&
      isAbove(given(rules.coverageJoint), [BigInt(jointOf(all, period)), BigInt(length)])
    )
      found.push('data-gap');
    const starts = all.map((meter) => meter.dayStart ?? 0);
    if (
      rules.skewMost !== undefined &&
      Math.max(...starts, 0) - Math.min(...(starts.length > 0 ? starts : [0])) > rules.skewMost
    )
      found.push('skew');
    for (const meter of input.meters) {
      const carrier = carrierOf(meter);
      if (carrier === undefined || !takes(product, carrier)) continue;
      const reaches = (owner: string | undefined): boolean => owner === undefined || owner === name;
      const bought = boughtOf(carrier);
      if (
        meter.kind === 'stock' &&
        bought.length > 0 &&
        reaches(placeOf(meter)) &&
        levels(meter, period).includes(null)
      )
        found.push('stock-missing');
      if (bought.includes(meter) && reaches(productOf(meter)) && besideCounts(meter, period) === null)
        found.push('stock-missing');
    }
    return found;
  }
  const jointOf = (all: readonly MeterInput[], period: Period): number => {
    let joint = 0;
    for (let second = input[period].start; second < input[period].end; second += 1)
      if (all.length > 0 && all.every((meter) => measuredOf[period].get(meter.meter)!.covered.has(second))) joint += 1;
    return joint;
  };

  const NO_FIGURE = ['allocation-impossible', 'energy-missing', 'index-missing', 'product-missing'];
  return new Map(
    products.map((product): [string, SlowProduct] => {
      const hasBaseline = outputsOf(product).some(
        (meter) => meter.rejected !== true && measuredOf.baseline.get(meter.meter)!.counted > 0,
      );
      const critical = [...criticalOf(product, 'reporting'), ...(hasBaseline ? criticalOf(product, 'baseline') : [])];
      const isFormed = hasBaseline && !critical.some((code) => NO_FIGURE.includes(code));
      const form = (before: SlowFigures | null, after: SlowFigures | null): SlowComparison | null =>
        !isFormed || before === null || after === null ? null : compare(before, after);
      const after = figuresOf(product, 'reporting', filled.reporting, true);
      const headline = form(figuresOf(product, 'baseline', filled.baseline, true), after);
      const adverse =
        headline === null
          ? null
          : compare(
              adverseFigures(product, 'baseline', headline.baseline),
              adverseFigures(product, 'reporting', headline.reporting),
            );
      const uncertainty = headline === null ? null : uncertaintyOf(product, headline);
      const verdictOf = (): string => {
        if (!hasBaseline) return 'no_baseline';
        if (headline === null || critical.length > 0) return 'insufficient_data';
        if (headline.baseline.output[0] === 0n) return 'no_baseline';
        if (headline.reporting.output[0] === 0n) return 'not_produced';
        if (!headline.saved) return 'not_saved';
        if (adverseCase === 'must_hold' && adverse?.saved !== true) return 'not_distinguishable';
        const { rate } = headline;
        const isClear = rate !== null && uncertainty !== null && isAbove(times(rate, rate), uncertainty);
        return significance.below === 'refuse' && !isClear ? 'not_distinguishable' : 'saved';
      };
      const rests = [...reachingOf(product), ...outputsOf(product)];
      const each = <T>(of: (period: Period) => T): Readonly<Record<Period, T>> => ({
        baseline: of('baseline'),
        reporting: of('reporting'),
      });
      return [
        product.product,
        {
          verdict: verdictOf(),
          critical: [...new Set(critical)].toSorted(),
          headline,
          withoutFill: form(
            figuresOf(product, 'baseline', plain.baseline, false),
            figuresOf(product, 'reporting', plain.reporting, false),
          ),
          ownTable: form(figuresOf(product, 'baseline', ownTable, true), after),
          adverse,
          uncertainty,
          covered: each((period) =>
            rests.map((meter): [string, number] => [meter.meter, measuredOf[period].get(meter.meter)!.covered.size]),
          ),
          joint: each((period) => jointOf(rests, period)),
          plain: each((period) => rowOf(product, period, criticalOf(product, period))),
        },
      ];
    }),
  );
}
