/** What a meter's own packages say about each other, one after the other. */
import {
  addDecimal,
  compareDecimal,
  type Decimal,
  decimalToText,
  isZeroDecimal,
  multiplyDecimal,
  parseDecimal,
  subtractDecimal,
} from '../calc/decimal.ts';
import { type Finding, type FindingCode, toFinding } from '../ledger/finding.ts';
import type { BoundaryMeter } from './boundary.ts';
import { isPlain } from './package-labels.ts';
import type { CountedPackage } from './packages.ts';
import type { Organisation } from './state.ts';

/** How far a row was checked, and what its next package is held against. */
export interface RowFold {
  /** The last register that was read. */
  readonly register: { readonly close: Decimal; readonly end: number } | null;
  /** The register's last close, and up to where nothing but idle packages without a register has followed it. */
  readonly idle: { readonly close: Decimal; readonly at: number; readonly until: number } | null;
  readonly wasIdle: boolean;
}

interface Register {
  readonly open: Decimal;
  readonly close: Decimal;
}

export const NOT_BEGUN: RowFold = { register: null, idle: null, wasIdle: false };

/** Events of one meter, sorted by when they were. */
export type Events = Organisation['meterEvents'];

/** The events of an applicant by meter. */
export function eventsOf(applicant: Organisation): ReadonlyMap<string, Events> {
  const events = new Map<string, Events>();
  for (const event of applicant.meterEvents) {
    const own = events.get(event.meter);
    if (own === undefined) events.set(event.meter, [event]);
    else own.push(event);
  }
  for (const own of events.values()) own.sort((a, b) => a.at - b.at);
  return events;
}

/** The place of the first event at or after a moment: packages look at their own time only, however many events there are. */
function firstAt(events: Events, moment: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle]?.at ?? moment) < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether registers go on where they stood, and by what the packages say. `before`: the last one read. */
export function checkRegister(
  applicant: Organisation,
  meter: BoundaryMeter,
  packages: readonly CountedPackage[],
  events: Events,
  before: RowFold['register'],
): { readonly findings: readonly Finding[]; readonly last: RowFold['register'] } {
  const findings: Finding[] = [];
  const multiplier = meter.multiplier ?? parseDecimal('1');
  let last = before;
  for (const counted of packages) {
    if (isPlain(counted.labels)) continue;
    const { register } = counted.payload;
    if (register === undefined) continue;
    if (
      last !== null &&
      compareDecimal(last.close, register.open) !== 0 &&
      !isExplained(events, last.close, register.open, last.end, counted.start)
    ) {
      const text = `register of '${meter.name}' opens at ${decimalToText(register.open)} after it closed at ${decimalToText(last.close)}, without an exchange of these readings on the ledger`;
      findings.push(packageFinding(applicant, counted, 'register-discontinuity', text));
    }
    const { provenance, quantity } = counted.payload;
    const advances = advancesOf(meter, register, events, counted).map((one) =>
      one === null ? null : multiplyDecimal(one, multiplier),
    );
    const [advanced] = advances;
    if (
      provenance !== 'idle' &&
      advanced !== null &&
      advanced !== undefined &&
      advances.every((one) => one !== null && compareDecimal(one, quantity) !== 0)
    ) {
      const text = `register of '${meter.name}' advanced by ${decimalToText(advanced)} ${meter.unit}, the package says ${decimalToText(quantity)}`;
      findings.push(packageFinding(applicant, counted, 'register-discontinuity', text));
    }
    last = { close: register.close, end: counted.end };
  }
  return { findings, last };
}

/** How far a register went, over its rollover where the close is below the open and the digits are known. */
function registerAdvance(meter: BoundaryMeter, register: Register): Decimal {
  const plain = subtractDecimal(register.close, register.open);
  if (compareDecimal(register.close, register.open) >= 0 || meter.digits === undefined) return plain;
  return addDecimal(plain, parseDecimal(`1${'0'.repeat(meter.digits)}`));
}

/**
 * True where an exchange between two packages says that the one device closed here and the other opened there. One without its readings would
 * hide whatever went through; and a register that rolls over does so in the time of a package, or of a gap.
 */
