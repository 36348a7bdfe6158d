/** What a page shows of a decision, down to its packages: plain data, no class, no bigint, fit to be sent to another thread. */
import type { ExplainStep } from '../calc/explain-step.ts';
import { addRatio, type Rational, ratioOfDecimal, ZERO } from '../calc/ratio.ts';
import { exactText, groupThousands, roundSignificant } from '../calc/rounding.ts';
import { type FiguresView, viewFigures } from '../programme/audit-view.ts';
import { showTime } from '../programme/calendar.ts';
import type { DecisionTrace, TracedMeter } from '../programme/decision-trace.ts';
import { type DecisionView, showSpan } from '../programme/decision-view.ts';
import { openFigures } from '../programme/figures.ts';
import type { CountedPackage } from '../programme/packages.ts';
import { showInterval, showQuantity, showRegister } from '../programme/show-quantity.ts';
import type { AuditRecord, DecisionRecord, ProgrammeState } from '../programme/state.ts';

export type Side = 'baseline' | 'reporting';

export interface DecisionPage {
  /** `block:entry` of the programme chain. */
  readonly place: string;
  readonly status: string;
  readonly number: string | null;
  readonly applicant: string;
  readonly applicantId: string;
  readonly time: string;
  readonly recomputed: boolean;
  readonly revoked: { readonly time: string; readonly reason: string } | null;
  /** Null where nothing could be computed. */
  readonly figures: DecisionFigures | null;
  readonly documents: readonly { readonly kind: 'policy' | 'boundary' | 'table'; readonly digest: string }[];
}

export interface DecisionFigures {
  readonly view: DecisionView;
  readonly carriers: readonly CarrierRow[];
  readonly steps: readonly ExplainStep[];
  readonly meters: readonly MeterRow[];
  readonly audits: readonly AuditRow[];
}

/** One line of the energy of a product: what was counted, the factor and what it gives in verdict units. */
export interface CarrierRow {
  readonly product: string;
  readonly side: Side;
  readonly carrier: string;
  readonly counts: string;
  readonly quantity: string;
  readonly unit: string;
  readonly factor: string;
  readonly source: string;
  readonly energy: string;
}

export interface MeterRow {
  readonly meter: string;
  readonly kind: string;
  readonly carrier: string | null;
  readonly product: string | null;
  readonly under: string | null;
  readonly baseline: MeterSide;
  readonly reporting: MeterSide;
}

export interface MeterSide {
  readonly packages: number;
  /** What its packages say together, where they are in one unit and not a level; else null. */
  readonly total: { readonly quantity: string; readonly unit: string } | null;
}

export interface AuditRow {
  readonly auditor: string;
  readonly relation: string;
  readonly labels: readonly string[];
  readonly window: string;
  readonly verdict: string;
  readonly place: string;
  readonly figures: FiguresView | null;
}

/** A package down to its place on the ledger. */
export interface PackageRow {
  readonly interval: string;
  readonly quantity: string;
  readonly unit: string;
  readonly register: string | null;
  readonly provenance: string;
  readonly standing: string;
  readonly corrected: boolean;
  readonly block: number;
  readonly entry: number;
  readonly commit: string;
}

/** The packages of one meter that a decision rests on. */
export function packageRowsOf(trace: DecisionTrace, meter: string, side: Side): readonly PackageRow[] {
  const traced = trace.meters.find((one) => one.meter.name === meter);
  return traced === undefined ? [] : traced[side].map((one) => toPackageRow(one, traced, trace.zone));
}

