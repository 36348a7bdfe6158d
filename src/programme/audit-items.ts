import {
  absRatio,
  compareRatio,
  multiplyRatio,
  ONE,
  type Rational,
  ratioOfDecimal,
  subtractRatio,
  sumRatios,
} from '../calc/ratio.ts';
import { convertUnit } from '../calc/unit.ts';
import { JoulemarkError } from '../errors.ts';
import { equalBytes } from '../crypto/hash.ts';
import { encodeCbor } from '../ledger/codec/encode.ts';
import type { Comparison } from './audit-compare.ts';
import { beforeLoss, isOutlet, lossAt } from './audit-intake.ts';
import { type AuditSample, drawSample } from './audit-sample.ts';
import { isParty } from './audit-share.ts';
import { auditedPackages } from './audit-set.ts';
import { type BoundaryMeter, meterOfPackage } from './boundary.ts';
import { type AuditFigures, type SampleFigures, sampleFigures } from './figures.ts';
import type { CountedPackage } from './packages.ts';
import { policyRuling } from './rules.ts';
import type { AuditRecord, Organisation, ProgrammeState } from './state.ts';

/**
 * The figures of an audit with what was looked at one by one, where the policy asks for a sample: each package drawn against the own records of
 * exactly its time. One that differs where the sums agree is a remark.
 * @throws JoulemarkError PENDING while the outside value is not on the ledger.
 */
export function withSample(comparison: Comparison, figures: AuditFigures): AuditFigures {
  const { state, policy, applicant, auditor, relation, labels, window } = comparison;
  const packages = auditedPackages(applicant, relation, labels, window);
  const drawn = drawSample(state, policy, { applicant: applicant.id, auditor: auditor.id, relation, window }, packages);
  if (drawn === null) return figures;
  if ('missing' in drawn) {
    const { series, label } = drawn.missing;
    throw new JoulemarkError(
      'PENDING',
      `the value of '${series}' for ${label}, which the sample is drawn by, is not on the ledger yet`,
      {
        hints: ['the certification body enters it: joulemark table publish'],
      },
    );
  }
  const verdicts = drawn.packages.map((one) => agreesAlone(comparison, figures, one));
  const differ = verdicts.filter((agrees) => agrees === false).length;
  const sample = { ...toSampleFigures(drawn), compared: verdicts.filter((agrees) => agrees !== null).length, differ };
  return {
    ...figures,
    proposal: differ > 0 && figures.proposal === 'pass' ? 'pass_with_remarks' : figures.proposal,
    sample,
  };
}

/** A sample as it stands in the figures: without what was found. Every package is named only where some were drawn. */
export function toSampleFigures({
  packages,
  looks,
  ...drawn
}: AuditSample): Omit<SampleFigures, 'compared' | 'differ'> {
  const named = looks === 'sample' ? packages : [];
  return { ...drawn, looks, packages: named.map(({ meter, start, end }) => [meter, [start, end]] as const) };
}

/** Whether one package agrees with the own records of exactly its time; null where there are none, or it is nothing that the auditor records. */
function agreesAlone(comparison: Comparison, figures: AuditFigures, counted: CountedPackage): boolean | null {
  const { boundary, books, policy, relation } = comparison;
  const meter = meterOfPackage(boundary, counted.meter);
  const label = meter === undefined ? undefined : labelOf(comparison, meter, counted);
  const direction = relation === 'upstream' && meter !== undefined && isOutlet(policy, meter) ? 'export' : undefined;
  const tolerance = figures.lines.find((line) => line.label === label && line.direction === direction)?.tolerance;
  if (meter === undefined || label === undefined || tolerance === undefined || books === undefined) return null;
  const own = books.records.filter(
    (record) =>
      (record.account ?? record.product) === label &&
      record.direction === direction &&
      record.from === counted.start &&
      record.to === counted.end,
  );
  if (own.length === 0) return null;
  const recorded = sumRatios(
    own.map(({ quantity, unit }) => multiplyRatio(ratioOfDecimal(quantity), convertUnit(unit, meter.unit))),
  );
  const loss = lossOf(comparison, label);
  const expected =
    direction === 'export' ? beforeLoss(recorded, loss) : multiplyRatio(recorded, subtractRatio(ONE, loss));
  const difference = absRatio(subtractRatio(ratioOfDecimal(counted.payload.quantity), expected));
  return compareRatio(difference, multiplyRatio(tolerance, recorded)) <= 0;
}

/** What the auditor records a package under: his supply point, or the product of a shipment to him. */
function labelOf(
  { relation, state, auditor }: Comparison,
  meter: BoundaryMeter,
  { payload }: CountedPackage,
): string | undefined {
  if (relation === 'upstream') return meter.kind === 'energy' ? meter.at : undefined;
  const isMine = meter.kind === 'shipment' && isParty(state, { auditor: auditor.id }, payload.party);
  return relation === 'downstream' && isMine ? meter.product : undefined;
}

function lossOf({ relation, books, boundary }: Comparison, label: string): Rational {
  const point = boundary.supplyPoints.get(label);
  return relation !== 'upstream' || point === undefined || books === undefined
    ? { n: 0n, d: 1n }
    : lossAt(books.loss, point);
}

/**
 * Whether the sample of an audit's figures is what anybody draws again, from the packages as they count now; null where none is asked for, the value
 * is not on the ledger, or there are no figures to read it from.
 */
export function isSampleAsDrawn(
  state: ProgrammeState,
  applicant: Organisation,
  { auditor, content: { relation, window } }: AuditRecord,
  packages: readonly CountedPackage[],
  figures: AuditFigures | undefined,
): boolean | null {
  const span = { start: window[0], end: window[1] };
  const policy = policyRuling(state.policies, span.start)?.value;
  if (policy === undefined || figures === undefined) return null;
  const drawn = drawSample(state, policy, { applicant: applicant.id, auditor, relation, window: span }, packages);
  if (drawn === null || 'missing' in drawn) return null;
  if (figures.sample === undefined) return false;
  const { compared: _compared, differ: _differ, ...told } = figures.sample;
  return equalBytes(encodeSample(told), encodeSample(toSampleFigures(drawn)));
}

const encodeSample = (drawn: Omit<SampleFigures, 'compared' | 'differ'>): Uint8Array =>
  encodeCbor(sampleFigures.write({ ...drawn, compared: 0, differ: 0 }));
