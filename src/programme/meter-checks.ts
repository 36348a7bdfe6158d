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
import { type Boundary, type BoundaryMeter, meterOfPackage } from './boundary.ts';
import type { Span } from './calendar.ts';
import { type CountedPackage, packageRows } from './packages.ts';
import type { Organisation } from './state.ts';

/**
 * What a signature cannot show: whether the packages of a window agree with the boundary and with each other. A
 * package that does not agree with the boundary is not counted in any figure.
 */
export function checkMeters(applicant: Organisation, boundary: Boundary, window: Span): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const events = eventsOf(applicant);
  for (const { meter: name, kind, packages } of packageRows(applicant.packages)) {
    const inside = packages.filter((candidate) => candidate.start < window.end && candidate.end > window.start);
    if (inside.length === 0) continue;
    const meter = meterOfPackage(boundary, name);
    if (meter === undefined) {
      findings.push(
        finding(
          applicant,
          inside[0],
          'meter-unknown',
          `${inside.length} packages of '${name}', which is no meter of the accepted boundary, are not counted`,
        ),
      );
      continue;
    }
    seen.add(meter.name);
    for (const candidate of inside) {
      const fault = boundaryFault(meter, kind, candidate);
      if (fault !== null) findings.push(finding(applicant, candidate, fault.code, fault.message));
    }
    const own = events.get(meter.name) ?? [];
    for (const found of checkRegister(applicant, meter, inside, own)) findings.push(found);
    for (const found of checkIdle(applicant, meter, inside, own)) findings.push(found);
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
  const { payload } = counted;
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

/** Events of one meter, sorted by when they were. */
type Events = Organisation['meterEvents'];

function eventsOf(applicant: Organisation): ReadonlyMap<string, Events> {
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

function checkRegister(
  applicant: Organisation,
  meter: BoundaryMeter,
  packages: readonly CountedPackage[],
  events: Events,
): readonly Finding[] {
  const findings: Finding[] = [];
  const multiplier = meter.multiplier ?? parseDecimal('1');
  let before: CountedPackage | undefined;
  for (const counted of packages) {
    const { register } = counted.payload;
    if (register === undefined) continue;
    const last = before?.payload.register;
    if (
      before !== undefined &&
      last !== undefined &&
      compareDecimal(last.close, register.open) !== 0 &&
      !isExplained(events, last.close, register.open, before.end, counted.start)
    ) {
      const text = `register of '${meter.name}' opens at ${decimalToText(register.open)} after it closed at ${decimalToText(last.close)}, without an exchange or rollover on the ledger`;
      findings.push(finding(applicant, counted, 'register-discontinuity', text));
    }
    const advanced = multiplyDecimal(registerAdvance(meter, register), multiplier);
    if (
      counted.payload.provenance !== 'idle' &&
      compareDecimal(advanced, counted.payload.quantity) !== 0 &&
      !hasEventWithin(events, counted)
    ) {
      const text = `register of '${meter.name}' advanced by ${decimalToText(advanced)} ${meter.unit}, the package says ${decimalToText(counted.payload.quantity)}`;
      findings.push(finding(applicant, counted, 'register-discontinuity', text));
    }
    before = counted;
  }
  return findings;
}

/** How far a register went, over its rollover where the close is below the open and the digits are known. */
function registerAdvance(meter: BoundaryMeter, register: { readonly open: Decimal; readonly close: Decimal }): Decimal {
  const plain = subtractDecimal(register.close, register.open);
  if (compareDecimal(register.close, register.open) >= 0 || meter.digits === undefined) return plain;
  return addDecimal(plain, parseDecimal(`1${'0'.repeat(meter.digits)}`));
}

function isExplained(events: Events, close: Decimal, open: Decimal, from: number, to: number): boolean {
  for (let index = firstAt(events, from); index < events.length; index += 1) {
    const event = events[index];
    if (event === undefined || event.at > to) return false;
    const isFit =
      (event.old === undefined || compareDecimal(event.old, close) === 0) &&
      (event.new === undefined || compareDecimal(event.new, open) === 0);
    if (isFit && (event.event === 'exchange' || event.event === 'rollover')) return true;
  }
  return false;
}

function hasEventWithin(events: Events, { start, end }: CountedPackage): boolean {
  const next = events[firstAt(events, start + 1)];
  return next !== undefined && next.at < end;
}

/** A package declared idle has no quantity, and its register stands where the one before it closed, during it and after it. */
function checkIdle(
  applicant: Organisation,
  meter: BoundaryMeter,
  packages: readonly CountedPackage[],
  events: Events,
): readonly Finding[] {
  const findings: Finding[] = [];
  // the register's last close, and up to where nothing but idle packages without a register has followed it
  let last: { readonly close: Decimal; readonly at: number; readonly until: number } | undefined;
  let wasIdle = false;
  for (const counted of packages) {
    const { provenance, quantity, register } = counted.payload;
    const isIdle = provenance === 'idle';
    if (last?.until !== counted.start) last = undefined;
    if (isIdle && !isZeroDecimal(quantity)) {
      findings.push(
        finding(
          applicant,
          counted,
          'idle-contradicted',
          `'${meter.name}' is declared idle with a quantity of ${decimalToText(quantity)} ${meter.unit}`,
        ),
      );
    }
    if (register !== undefined) {
      const from =
        last !== undefined && !isExplained(events, last.close, register.open, last.at, counted.start)
          ? last.close
          : register.open;
      const to = isIdle ? register.close : register.open;
      if ((isIdle || wasIdle) && compareDecimal(from, to) !== 0) {
        const text = `'${meter.name}' was declared idle, but its register went from ${decimalToText(from)} to ${decimalToText(to)}`;
        findings.push(finding(applicant, counted, 'idle-contradicted', text));
      }
      last = { close: register.close, at: counted.end, until: counted.end };
    } else {
      last = isIdle && last !== undefined ? { ...last, until: counted.end } : undefined;
    }
    wasIdle = isIdle;
  }
  return findings;
}

function finding(
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
