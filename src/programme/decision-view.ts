import type { MeterCoverage, ProductEvaluation } from '../calc/evaluation.ts';
import { dateAt, showTime } from './calendar.ts';
import type { RelationStanding } from './audit-standing.ts';
import type { Decided } from './decide.ts';
import type { BaselineStanding } from './package-standing.ts';
import { amount, type Figure, percent, significant } from './figure.ts';
import { type ModelView, toModelView } from './model-view.ts';
import type { ProgrammeState } from './state.ts';

/** A decision for people and scripts: JSON-safe, every figure exact and displayed. */
export interface DecisionView {
  readonly status: string;
  readonly number: string | null;
  readonly final: boolean;
  readonly reasons: readonly string[];
  readonly applicant: string;
  readonly applicantId: string;
  readonly period: string;
  readonly baseline: string;
  readonly unit: string;
  /** Whose output the savings are stated at. */
  readonly productionBasis: 'reporting' | 'baseline';
  readonly products: readonly ProductView[];
  readonly audits: readonly RelationView[];
  readonly findings: readonly { readonly code: string; readonly message: string }[];
  readonly tables: number;
  /** What the baseline rests on, and the packages of both windows; null while nothing is computed. */
  readonly baselineStanding: BaselineStanding | null;
  readonly packages: NonNullable<Decided['beside']>['packages'] | null;
  readonly broadcast: { readonly seq: number; readonly time: string };
}

interface ProductView {
  readonly product: string;
  readonly unit: string;
  readonly verdict: string;
  readonly baseline: Figure | null;
  readonly reporting: Figure | null;
  /** Percent; positive = saved. */
  readonly ratePercent: Figure | null;
  readonly saving: Figure | null;
  readonly adverseRatePercent: Figure | null;
  readonly ownTableRatePercent: Figure | null;
  readonly withoutFillRatePercent: Figure | null;
  readonly fixedBaseRatePercent: Figure | null;
  readonly withoutAdjustmentRatePercent: Figure | null;
  /** Against the period before, beside another baseline. */
  readonly chainRatePercent: Figure | null;
  readonly norm: { readonly norm: string; readonly baseline: number | null; readonly reporting: number | null } | null;
  readonly uncertaintyPercent: string | null;
  readonly idleDays: { readonly idle: number; readonly of: number };
  readonly gapsFilled: number;
  readonly reasons: readonly { readonly code: string; readonly severity: string; readonly text: string }[];
  /** Where the policy has a model for the product and it can be formed. */
  readonly model?: ModelView;
}

interface RelationView {
  readonly relation: string;
  readonly passed: boolean;
  readonly limited: boolean;
  readonly reason: string | null;
  readonly sharePercent: Figure | null;
  readonly passes: number;
  readonly fails: number;
  readonly auditors: number;
}

const DAY = 86_400;

/** What a decision says, from what was computed. */
export function toDecisionView(
  state: ProgrammeState,
  applicantId: string,
  decided: Decided,
  zone: string,
): DecisionView {
  const { content, evaluation, audits, windows } = decided;
  const organisation = [...state.organisations.values()].find((candidate) => candidate.id === applicantId);
  const span = (window: { readonly start: number; readonly end: number } | undefined): string =>
    window === undefined ? '' : showSpan(window, zone);
  return {
    status: decided.status,
    number: content?.number ?? null,
    final: decided.final,
    reasons: decided.reasons,
    applicant: organisation?.name ?? '',
    applicantId,
    period: span(windows?.reporting),
    baseline: span(windows?.baseline),
    unit: evaluation?.verdictUnit ?? '',
    productionBasis: decided.rules?.productionBasis ?? 'reporting',
    products: (evaluation?.products ?? []).map((product) => toProductView(product, decided.beside)),
    audits: (audits?.reporting.relations ?? []).map(toRelationView),
    findings: decided.findings.map(({ code, message }) => ({ code, message })),
    tables: content?.tables.length ?? 0,
    baselineStanding: decided.beside?.baselineStanding ?? null,
    packages: decided.beside?.packages ?? null,
    broadcast: {
      seq: state.lastBroadcast?.seq ?? 0,
      time: showTime(state.lastBroadcast?.time ?? state.head.time, zone),
    },
  };
}

/** '2022' for a whole calendar year, '2013-2015' for whole years, '2022-03' for a month, else the two dates. */
export function showSpan({ start, end }: { readonly start: number; readonly end: number }, zone: string): string {
  const first = dateAt(start, zone);
  const last = dateAt(end - 1, zone);
  if (first.endsWith('-01-01') && last.endsWith('-12-31'))
    return first.slice(0, 4) === last.slice(0, 4) ? first.slice(0, 4) : `${first.slice(0, 4)}-${last.slice(0, 4)}`;
  return first.endsWith('-01') && first.slice(0, 7) === last.slice(0, 7) && dateAt(end, zone).endsWith('-01')
    ? first.slice(0, 7)
    : `${first} to ${last}`;
}

function toProductView(product: ProductEvaluation, beside: Decided['beside']): ProductView {
  const { headline, coverage, norm } = product;
  const chain = beside?.chain?.find((link) => link.product === product.product);
  return {
    product: product.product,
    unit: product.unit,
    verdict: product.verdict,
    baseline: significant(headline?.baseline.intensity ?? null),
    reporting: significant(headline?.reporting.intensity ?? null),
    ratePercent: percent(headline?.rate),
    saving: amount(headline?.saving),
    adverseRatePercent: percent(product.adverse?.rate),
    ownTableRatePercent: percent(product.ownTable?.rate),
    withoutFillRatePercent: percent(product.withoutFill?.rate),
    fixedBaseRatePercent: percent(product.fixedBase?.rate),
    withoutAdjustmentRatePercent: percent(product.withoutAdjustment?.rate),
    chainRatePercent: percent(chain?.rate),
    norm: norm === null ? null : { norm: norm.norm, baseline: norm.baseline, reporting: norm.reporting },
    uncertaintyPercent: product.uncertainty === null ? null : product.uncertainty.expanded,
    idleDays: { idle: Math.round(coverage.reporting.idle / DAY), of: Math.round(coverage.reporting.window / DAY) },
    gapsFilled: coverage.reporting.meters.reduce((sum, meter) => sum + filledGaps(meter), 0),
    reasons: product.reasons.map(({ code, severity, text }) => ({ code, severity, text })),
    ...(product.model === null || product.model === undefined ? {} : { model: toModelView(product.model) }),
  };
}

const filledGaps = (meter: MeterCoverage): number => (meter.filled.n === 0n ? 0 : meter.gaps);

function toRelationView({
  relation,
  passed,
  limited,
  reason,
  share,
  passes,
  fails,
  auditors,
}: RelationStanding): RelationView {
  return { relation, passed, limited, reason, sharePercent: percent(share, 1), passes, fails, auditors };
}
