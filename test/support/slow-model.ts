/**
 * Section 16 of `docs/spec/calculation-v1.md` once more, from the page alone: rows as evaluations of their own, least squares by Cramer's
 * rule over fractions. For plants of a dozen rows and two or three terms. What it leaves out: validity, significance, the adverse case.
 */
import type { EvaluationInput, MeterInput, ProductInput, Reading, Window } from '../../src/calc/evaluation-input.ts';
import type { VariableInput } from '../../src/calc/regression-input.ts';
import {
  floor,
  type Fraction,
  given,
  isAbove,
  less,
  NONE,
  over,
  plus,
  quantityOf,
  size,
  slowEvaluation,
  type SlowProduct,
  type SlowRow,
  sum,
  times,
} from './slow-evaluation.ts';

export interface SlowModel {
  readonly used: number;
  readonly coefficients: readonly Fraction[];
  readonly sums: readonly Fraction[];
  readonly modelled: Fraction;
  readonly withheld: Fraction;
  readonly adjustment: Fraction;
  readonly adjusted: Fraction;
  readonly saving: Fraction;
  readonly rate: Fraction | null;
  readonly saved: boolean;
}

type Side = 'baseline' | 'reporting' | 'fixedBase';
type Form = 'headline' | 'ownTable' | 'fixedBase';

interface Row {
  readonly energy: Fraction | null;
  readonly values: readonly (Fraction | null)[];
  readonly output: Fraction;
}

const whole = (n: number): Fraction => [BigInt(n), 1n];

/** Each product's model in each form; null where none is formed, absent where the policy has none or the ratio no verdict. */
export function slowModels(
  input: EvaluationInput,
  evaluated: ReadonlyMap<string, SlowProduct>,
): ReadonlyMap<string, Readonly<Record<Form, SlowModel | null>> | null> {
  const found = new Map<string, Readonly<Record<Form, SlowModel | null>> | null>();
  for (const product of input.products) {
    const slow = evaluated.get(product.product)!;
    if (!['saved', 'not_saved', 'not_distinguishable'].includes(slow.verdict)) continue;
    const headline = modelOf(input, product, 'headline', slow);
    const has = { ownTable: slow.ownTable !== null, fixedBase: isMade(input, product) };
    found.set(
      product.product,
      headline === null
        ? null
        : {
            headline,
            ownTable: has.ownTable ? modelOf(input, product, 'ownTable', slow) : null,
            fixedBase: has.fixedBase ? modelOf(input, product, 'fixedBase', slow) : null,
          },
    );
  }
  return found;
}

/** True where a package of its output counts in f. */
function isMade({ meters, fixedBase }: EvaluationInput, { product }: ProductInput): boolean {
  if (fixedBase === undefined) return false;
  return meters.some(
    (meter) =>
      meter.kind === 'product' &&
      meter.product === product &&
      (meter.fixedBase ?? []).some(({ start, end }) => start >= fixedBase.start && end <= fixedBase.end),
  );
}

function modelOf(
  input: EvaluationInput,
  product: ProductInput,
  form: Form,
  { headline }: SlowProduct,
): SlowModel | null {
  const rules = input.regression!;
  const side = form === 'fixedBase' ? 'fixedBase' : 'baseline';
  const names = rules.products.get(product.product)!;
  const rowsOf = (of: Side) => rules.rows[of]!.map((row) => rowOf(input, product, of, row, names, form === 'ownTable'));
  const before = rowsOf(side);
  const after = rowsOf('reporting');
  const known = before.filter(({ energy, values }) => energy !== null && !values.includes(null));
  const share: Fraction = [BigInt(known.length), BigInt(before.length)];
  if (known.length <= names.length + 1 || isAbove(given(rules.coverage), share)) return null;
  const design = known.map(({ values }) => [whole(1), ...(values as readonly Fraction[])]);
  const coefficients = leastSquares(
    design,
    known.map(({ energy }) => energy!),
  );
  if (coefficients === null) return null;
  const sums = names.map((name, j) => {
    const rises = isAbove(coefficients[j + 1]!, NONE);
    const all = [...before, ...after].map(({ values }) => values[j] ?? null).filter((value) => value !== null);
    const worst = all.length === 0 ? NONE : all.reduce((a, b) => (isAbove(a, b) === rises ? b : a));
    const most = (a: Fraction): Fraction => (isAbove(a, worst) ? a : worst);
    const missing = (output: Fraction): Fraction => (rises ? output : most(output));
    return sum(after.map(({ values, output }) => values[j] ?? (name === 'output' ? missing(output) : worst)));
  });
  const count = whole(after.length);
  const modelled = sum([count, ...sums].map((x, j) => times(coefficients[j]!, x)));
  const withheld = times(size(modelled), [BigInt(before.length - known.length), BigInt(before.length)]);
  const window = input[side]!;
  const adjustment = over(times(adjustmentsIn(input, product, window), count), whole(before.length));
  const adjusted = floor(plus(less(modelled, withheld), adjustment));
  const saving = less(adjusted, headline!.reporting.energy);
  return {
    used: known.length,
    coefficients,
    sums,
    modelled,
    withheld,
    adjustment,
    adjusted,
    saving,
    rate: adjusted[0] === 0n ? null : over(saving, size(adjusted)),
    saved: isAbove(saving, times(given(input.decision.savingMoreThan), size(adjusted))),
  };
}

