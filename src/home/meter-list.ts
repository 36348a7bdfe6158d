import { decimalToText } from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import type { BoundaryMeter } from '../programme/boundary.ts';
import { addDuration, showTime, type Span } from '../programme/calendar.ts';
import type { MeterEventContent } from '../programme/entries.ts';
import { findOrganisation } from '../programme/find-organisation.ts';
import { coverageOf, expectedFrom } from '../programme/meter-coverage.ts';
import { policyOfToday, retiredAt, type SituatedMeter, toSituatedMeter } from '../programme/meter-situation.ts';
import { isPending, type OwnChain, ownPackagesOf, readOwnChain } from '../programme/own-packages.ts';
import type { CountedPackage } from '../programme/packages.ts';
import type { Policy } from '../programme/policy.ts';
import { type Period, periodHolding } from '../programme/rules.ts';
import { showInterval } from '../programme/show-quantity.ts';
import type { Session } from './session.ts';

/** Lays package intervals over a meter's days; the reader of files has it. */
export type WindowMaker = (
  every: Policy['time']['interval'],
  zone: string,
  dayStarts: number,
) => (epoch: number) => Span;

/** A meter as lists show it. JSON-safe, times in epoch seconds with their text beside. */
export interface MeterLine {
  readonly meter: string;
  readonly kind: string;
  /** Carrier or product. */
  readonly of: string;
  readonly reads: string;
  readonly unit: string;
  readonly packages: number;
  readonly pending: number;
  readonly last: {
    readonly start: number;
    readonly end: number;
    readonly dates: string;
    readonly quantity: string;
    readonly register: string | null;
  } | null;
  readonly coverage: { readonly covered: number; readonly expected: number } | null;
  readonly gaps: readonly {
    readonly start: number;
    readonly end: number;
    readonly dates: string;
    readonly due: number;
    readonly dueShown: string;
    readonly late: boolean;
  }[];
  readonly next: {
    readonly start: number;
    readonly end: number;
    readonly dates: string;
    readonly due: number;
    readonly dueShown: string;
  } | null;
  readonly late: number;
  readonly retired: string | null;
}

/** The meters of an organisation and the period in which they stand. */
export interface MeterLines {
  readonly organisation: { readonly id: string; readonly name: string };
  readonly boundary: 'accepted' | 'declared' | 'pending';
  readonly period: { readonly label: string; readonly start: number; readonly end: number };
  readonly zone: string;
  readonly meters: readonly MeterLine[];
}

/** What is known of the meters of an organisation: of one's own with the pending blocks, of others what is covered. */
export interface MeterView {
  readonly name: string;
  readonly id: string;
  readonly own: OwnChain;
  readonly policy: Policy;
  readonly period: Period;
  readonly now: number;
}

/** @throws JoulemarkError USAGE for an unknown organisation or one without a boundary. */
export function viewMeters(session: Session, who: string | undefined, now: number): MeterView {
  const { state, home, chains } = session;
  if (who === undefined && home.isBody)
    throw new JoulemarkError('USAGE', 'whose meters? the certification body has none: expected an organisation', {
      hints: ['joulemark org list'],
    });
  const organisation = who === undefined ? undefined : findOrganisation(state, who);
  const id = organisation?.id ?? home.org;
  const name = organisation?.name ?? home.config.name;
  const policy = policyOfToday(state.policies, now);
  if (policy === undefined)
    throw new JoulemarkError('NO_LEDGER', 'the programme here has no policy', { hints: ['joulemark sync'] });
  const blocks = chains.get(id)?.blocks ?? [];
  const covered = state.organisations.get(id)?.covered.seq ?? -1;
  // pending blocks of others are no input to anything (spec section 12)
  const own = readOwnChain(state, id, id === home.org ? blocks : blocks.slice(0, covered + 1));
  if (own.boundary === null)
    throw new JoulemarkError('USAGE', `'${name}' has declared no boundary`, {
      hints: id === home.org ? ['joulemark boundary set boundary.yaml'] : [],
    });
  return { name, id, own, policy, period: periodHolding(policy, now), now };
}