function isExplained(events: Events, close: Decimal, open: Decimal, from: number, to: number): boolean {
  for (let index = firstAt(events, from); index < events.length; index += 1) {
    const event = events[index];
    if (event === undefined || event.at > to) return false;
    const { old, new: next } = event;
    if (event.event !== 'exchange' || old === undefined || next === undefined) continue;
    if (compareDecimal(old, close) === 0 && compareDecimal(next, open) === 0) return true;
  }
  return false;
}

/**
 * How far a register went during a package, through the exchanges of its time. One at its very end may be in it or after it, which gives
 * two answers. Null where an event does not say what it would take: no calibration excuses a difference, nor does a rollover that is counted.
 */
function advancesOf(
  meter: BoundaryMeter,
  register: Register,
  events: Events,
  { start, end }: CountedPackage,
): readonly (Decimal | null)[] {
  const inside: Events[number][] = [];
  let index = firstAt(events, start + 1);
  for (; (events[index]?.at ?? end) < end; index += 1) inside.push(events[index]!);
  const first = advanceThrough(meter, register, inside);
  if (events[index]?.at !== end) return [first];
  for (; events[index]?.at === end; index += 1) inside.push(events[index]!);
  return [first, advanceThrough(meter, register, inside)];
}

function advanceThrough(meter: BoundaryMeter, { open, close }: Register, inside: Events): Decimal | null {
  let total = parseDecimal('0');
  let from = open;
  for (const { event, old, new: after } of inside) {
    if (event === 'rollover' && meter.digits === undefined) return null;
    if (event !== 'exchange' || old === undefined || after === undefined) continue;
    total = addDecimal(total, registerAdvance(meter, { open: from, close: old }));
    from = after;
  }
  return addDecimal(total, registerAdvance(meter, { open: from, close }));
}

/** A package declared idle has no quantity, and its register stands where the one before it closed, during it and after it. */
export function checkIdle(
  applicant: Organisation,
  meter: BoundaryMeter,
  packages: readonly CountedPackage[],
  events: Events,
  before: RowFold,
): { readonly findings: readonly Finding[]; readonly last: RowFold['idle']; readonly wasIdle: boolean } {
  const findings: Finding[] = [];
  let last = before.idle;
  let { wasIdle } = before;
  for (const counted of packages) {
    if (isPlain(counted.labels)) {
      last = null;
      wasIdle = false;
      continue;
    }
    const { provenance, quantity, register } = counted.payload;
    const isIdle = provenance === 'idle';
    if (last?.until !== counted.start) last = null;
    if (isIdle && !isZeroDecimal(quantity)) {
      findings.push(
        packageFinding(
          applicant,
          counted,
          'idle-contradicted',
          `'${meter.name}' is declared idle with a quantity of ${decimalToText(quantity)} ${meter.unit}`,
        ),
      );
    }
    if (register !== undefined) {
      const from =
        last !== null && !isExplained(events, last.close, register.open, last.at, counted.start)
          ? last.close
          : register.open;
      const to = isIdle ? register.close : register.open;
      if ((isIdle || wasIdle) && compareDecimal(from, to) !== 0) {
        const text = `'${meter.name}' was declared idle, but its register went from ${decimalToText(from)} to ${decimalToText(to)}`;
        findings.push(packageFinding(applicant, counted, 'idle-contradicted', text));
      }
      last = { close: register.close, at: counted.end, until: counted.end };
    } else {
      last = isIdle && last !== null ? { ...last, until: counted.end } : null;
    }
    wasIdle = isIdle;
  }
  return { findings, last, wasIdle };
}

/** A finding of a package, in its place. */
export function packageFinding(
  applicant: Organisation,
  counted: CountedPackage | undefined,
  code: FindingCode,
  message: string,
): Finding {
  if (counted === undefined) return toFinding(code, { chain: applicant.id }, message);
  const { place, meter, start, end } = counted;
  return toFinding(
    code,
    { chain: applicant.id, seq: place.seq, entry: place.entry, meter, interval: [start, end] },
    message,
  );
}
