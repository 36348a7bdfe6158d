import { type Decimal, decimalToText } from '../calc/decimal.ts';
import { concatBytes, sha256 } from '../crypto/hash.ts';
import { encodeCbor } from '../ledger/codec/encode.ts';
import { type Id, idBytes, toId } from '../ledger/codec/id.ts';
import type { CborValue } from '../ledger/codec/value.ts';
import { showWindow } from './audit-window.ts';
import type { Span } from './calendar.ts';
import type { RelationKind } from './entries.ts';
import { groupBy } from './group-by.ts';
import type { CountedPackage } from './packages.ts';
import type { Policy } from './policy.ts';
import type { Ask, ProgrammeState } from './state.ts';

/** The audit that a sample is drawn for. */
export interface SampledAudit {
  readonly applicant: Id;
  readonly auditor: Id;
  readonly relation: RelationKind;
  readonly window: Span;
}

/** What an auditor of many looks at one by one, beside the sums of everything (programme-v1 section 6.8). */
export interface AuditSample {
  readonly series: string;
  readonly label: string;
  /** The outside value, as it stands on the ledger. */
  readonly value: string;
  readonly seed: Id;
  /** `none`: the audit was not drawn; `sample`: some of its packages were; `all`: there are too few to draw from. */
  readonly looks: 'none' | 'sample' | 'all';
  /** The packages that there were to draw from. */
  readonly of: number;
  readonly packages: readonly CountedPackage[];
}

/** A value that a sample waits for: the body enters it once it is drawn. */
export interface MissingValue {
  readonly missing: { readonly series: string; readonly label: string };
}

/** The label of an outside value: of the month or year that the audit window is, else the day on which it begins. */
export const valueLabel = (window: Span, zone: string): string => showWindow(window, zone).slice(0, 10);

/**
 * Draws again what everybody draws: null where the policy asks for no sample or nobody asked for the audit. `packages`: the set of the audit.
 * The seed is that of the block that asks, which nobody could foresee when the value was named, and the value, which was unknown when it asked.
 */
export function drawSample(
  state: ProgrammeState,
  policy: Policy,
  audit: SampledAudit,
  packages: readonly CountedPackage[],
): AuditSample | MissingValue | null {
  const rule = policy.audits.sampling;
  const asks = rule === undefined ? [] : asksWith(state, audit);
  const [first] = asks;
  if (rule === undefined || first === undefined) return null;
  const { series } = rule.value;
  const label = valueLabel(audit.window, policy.time.zone);
  const found = valueAfter(state, series, label, first.time);
  if (found === undefined) return { missing: { series, label } };
  const value = decimalToText(found.value);
  const seed = toId(
    sha256(concatBytes(idBytes(first.block), encodeCbor([series, label, value]), idBytes(audit.auditor))),
  );
  const base = { series, label, value, seed, of: packages.length };
  if (asks.length > rule.windows.above && !drawnApplicants(seed, asks, rule.windows.number).has(audit.applicant))
    return { ...base, looks: 'none', packages: [] };
  if (packages.length <= rule.packages.above) return { ...base, looks: 'all', packages };
  // who knows the value could make a package that is not drawn: what comes after it is looked at in any case
  const late = packages.filter(({ time }) => time > found.time);
  if (late.length > MOST_LATE) return { ...base, looks: 'all', packages };
  const early = packages.filter(({ time }) => time <= found.time);
  const drawn = byRank(seed, early, ({ meter, kind, start, end }) => [
    audit.applicant,
    [meter, kind, start, end],
  ]).slice(0, rule.packages.number);
  return { ...base, looks: 'sample', packages: [...drawn, ...late].toSorted(inOrder) };
}

/** Of more, the figures do not name each. */
const MOST_LATE = 1000;

/** What was drawn of the asks that begin with this one: for an auditor of thousands, once. */
const drawnBefore = new WeakMap<Ask, { readonly seed: Id; readonly of: number; readonly drawn: ReadonlySet<Id> }>();

function drawnApplicants(seed: Id, asks: readonly Ask[], number: number): ReadonlySet<Id> {
  const [first] = asks;
  const before = first === undefined ? undefined : drawnBefore.get(first);
  if (before?.seed === seed && before.of === asks.length) return before.drawn;
  const ranked = byRank(seed, asks, ({ applicant, window }) => [applicant, [window.start, window.end]]);
  const drawn = new Set(ranked.slice(0, number).map(({ applicant }) => applicant));
  if (first !== undefined) drawnBefore.set(first, { seed, of: asks.length, drawn });
  return drawn;
}

const inOrder = (a: CountedPackage, b: CountedPackage): number =>
  a.start - b.start || Number(a.meter > b.meter) - Number(a.meter < b.meter);

/** In ascending order of `H(seed || applicant || CBOR(what))`: of slots, not of commits, which their signer could choose. */
function byRank<T>(
  seed: Id,
  values: readonly T[],
  of: (value: T) => readonly [applicant: Id, what: CborValue],
): readonly T[] {
  return values
    .map((value) => {
      const [applicant, what] = of(value);
      return { value, rank: toId(sha256(concatBytes(idBytes(seed), idBytes(applicant), encodeCbor(what)))) };
    })
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ value }) => value);
}

const groupKey = ({ auditor, relation, window }: Pick<Ask, 'auditor' | 'relation' | 'window'>): string =>
  `${auditor} ${relation} ${window.start} ${window.end}`;

/** The asks of a state by auditor, relation and window, as long as no more are added. */
const asksBefore = new WeakMap<
  ProgrammeState,
  { readonly of: number; readonly groups: ReadonlyMap<string, readonly Ask[]> }
>();

/** The asks to the auditor of the same relation, window and run of the body, in ledger order: they are drawn from together. */
function asksWith(state: ProgrammeState, { applicant, auditor, relation, window }: SampledAudit): readonly Ask[] {
  let index = asksBefore.get(state);
  if (index?.of !== state.asks.length) {
    index = { of: state.asks.length, groups: groupBy(state.asks, (ask) => groupKey(ask)) };
    asksBefore.set(state, index);
  }
  const alike = index.groups.get(groupKey({ auditor, relation, window })) ?? [];
  const own = alike.find((ask) => ask.applicant === applicant);
  return own === undefined ? [] : alike.filter(({ time }) => time === own.time);
}

/** The first value of a series and label that came onto the ledger after an ask: a second one changes nothing. */
function valueAfter(
  state: ProgrammeState,
  series: string,
  label: string,
  asked: number,
): { readonly value: Decimal; readonly time: number } | undefined {
  for (const { time, value: table } of state.tables) {
    const value = time > asked ? table.series?.get(series)?.get(label) : undefined;
    if (value !== undefined) return { value, time };
  }
  return undefined;
}

/** The values that asks wait for, each once, in the order of the asks: for the body's agenda. */
export function missingValues(
  state: ProgrammeState,
  policyOf: (start: number) => Policy | undefined,
): readonly MissingValue['missing'][] {
  const found = new Map<string, MissingValue['missing']>();
  for (const { window, time } of state.asks) {
    const policy = policyOf(window.start);
    const series = policy?.audits.sampling?.value.series;
    if (policy === undefined || series === undefined) continue;
    const label = valueLabel(window, policy.time.zone);
    if (valueAfter(state, series, label, time) === undefined) found.set(`${series}\u0000${label}`, { series, label });
  }
  return [...found.values()];
}
