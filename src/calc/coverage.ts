import type { Window } from './evaluation-input.ts';
import { compareRatio, ratio } from './ratio.ts';
import type { Rational } from './ratio.ts';

/** Length in seconds. */
export function windowLength(window: Window): number {
  return window.end - window.start;
}

/** `window` moved later by `seconds`. */
export function shiftWindow(window: Window, seconds: number): Window {
  return seconds === 0 ? window : { start: window.start + seconds, end: window.end + seconds };
}

/** Seconds in a list of disjoint windows. */
export function totalSeconds(windows: readonly Window[]): number {
  let seconds = 0;
  for (const window of windows) seconds += windowLength(window);
  return seconds;
}

/** What two sorted, disjoint lists of windows have in common; linear. */
export function intersectWindows(a: readonly Window[], b: readonly Window[]): readonly Window[] {
  const common: Window[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const left = a[i]!;
    const right = b[j]!;
    const start = left.start > right.start ? left.start : right.start;
    const end = left.end < right.end ? left.end : right.end;
    if (start < end) common.push({ start, end });
    if (left.end < right.end) i += 1;
    else j += 1;
  }
  return common;
}

/** The stretches of `window` that the sorted, disjoint `covered` leaves open, edges included. */
export function gapsIn(window: Window, covered: readonly Window[]): readonly Window[] {
  const gaps: Window[] = [];
  let cursor = window.start;
  for (const span of covered) {
    if (span.start > cursor) gaps.push({ start: cursor, end: span.start });
    if (span.end > cursor) cursor = span.end;
  }
  if (cursor < window.end) gaps.push({ start: cursor, end: window.end });
  return gaps;
}

/** part / whole, both in seconds; a window of no length is wholly covered. */
export function shareOf(part: number, whole: number): Rational {
  return whole === 0 ? { n: 1n, d: 1n } : ratio(BigInt(part), BigInt(whole));
}

/** Whether `part` is at least `share` of `whole`, exactly. */
export function reachesShare(part: number, whole: number, share: Rational): boolean {
  return compareRatio(shareOf(part, whole), share) >= 0;
}
