import type { Organisation } from './state.ts';
import { addDuration, type Span } from './calendar.ts';
import type { CountedPackage } from './packages.ts';
import type { Policy } from './policy.ts';

/** What a meter still owes in one window of time. Times in epoch seconds. */
export interface MeterCoverage {
  /** Seconds of the finished intervals that packages cover, and of all finished intervals. */
  readonly covered: number;
  readonly expected: number;
  /** Finished intervals without a package, neighbours as one; `due`: when the first of them must be broadcast. */
  readonly gaps: readonly (Span & { readonly due: number; readonly late: boolean })[];
  /** The first interval that is not finished, and when its package is due. */
  readonly next: (Span & { readonly due: number }) | null;
}

/**
 * How far a meter's packages cover a window up to now, by its own intervals. `from`: nothing is expected before.
 * `windowAt`: the package interval that holds an instant.
 */
export function coverageOf(
  packages: readonly CountedPackage[],
  window: Span,
  from: number,
  now: number,
  policy: Policy,
  windowAt: (epoch: number) => Span,
): MeterCoverage {
  const { zone } = policy.time;
  const dueOf = (end: number): number => addDuration(end, policy.calendar.package_due, zone);
  const gaps: (Span & { due: number; late: boolean })[] = [];
  let [covered, expected, at] = [0, 0, 0];
  let next: MeterCoverage['next'] = null;
  for (
    let interval = windowAt(Math.max(window.start, from));
    interval.start < window.end;
    interval = windowAt(interval.end)
  ) {
    if (interval.end > now) {
      next = { ...interval, due: dueOf(interval.end) };
      break;
    }
    expected += interval.end - interval.start;
    while (at < packages.length && (packages[at]?.end ?? 0) <= interval.start) at += 1;
    let here = 0;
    for (
      let index = at;
      index < packages.length && (packages[index]?.start ?? interval.end) < interval.end;
      index += 1
    ) {
      here += Math.min(packages[index]?.end ?? 0, interval.end) - Math.max(packages[index]?.start ?? 0, interval.start);
    }
    covered += here;
    if (here > 0) continue;
    const last = gaps.at(-1);
    if (last !== undefined && last.end === interval.start) gaps[gaps.length - 1] = { ...last, end: interval.end };
    else gaps.push({ ...interval, due: dueOf(interval.end), late: now > dueOf(interval.end) });
  }
  return { covered, expected, gaps, next };
}

/** Before this nothing is expected of a meter: its first package or enrolment, or the window's own start once it is older. */
export function expectedFrom(
  organisation: Pick<Organisation, 'meterEvents'> | undefined,
  meter: string,
  packages: readonly CountedPackage[],
  window: Span,
): number {
  const enrolled = organisation?.meterEvents.find((event) => event.meter === meter && event.event === 'enroll')?.at;
  const first = packages[0]?.start;
  return Math.max(window.start, Math.min(enrolled ?? window.start, first ?? window.start));
}