/** `traces`: by the place of each decision. */
export function toDecisionPage(
  state: ProgrammeState,
  decision: DecisionRecord,
  traces: ReadonlyMap<string, DecisionTrace>,
  zone: string,
): DecisionPage {
  const { content, seq, entry, time, recomputed, revoked } = decision;
  const trace = traces.get(`${seq}:${entry}`);
  return {
    place: `${seq}:${entry}`,
    status: content.status,
    number: content.number ?? null,
    applicant: organisationName(state, content.applicant),
    applicantId: content.applicant,
    time: showTime(time, zone),
    recomputed,
    revoked: revoked === undefined ? null : { time: showTime(revoked.time, zone), reason: revoked.reason },
    // figures that the signed packages do not give are nobody's
    figures: trace === undefined || !recomputed ? null : toFigures(state, trace),
    documents: [
      { kind: 'policy' as const, digest: content.policy },
      ...(content.boundary === null ? [] : [{ kind: 'boundary' as const, digest: content.boundary }]),
      ...content.tables.map((digest) => ({ kind: 'table' as const, digest })),
    ],
  };
}

function toFigures(state: ProgrammeState, trace: DecisionTrace): DecisionFigures {
  const { view, steps, decided, meters, audits, zone } = trace;
  return {
    view,
    steps,
    carriers: (decided.evaluation?.products ?? []).flatMap(({ product, carriers }) =>
      (['baseline', 'reporting'] as const).flatMap((side) =>
        carriers[side].map((line) => ({
          product,
          side,
          carrier: line.carrier,
          counts: line.counts,
          quantity: shown(line.quantity),
          unit: line.unit,
          factor: shown(line.factor),
          source: line.source,
          energy: shown(line.energy),
        })),
      ),
    ),
    meters: meters.map(toMeterRow),
    audits: audits.map((audit) => toAuditRow(state, audit, zone)),
  };
}

function toMeterRow(traced: TracedMeter): MeterRow {
  const { meter } = traced;
  return {
    meter: meter.name,
    kind: meter.kind,
    carrier: meter.carrier ?? null,
    product: meter.product ?? null,
    under: meter.under ?? null,
    baseline: toMeterSide(traced, 'baseline'),
    reporting: toMeterSide(traced, 'reporting'),
  };
}

function toMeterSide(traced: TracedMeter, side: Side): MeterSide {
  const packages = traced[side];
  const [first] = packages;
  const unit = first?.payload.unit;
  const isOne = unit !== undefined && packages.every(({ payload }) => payload.unit === unit);
  if (!isOne || traced.meter.kind === 'stock') return { packages: packages.length, total: null };
  const sum = packages.reduce((total, { payload }) => addRatio(total, ratioOfDecimal(payload.quantity)), ZERO);
  return { packages: packages.length, total: { quantity: groupThousands(exactText(sum)), unit } };
}

function toAuditRow(state: ProgrammeState, audit: AuditRecord, zone: string): AuditRow {
  const { auditor, seq, entry, content } = audit;
  const figures = openFigures(auditor, content);
  const [start, end] = content.window;
  return {
    auditor: organisationName(state, auditor),
    relation: content.relation,
    labels: content.labels,
    window: showSpan({ start, end }, zone),
    verdict: content.verdict,
    place: `${auditor.slice(0, 8)} ${seq}:${entry}`,
    figures: figures === undefined ? null : viewFigures(figures),
  };
}

function toPackageRow(one: CountedPackage, { meter }: TracedMeter, zone: string): PackageRow {
  const { quantity, unit, register, provenance } = one.payload;
  return {
    interval: showInterval(one.start, one.end, zone, meter.day_starts ?? 0),
    quantity: showQuantity(quantity),
    unit,
    register: register === undefined ? null : showRegister(register.open, register.close),
    provenance,
    standing: one.standing,
    corrected: one.corrects !== undefined,
    block: one.place.seq,
    entry: one.place.entry,
    commit: one.commit,
  };
}

/** The name that an organisation gave itself; the certification body's for null. */
export function organisationName(state: ProgrammeState, id: string | null): string {
  if (id === null) return state.body.name;
  const name = [...state.organisations.values()].find((organisation) => organisation.id === id)?.name ?? '';
  return name === '' ? id.slice(0, 8) : name;
}

/** As many digits as people compare; every digit is in the steps. */
const shown = (value: Rational): string => groupThousands(roundSignificant(value, 9));
