import { type Finding, type FindingCode, toFinding } from '../ledger/finding.ts';
import { type Boundary, type BoundaryMeter, meterOfPackage } from './boundary.ts';
import type { Span } from './calendar.ts';
import { packageRows, packagesWithin } from './package-ranges.ts';
import { type CountedPackage, rowKey } from './packages.ts';
import {
  checkIdle,
  checkRegister,
  type Events,
  eventsOf,
  NOT_BEGUN,
  packageFinding,
  type RowFold,
} from './row-checks.ts';
import type { Organisation } from './state.ts';

/** What was found in the first packages of a row. */
interface CheckedRow {
  readonly length: number;
  readonly rewrites: number;
  readonly fold: RowFold;
  readonly faults: readonly Finding[];
  readonly register: readonly Finding[];
  readonly idle: readonly Finding[];
}

/**
 * What was found of an applicant's packages before, so that only what is new is looked at. Plain data. It holds under the same boundary and
 * meter events, for the packages that stand where they stood.
 */
export interface MeterMemo {
  /** The number of changes of the packages when it was made. */
  changes: number;
  boundary: Boundary | null;
  events: number;
  readonly rows: Map<string, CheckedRow & { readonly meter: string; readonly unknown: Finding | null }>;
}

const NOTHING_CHECKED = { length: 0, fold: NOT_BEGUN, faults: [], register: [], idle: [] };

export const emptyMeterMemo = (): MeterMemo => ({ changes: 0, boundary: null, events: 0, rows: new Map() });

/**
 * What a signature cannot show: whether the packages of a window agree with the boundary and with each other. A
 * package that does not agree with the boundary is not counted in any figure.
 */
export function checkMeters(applicant: Organisation, boundary: Boundary, window: Span): readonly Finding[] {
  const events = eventsOf(applicant);
  const memo = emptyMeterMemo();
  for (const { meter, kind, rewrites } of packageRows(applicant.packages)) {
    const inside = packagesWithin(applicant.packages, meter, kind, window.start, window.end);
    if (inside.length > 0) checkRow(applicant, boundary, events, memo, { meter, kind, rewrites, added: inside });
  }
  return findingsOf(applicant, boundary, window, memo);
}

/** `checkMeters` of everything that is covered, from what `memo` says was found before; `memo` then says what is found now. */
export function checkAllMeters(
  applicant: Organisation,
  boundary: Boundary,
  until: number,
  memo: MeterMemo,
): readonly Finding[] {
  const { packages, meterEvents } = applicant;
  if (memo.boundary !== boundary || memo.events !== meterEvents.length) memo.rows.clear();
  if (memo.rows.size === 0 || memo.changes !== packages.changes) {
    const events = eventsOf(applicant);
    for (const { meter, kind, length, rewrites, from } of packageRows(packages)) {
      const key = rowKey(meter, kind);
      const known = memo.rows.get(key);
      // set, not deleted: findings are told in the order of the rows
      if (known !== undefined && known.rewrites !== rewrites)
        memo.rows.set(key, { ...known, ...NOTHING_CHECKED, rewrites, unknown: null });
      const checked = memo.rows.get(key)?.length ?? 0;
      if (checked < length)
        checkRow(applicant, boundary, events, memo, { meter, kind, rewrites, added: from(checked) });
    }
  }
  memo.changes = packages.changes;
  memo.boundary = boundary;
  memo.events = meterEvents.length;
  return findingsOf(applicant, boundary, { start: 0, end: until }, memo);
}

