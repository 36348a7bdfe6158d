import { shareOf } from '../calc/coverage.ts';
import type { CarrierLine, PeriodCoverage, ProductEvaluation } from '../calc/evaluation.ts';
import { ratioOfText } from '../calc/ratio.ts';
import { recoveredShare } from '../calc/recovered-share.ts';
import type { Id } from '../ledger/codec/id.ts';
import { isSetAside } from './audit-ruling.ts';
import { addDuration, dateAt } from './calendar.ts';
import type { Decided } from './decide.ts';
import { showSpan } from './decision-view.ts';
import type { AnswerContent, DecisionContent } from './entries.ts';
import { amount, type Figure, percent, significant } from './figure.ts';
import type { AuditRecord, DecisionRecord, Organisation, ProgrammeState } from './state.ts';

/** What a certificate prints beside the verdict, products and rates of `DecisionView`: JSON-safe, every figure exact and displayed. */
export interface CertificateView {
  readonly holder: { readonly id: Id; readonly name: string; readonly legalId: string | null };
  /** Dates of the programme's zone, the last one included; null where nothing is certified. */
  readonly valid: { readonly from: string; readonly until: string } | null;
  readonly products: readonly CertifiedProduct[];
  /** All products together; null where none has a verdict. */
  readonly together: {
    readonly ratePercent: Figure | null;
    readonly saving: Figure | null;
    /** What the change of the mix alone did; null where units differ. */
    readonly productMix: Figure | null;
  } | null;
  readonly audits: readonly CertifiedAudit[];
}

export interface CertifiedProduct {
  readonly product: string;
  readonly carriers: readonly {
    readonly side: 'baseline' | 'reporting';
    readonly carrier: string;
    readonly counts: string;
    readonly quantity: Figure | null;
    readonly unit: string;
    readonly source: string;
    readonly energy: Figure | null;
  }[];
  /** Taken off the energy, verdict units. */
  readonly recovered: { readonly baseline: Figure | null; readonly reporting: Figure | null };
  /** The same of what was used before anything is taken off: it rests on the holder's own meters. */
  readonly recoveredPercent: { readonly baseline: Figure | null; readonly reporting: Figure | null };
  readonly adjustments: readonly {
    readonly side: 'baseline' | 'reporting';
    readonly window: string;
    readonly energy: Figure | null;
    readonly counted: boolean;
    readonly reason: string;
    readonly from: string;
  }[];
  readonly coverage: { readonly baseline: CertifiedCoverage; readonly reporting: CertifiedCoverage };
  /** Half-width around the rate, percentage points, from the accuracies of the meters. */
  readonly uncertainty: { readonly percent: Figure | null; readonly distinguishable: boolean } | null;
}

/** Shares of the window: of all meters together, and of the meter that is covered least. */
export interface CertifiedCoverage {
  readonly jointPercent: Figure | null;
  readonly leastPercent: Figure | null;
  readonly gaps: number;
  /** Of the covered time of all meters. */
  readonly manualPercent: Figure | null;
  readonly estimatedPercent: Figure | null;
  /** Seconds by which the days of the meters are apart. */
  readonly skew: number;
}

export interface CertifiedAudit {
  readonly auditor: string;
  readonly relation: string;
  readonly labels: readonly string[];
  readonly window: string;
  readonly verdict: string;
  readonly reason: string | null;
  /** `block:entry` of the auditor's chain. */
  readonly place: string;
  readonly answers: readonly string[];
  /** The body's last word on it. */
  readonly ruling: { readonly ruling: string; readonly reason: string; readonly effective: boolean } | null;
}

/** `answers`: what the applicant answered to audits, as far as it was covered. */
export function toCertificateView(
  state: ProgrammeState,
  applicant: Organisation,
  decided: Decided,
  decision: DecisionRecord,
  answers: readonly AnswerContent[],
): CertificateView {
  const { policy, evaluation } = decided;
  const { content } = decision;
  const zone = policy?.time.zone ?? 'UTC';
  const mix = evaluation?.mix ?? null;
  return {
    holder: { id: applicant.id, name: applicant.name, legalId: applicant.legalId },
    valid:
      policy === null || content.status !== 'CERTIFIED'
        ? null
        : {
            from: dateAt(decision.time, zone),
            until: dateAt(addDuration(decision.time, policy.certificate.valid, zone) - 1, zone),
          },
    products: (evaluation?.products ?? []).map((product) => toProduct(product, zone)),
    together:
      mix === null
        ? null
        : {
            ratePercent: percent(mix.rate),
            saving: amount(mix.saving),
            productMix: amount(mix.productMix?.effect),
          },
    audits: auditsOf(state, applicant, content, answers, zone),
  };
}

