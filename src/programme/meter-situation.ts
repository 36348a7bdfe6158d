import { type Decimal, ZERO_DECIMAL } from '../calc/decimal.ts';
import type { BoundaryMeter } from './boundary.ts';
import type { Duration } from './calendar.ts';
import { lastOwnPackage, type OwnChain } from './own-packages.ts';
import type { Policy } from './policy.ts';
import { type Dated, policyRuling } from './rules.ts';

/** A meter as files of it are read: the boundary's facts, with the policy's where it says nothing. */
export type SituatedMeter = Pick<
  BoundaryMeter,
  'kind' | 'reads' | 'unit' | 'carrier' | 'product' | 'counts' | 'digits' | 'multiplier' | 'every' | 'zone'
> & {
  readonly meter: string;
  /** Seconds of the day. */
  readonly dayStarts: number;
};

/** All beside the file that decides what becomes a package. Times in epoch seconds. */
export interface MeterSituation {
  readonly meters: ReadonlyMap<string, SituatedMeter>;
  readonly zone: string;
  readonly interval: Duration;
  /** Where the last package of a register closed. */
  readonly registers: ReadonlyMap<string, { readonly end: number; readonly close: Decimal }>;
  readonly events: ReadonlyMap<string, readonly RegisterEvent[]>;
  readonly now: number;
}

type RegisterEvent =
  | { readonly event: 'rollover'; readonly at: number }
  | { readonly event: 'exchange'; readonly at: number; readonly old: Decimal; readonly new: Decimal };

/** The policy by which packages of today are made. */
export function policyOfToday(policies: readonly Dated<Policy>[], now: number): Policy | undefined {
  return (policies.length === 1 ? policies[0] : policyRuling(policies, now))?.value;
}

/** What a submission needs of the policy. */
export type SubmissionRules = Pick<Policy['time'], 'zone' | 'interval' | 'longest_interval'>;

/** What a submission needs of one's own chain. */
export type OwnHistory = Pick<OwnChain, 'packages' | 'events'>;

/** The situation in which a file is read now. */
export function toMeterSituation(
  rules: SubmissionRules,
  meters: ReadonlyMap<string, SituatedMeter>,
  own: OwnHistory,
  now: number,
): MeterSituation {
  const registers = new Map<string, { readonly end: number; readonly close: Decimal }>();
  for (const { meter, kind, reads } of meters.values()) {
    const state = reads === 'register' ? registerState(meter, kind, own) : undefined;
    if (state !== undefined) registers.set(meter, state);
  }
  return { meters, zone: rules.zone, interval: rules.interval, registers, events: registerEvents(own), now };
}

/** The meters of a boundary as files of them are read. */
export function toSituatedMeters(
  meters: ReadonlyMap<string, BoundaryMeter>,
  policy: Policy,
): ReadonlyMap<string, SituatedMeter> {
  return new Map([...meters].map(([name, meter]) => [name, toSituatedMeter(meter, policy)]));
}

export function toSituatedMeter(meter: BoundaryMeter, policy: Policy): SituatedMeter {
  const { name, kind, reads, unit, carrier, product, counts, digits, multiplier, every, zone } = meter;
  return {
    meter: name,
    kind,
    reads,
    unit,
    dayStarts: meter.day_starts ?? policy.time.day_starts?.default ?? 0,
    ...(carrier === undefined ? {} : { carrier }),
    ...(product === undefined ? {} : { product }),
    ...(counts === undefined ? {} : { counts }),
    ...(digits === undefined ? {} : { digits }),
    ...(multiplier === undefined ? {} : { multiplier }),
    ...(every === undefined ? {} : { every }),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** Where a register stood last: at the close of its last package, or before the first where its enrolment says. */
export function registerState(
  meter: string,
  kind: string,
  own: OwnHistory,
): { readonly end: number; readonly close: Decimal } | undefined {
  const last = lastOwnPackage(own.packages, meter, kind);
  const register = last?.payload.register;
  const enrolled = own.events.findLast(
    (event) => event.event === 'enroll' && event.meter === meter && event.new !== undefined,
  );
  if (last !== undefined && (enrolled === undefined || last.end >= enrolled.at))
    return register === undefined ? undefined : { end: last.end, close: register.close };
  return enrolled?.new === undefined ? undefined : { end: enrolled.at, close: enrolled.new };
}

function registerEvents(own: OwnHistory): ReadonlyMap<string, readonly RegisterEvent[]> {
  const events = new Map<string, RegisterEvent[]>();
  for (const { meter, event, at, old, new: next } of own.events) {
    if (event !== 'exchange' && event !== 'rollover') continue;
    const known = events.get(meter) ?? [];
    if (event === 'rollover') known.push({ event, at });
    else if (old !== undefined) known.push({ event, at, old, new: next ?? ZERO_DECIMAL });
    events.set(meter, known);
  }
  return events;
}

/** From when on a meter is out of service; undefined while it is in use. */
export function retiredAt(own: Pick<OwnChain, 'events'>, meter: string): number | undefined {
  const last = own.events.findLast(
    (event) => event.meter === meter && (event.event === 'retire' || event.event === 'enroll'),
  );
  return last?.event === 'retire' ? last.at : undefined;
}
