import { type Decimal, ZERO_DECIMAL } from '../calc/decimal.ts';
import type { BoundaryMeter } from './boundary.ts';
import type { Duration } from './calendar.ts';
import { lastOwnPackage, type OwnChain } from './own-packages.ts';
import type { Policy } from './policy.ts';
import { type Dated, policyRuling } from './rules.ts';

/** A meter as files of it are read: the boundary's facts, with the policy's where it says nothing. */
export type SituatedMeter = Pick<BoundaryMeter, 'kind' | 'reads' | 'unit' | 'carrier' | 'product' | 'counts' | 'digits' | 'multiplier' | 'every' | 'zone'> & {
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

type RegisterEvent = { readonly event: 'rollover'; readonly at: number } | { readonly event: 'exchange'; readonly at: number; readonly old: Decimal; readonly new: Decimal };

/** The policy by which packages of today are made. */
export function policyOfToday(policies: readonly Dated<Policy>[], now: number): Policy | undefined {
  return (policies.length === 1 ? policies[0] : policyRuling(policies, now))?.value;
}

/** The situation in which a file is read now. `boundary`: that of `own`, once it is there. */
export function toMeterSituation(policy: Policy, meters: ReadonlyMap<string, BoundaryMeter>, own: OwnChain, now: number): MeterSituation {
  const situated = new Map<string, SituatedMeter>();
  const registers = new Map<string, { readonly end: number; readonly close: Decimal }>();
  for (const meter of meters.values()) {
    situated.set(meter.name, toSituatedMeter(meter, policy));
    const state = meter.reads === 'register' ? registerState(meter, own) : undefined;
    if (state !== undefined) registers.set(meter.name, state);
  }
  return { meters: situated, zone: policy.time.zone, interval: policy.time.interval, registers, events: registerEvents(own), now };
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
export function registerState(meter: BoundaryMeter, own: OwnChain): { readonly end: number; readonly close: Decimal } | undefined {
  const last = lastOwnPackage(own.packages, meter.name, meter.kind);
  const register = last?.payload.register;
  const enrolled = own.events.findLast((event) => event.event === 'enroll' && event.meter === meter.name && event.new !== undefined);
  if (last !== undefined && (enrolled === undefined || last.end >= enrolled.at)) return register === undefined ? undefined : { end: last.end, close: register.close };
  return enrolled?.new === undefined ? undefined : { end: enrolled.at, close: enrolled.new };
}

function registerEvents(own: OwnChain): ReadonlyMap<string, readonly RegisterEvent[]> {
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
export function retiredAt(own: OwnChain, meter: string): number | undefined {
  const last = own.events.findLast((event) => event.meter === meter && (event.event === 'retire' || event.event === 'enroll'));
  return last?.event === 'retire' ? last.at : undefined;
}