/** Of a window before the reporting period: whole where it lies inside, or where less energy is against the claimant. */
function adjustmentsIn({ adjustments = [] }: EvaluationInput, { product }: ProductInput, window: Window): Fraction {
  return sum(
    adjustments
      .filter((one) => one.product === product)
      .filter((one) => one.window.start < window.end && one.window.end > window.start)
      .filter((one) => (one.window.start >= window.start && one.window.end <= window.end) || one.energy.n < 0n)
      .map(({ energy }) => given(energy)),
  );
}

/** A row as an evaluation of its own, in the place of the baseline or of the reporting period. */
function rowOf(
  input: EvaluationInput,
  product: ProductInput,
  side: Side,
  row: Window,
  names: readonly string[],
  isOwn: boolean,
): Row {
  const place = side === 'reporting' ? 'reporting' : 'baseline';
  const meters = input.meters.map((meter): MeterInput => ({ ...meter, [place]: meter[side] ?? [] }));
  const factors = side === 'fixedBase' ? { ...input.factors, baseline: input.factors.fixedBase! } : input.factors;
  const only = { ...input, adjustments: [], auditedDifferences: [], meters, factors, [place]: row };
  const found: SlowRow = slowEvaluation(only).get(product.product)!.plain[place];
  const energy = isOwn ? found.ownTable : found.energy;
  return {
    energy: found.isEnergyKnown ? energy : null,
    values: names.map((name) => {
      if (name === 'output') return found.isOutputKnown ? found.output : null;
      const variable = input.regression!.variables.get(name);
      return variable === undefined ? null : valueOf(variable, variable[side] ?? [], row);
    }),
    output: found.output,
  };
}

/** The sum of the readings inside a row, or the mean of its seconds; null where a second is without one. */
function valueOf({ takes, dayStart = 0 }: VariableInput, readings: readonly Reading[], row: Window): Fraction | null {
  const [start, end] = [row.start + dayStart, row.end + dayStart];
  const inside = readings.filter((one) => one.start >= start && one.end <= end);
  if (inside.reduce((seconds, one) => seconds + one.end - one.start, 0) < end - start) return null;
  if (takes === 'sum') return sum(inside.map(quantityOf));
  const weighted = inside.map((one) => times(quantityOf(one), whole(one.end - one.start)));
  return over(sum(weighted), whole(end - start));
}

/** b of X'X b = X'y by Cramer's rule; null where the determinant is zero. */
function leastSquares(design: readonly (readonly Fraction[])[], y: readonly Fraction[]): readonly Fraction[] | null {
  const size_ = design[0]!.length;
  const cell = (i: number, of: (row: number) => Fraction): Fraction =>
    lowest(sum(design.map((row, r) => times(row[i]!, of(r)))));
  const gram = Array.from({ length: size_ }, (_, i) =>
    Array.from({ length: size_ }, (__, j) => cell(i, (r) => design[r]![j]!)),
  );
  const right = gram.map((_, i) => cell(i, (r) => y[r]!));
  const all = determinant(gram);
  if (all[0] === 0n) return null;
  return gram.map((_, j) =>
    lowest(over(determinant(gram.map((row, i) => row.map((x, k) => (k === j ? right[i]! : x)))), all)),
  );
}

/** Laplace's expansion along the first row. */
function determinant(matrix: readonly (readonly Fraction[])[]): Fraction {
  const [first, ...rest] = matrix;
  if (first === undefined) return [1n, 1n];
  return sum(
    first.map((x, j) => {
      const minor = determinant(rest.map((row) => row.filter((_, k) => k !== j)));
      const part = times(x, minor);
      return j % 2 === 0 ? part : [-part[0], part[1]];
    }),
  );
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
/** A fraction in lowest terms, so that sums of sums stay short. */
function lowest([n, d]: Fraction): Fraction {
  const common = gcd(n < 0n ? -n : n, d);
  return common === 0n ? [n, d] : [n / common, d / common];
}