export function toMeterLines(view: MeterView, makeWindows: WindowMaker): MeterLines {
  const { own, policy, period } = view;
  const meters = [...(own.boundary?.value.meters.values() ?? [])].map((meter) => toMeterLine(meter, view, makeWindows));
  const { label, start, end } = period;
  return {
    organisation: { id: view.id, name: view.name },
    boundary: own.boundary?.standing ?? 'declared',
    period: { label, start, end },
    zone: policy.time.zone,
    meters,
  };
}

/** The packages of a meter: of a shipment meter those of every customer. */
export const packagesOfMeter = (own: OwnChain, meter: string): readonly CountedPackage[] =>
  ownPackagesOf(own.packages, (name) => name === meter || name.startsWith(`${meter}/`));

function toMeterLine(meter: BoundaryMeter, view: MeterView, makeWindows: WindowMaker): MeterLine {
  const { own, policy } = view;
  const facts = toSituatedMeter(meter, policy);
  const zone = facts.zone ?? policy.time.zone;
  const packages = packagesOfMeter(own, meter.name);
  const last = packages.at(-1);
  const coverage = coverageIn(meter, facts, packages, view, makeWindows);
  const next = coverage?.next ?? null;
  const retired = retiredAt(own, meter.name);
  const dates = ({ start, end }: Span): string => showInterval(start, end, zone, facts.dayStarts);
  return {
    meter: meter.name,
    kind: meter.kind,
    of: meter.product ?? meter.carrier ?? '',
    reads: meter.reads,
    unit: meter.unit,
    packages: packages.length,
    pending: packages.filter(({ commit }) => isPending(own.packages, commit)).length,
    last:
      last === undefined
        ? null
        : {
            start: last.start,
            end: last.end,
            dates: dates(last),
            quantity: decimalToText(last.payload.quantity),
            register: last.payload.register === undefined ? null : decimalToText(last.payload.register.close),
          },
    coverage: coverage === null ? null : { covered: coverage.covered, expected: coverage.expected },
    gaps: (coverage?.gaps ?? []).map((gap) => ({
      ...gap,
      dates: dates(gap),
      dueShown: showTime(gap.due, policy.time.zone),
    })),
    next: next === null ? null : { ...next, dates: dates(next), dueShown: showTime(next.due, policy.time.zone) },
    late: packages.filter(({ standing, start }) => standing === 'late' && start >= view.period.start).length,
    retired: retired === undefined ? null : showTime(retired, policy.time.zone),
  };
}

/** Shipments, laboratory results and variables come when they come: nothing of them is missing. */
function coverageIn(
  meter: BoundaryMeter,
  facts: SituatedMeter,
  packages: readonly CountedPackage[],
  view: MeterView,
  makeWindows: WindowMaker,
): ReturnType<typeof coverageOf> | null {
  if (meter.kind === 'shipment' || meter.kind === 'quality' || meter.kind === 'variable') return null;
  const { own, policy, period, now } = view;
  const window = { start: period.start, end: Math.min(period.end, retiredAt(own, meter.name) ?? period.end) };
  const from = expectedFrom({ meterEvents: own.organisation?.meterEvents ?? [] }, meter.name, packages, window);
  // a day that began before the period belongs to the one in which most of its hours lie: count from the first that begins inside
  const windowAt = makeWindows(facts.every ?? policy.time.interval, facts.zone ?? policy.time.zone, facts.dayStarts);
  const first = windowAt(from);
  return coverageOf(packages, window, first.start < window.start ? first.end : first.start, now, policy, windowAt);
}

/** What happened to a meter, oldest first. */
export const eventsOf = (own: OwnChain, meter: string): readonly MeterEventContent[] =>
  own.events.filter((event) => event.meter === meter).toSorted((a, b) => a.at - b.at);

/** Until when corrections of the period count. */
export const correctionsUntil = ({ policy, period }: MeterView): number =>
  addDuration(period.end, policy.calendar.corrections_until, policy.time.zone);
