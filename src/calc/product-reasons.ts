import { reachesShare } from './coverage.ts';
import { grossEnergy } from './energy-lines.ts';
import type { DataRules, ProductInput } from './evaluation-input.ts';
import type { PeriodCoverage, Reason, ReasonCode } from './evaluation.ts';
import { checkIdle, checkIdleTree } from './idle-check.ts';
import { percentText } from './meter-period.ts';
import type { PeriodView, PeriodViews } from './period-view.ts';
import type { ProductMeters } from './product-meters.ts';
import { reason } from './reason.ts';

/** With one of these the figures themselves are incomplete, and none is printed. */
const NO_FIGURE: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'allocation-impossible',
  'energy-missing',
  'factor-missing',
  'index-missing',
  'meter-tree',
  'product-missing',
  'unit-mismatch',
]);

/** Whether a product's figures cannot be formed at all, not even to be printed as insufficient. */
export function preventsFigures(found: Reason): boolean {
  return found.severity === 'critical' && NO_FIGURE.has(found.code);
}

/** Whether an energy line of a product is missing or wrong in a view. */
export function hasMissingFactor(view: PeriodView, product: string): boolean {
  return view.energy.notes.some((note) => note.products.includes(product) && preventsFigures(note.reason));
}

/** Everything found about one product in one period. */
export function productReasons(
  product: ProductInput,
  views: PeriodViews,
  meters: ProductMeters,
  coverage: PeriodCoverage,
  rules: DataRules,
): readonly Reason[] {
  const { period, filled } = views;
  const name = product.product;
  const quantity = filled.quantities.get(name)!;
  const found: Reason[] = [...quantity.reasons];
  for (const note of filled.energy.notes) if (note.products.includes(name)) found.push(note.reason);
  for (const meter of [...meters.energy, ...meters.output]) found.push(...meter.reasons);
  // shared meters too: an applicant with one product need not label its energy
  found.push(...checkIdle(meters.energy, meters.output, period));
  found.push(...checkIdleTree([...meters.energy, ...meters.output], views.meters, period));
  if (quantity.counted === 0)
    found.push(reason('product-missing', 'critical', `no output of '${name}' is recorded`, period));
  const gross = grossEnergy(filled.energy.lines.get(name) ?? []);
  if (quantity.current.n > 0n && gross.n <= 0n)
    found.push(reason('energy-missing', 'critical', `'${name}' has output and no energy`, period));
  if (
    meters.energy.length > 0 &&
    meters.output.length > 0 &&
    !reachesShare(coverage.joint, coverage.window, rules.coverageJoint)
  ) {
    const text = `the meters of '${name}' cover ${percentText(coverage.joint, coverage.window)} of the period together`;
    found.push(reason('data-gap', 'critical', text, period));
  }
  if (rules.skewMost !== undefined && coverage.skew > rules.skewMost) {
    found.push(
      reason(
        'skew',
        'critical',
        `the days of the meters of '${name}' begin ${coverage.skew} s apart, at most ${rules.skewMost} s are allowed`,
        period,
      ),
    );
  }
  return found;
}