const SIDES = ['baseline', 'reporting'] as const;

function toProduct(product: ProductEvaluation, zone: string): CertifiedProduct {
  const { uncertainty, carriers, adjustments, coverage, recovered } = product;
  return {
    product: product.product,
    carriers: SIDES.flatMap((side) => carriers[side].map((line) => ({ side, ...toCarrier(line) }))),
    recovered: { baseline: amount(recovered.baseline), reporting: amount(recovered.reporting) },
    recoveredPercent: {
      baseline: percent(recoveredShare(carriers.baseline)),
      reporting: percent(recoveredShare(carriers.reporting)),
    },
    adjustments: SIDES.flatMap((side) =>
      adjustments[side].map(({ start, end, energy, counted, reason, from }) => ({
        side,
        window: showSpan({ start, end }, zone),
        energy: amount(energy),
        counted,
        reason,
        from,
      })),
    ),
    coverage: { baseline: toCoverage(coverage.baseline), reporting: toCoverage(coverage.reporting) },
    uncertainty:
      uncertainty === null
        ? null
        : { percent: percent(ratioOfText(uncertainty.expanded)), distinguishable: uncertainty.distinguishable },
  };
}

const toCarrier = ({ carrier, counts, quantity, unit, source, energy }: CarrierLine) => ({
  carrier,
  counts,
  quantity: significant(quantity),
  unit,
  source,
  energy: significant(energy),
});

function toCoverage({ meters, joint, window, skew }: PeriodCoverage): CertifiedCoverage {
  const sumOf = (of: (meter: (typeof meters)[number]) => number): number =>
    meters.reduce((sum, meter) => sum + of(meter), 0);
  const covered = sumOf((meter) => meter.covered);
  const share = (part: number, whole: number): Figure | null => (whole === 0 ? null : percent(shareOf(part, whole), 1));
  const least = meters.reduce<(typeof meters)[number] | undefined>(
    (worst, meter) =>
      worst === undefined || meter.covered * worst.window < worst.covered * meter.window ? meter : worst,
    undefined,
  );
  return {
    jointPercent: share(joint, window),
    leastPercent: least === undefined ? null : share(least.covered, least.window),
    gaps: sumOf((meter) => meter.gaps),
    manualPercent: share(
      sumOf((meter) => meter.byProvenance.manual),
      covered,
    ),
    estimatedPercent: share(
      sumOf((meter) => meter.byProvenance.estimated),
      covered,
    ),
    skew,
  };
}

function auditsOf(
  state: ProgrammeState,
  applicant: Organisation,
  { audits }: DecisionContent,
  answers: readonly AnswerContent[],
  zone: string,
): readonly CertifiedAudit[] {
  const counted = audits.flatMap((place) => {
    const all = state.organisations.get(place.auditor)?.audits ?? [];
    return all.filter(({ seq, entry }) => seq === place.seq && entry === place.entry);
  });
  return counted.map((audit) => {
    const { relation, labels, window, verdict, reason } = audit.content;
    const [start, end] = window;
    const ruling = state.rulings.findLast((one) => isOf(one, audit));
    return {
      auditor: state.organisations.get(audit.auditor)?.name ?? '',
      relation,
      labels,
      window: showSpan({ start, end }, zone),
      verdict,
      reason: reason ?? null,
      place: `${audit.seq}:${audit.entry}`,
      answers: answers.filter((one) => isOf(one, audit)).map(({ text }) => text),
      ruling:
        ruling === undefined
          ? null
          : {
              ruling: ruling.ruling,
              reason: ruling.reason,
              effective: ruling.ruling === 'upheld' || isSetAside(state, applicant, audit, counted),
            },
    };
  });
}

const isOf = (
  one: { readonly auditor: Id; readonly seq: number; readonly entry: number },
  audit: AuditRecord,
): boolean => one.auditor === audit.auditor && one.seq === audit.seq && one.entry === audit.entry;