/** Checks the packages that follow what the memo knows of a row. */
function checkRow(
  applicant: Organisation,
  boundary: Boundary,
  events: ReadonlyMap<string, Events>,
  memo: MeterMemo,
  {
    meter: name,
    kind,
    rewrites,
    added,
  }: {
    readonly meter: string;
    readonly kind: string;
    readonly rewrites: number;
    readonly added: readonly CountedPackage[];
  },
): void {
  const key = rowKey(name, kind);
  const known = memo.rows.get(key);
  const length = (known?.length ?? 0) + added.length;
  const meter = meterOfPackage(boundary, name);
  if (meter === undefined) {
    const text = `${length} packages of '${name}', which is no meter of the accepted boundary, are not counted`;
    const unknown =
      known?.unknown === undefined || known.unknown === null
        ? packageFinding(applicant, added[0], 'meter-unknown', text)
        : { ...known.unknown, message: text };
    memo.rows.set(key, { meter: name, ...NOTHING_CHECKED, length, rewrites, unknown });
    return;
  }
  const before = known?.fold ?? NOT_BEGUN;
  const own = events.get(meter.name) ?? [];
  const faults = added.flatMap((candidate) => {
    const fault = boundaryFault(meter, kind, candidate);
    return fault === null ? [] : [packageFinding(applicant, candidate, fault.code, fault.message)];
  });
  const register = checkRegister(applicant, meter, added, own, before.register);
  const idle = checkIdle(applicant, meter, added, own, before);
  memo.rows.set(key, {
    meter: meter.name,
    length,
    rewrites,
    unknown: null,
    fold: { register: register.last, idle: idle.last, wasIdle: idle.wasIdle },
    faults: [...(known?.faults ?? []), ...faults],
    register: [...(known?.register ?? []), ...register.findings],
    idle: [...(known?.idle ?? []), ...idle.findings],
  });
}

function findingsOf(applicant: Organisation, boundary: Boundary, window: Span, memo: MeterMemo): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const { meter, unknown, faults, register, idle } of memo.rows.values()) {
    if (unknown === null) seen.add(meter);
    for (const found of unknown === null ? [...faults, ...register, ...idle] : [unknown]) findings.push(found);
  }
  for (const meter of boundary.meters.values()) {
    if (meter.kind !== 'energy' && meter.kind !== 'product' && meter.kind !== 'value') continue;
    if (!seen.has(meter.name)) findings.push(missing(applicant, meter, window));
  }
  for (const [point, { carrier }] of boundary.supplyPoints) {
    const metered = [...boundary.meters.values()].some((meter) => meter.at === point && meter.kind === 'energy');
    if (!metered)
      findings.push(
        toFinding(
          'supply-point-unmetered',
          { chain: applicant.id },
          `supply point '${point}' (${carrier}) has no energy meter in the boundary`,
        ),
      );
  }
  return findings;
}

function missing(applicant: Organisation, meter: BoundaryMeter, window: Span): Finding {
  const place = { chain: applicant.id, meter: meter.name, interval: [window.start, window.end] as const };
  return toFinding(
    'meter-missing',
    place,
    `meter '${meter.name}' of the accepted boundary has no package in this window: left out`,
  );
}

/** Why a package does not fit the meter that the boundary declares; null when it does. */
export function boundaryFault(
  meter: BoundaryMeter,
  kind: string,
  counted: CountedPackage,
): { readonly code: FindingCode; readonly message: string } | null {
  // decoded only where its labels were not noted
  const payload = counted.labels ?? counted.payload;
  if (kind !== meter.kind)
    return {
      code: 'kind-mismatch',
      message: `'${counted.meter}' reports ${kind}, the boundary declares ${meter.kind}: not counted`,
    };
  if (payload.unit !== meter.unit)
    return {
      code: 'unit-mismatch',
      message: `'${counted.meter}' reports ${payload.unit}, the boundary declares ${meter.unit}: not counted`,
    };
  if (payload.product !== undefined && payload.product !== meter.product) {
    return {
      code: 'label-mismatch',
      message: `'${counted.meter}' reports product '${payload.product}', the boundary declares '${meter.product ?? 'none'}': not counted`,
    };
  }
  if (payload.carrier !== undefined && payload.carrier !== meter.carrier) {
    return {
      code: 'label-mismatch',
      message: `'${counted.meter}' reports carrier '${payload.carrier}', the boundary declares '${meter.carrier ?? 'none'}': not counted`,
    };
  }
  return null;
}
