import { addDuration } from './calendar.ts';
import type { CorrectContent, PackageContent } from './entries.ts';
import { historyDue } from './history-due.ts';
import { decodePayload, isRightOpening } from './package.ts';
import {
  addPackage,
  type CountedPackage,
  isKnownPackage,
  type NewPackage,
  overlapping,
  packageOf,
  removePackage,
} from './packages.ts';
import type { Policy } from './policy.ts';
import { report } from './report-entry.ts';
import { periodHolding, policyRuling } from './rules.ts';
import type { LedgerEvent, Organisation, ProgrammeState } from './state.ts';

/**
 * A package of an admitted applicant: counts from here on, or is a finding of the first rule that it breaks (spec section 9).
 * `corrects`: the counting package of the same slot whose place it takes.
 */
export function applyPackage(
  state: ProgrammeState,
  event: LedgerEvent,
  organisation: Organisation,
  content: PackageContent,
  corrects?: CountedPackage,
): void {
  const { packages } = organisation;
  const [start, end] = content.interval;
  const subject = `package ${content.meter}`;
  if (content.salt === undefined || content.payload === undefined) {
    return report(
      state,
      event,
      'package-sealed',
      `${subject} is sealed: its figures cannot be read here and do not count`,
    );
  }
  if (!isRightOpening(organisation.id, content)) {
    return report(
      state,
      event,
      'commit-mismatch',
      `${subject} does not open to its commit: copied from another slot or chain, or altered`,
    );
  }
  // only now: a known commit in another slot is a copy, in its own slot a repeat
  if (isKnownPackage(packages, content.commit)) return;
  if (end > event.time)
    return report(state, event, 'package-premature', `${subject} ends after the broadcast that covers it`);
  const policy = policyRuling(state.policies, end - 1)?.value;
  if (policy === undefined) return report(state, event, 'not-admitted', `${subject} stands before any policy`);
  if (end > addDuration(start, policy.time.longest_interval, policy.time.zone)) {
    return report(state, event, 'package-too-long', `${subject} is longer than the policy allows`);
  }
  const other = corrects === undefined ? overlapping(packages, content.meter, content.kind, start, end) : undefined;
  if (other !== undefined) {
    return report(
      state,
      event,
      'package-overlap',
      `${subject} overlaps the package of block ${other.place.seq}, which counts: doubled, or to be given as a correction`,
    );
  }
  const counted: NewPackage = {
    commit: content.commit,
    meter: content.meter,
    kind: content.kind,
    start,
    end,
    payload: decodePayload(content.payload),
    encoded: content.payload,
    time: event.time,
    // its figures came when those that it corrects did
    standing: corrects?.standing ?? standingOf(state, organisation, policy, end),
    place: { seq: event.seq, entry: event.index },
    ...(corrects === undefined ? {} : { corrects: corrects.commit }),
  };
  // nothing below can fail: a correction takes its target's place whole or not at all
  if (counted.standing === 'late' && corrects === undefined)
    report(state, event, 'package-late', `${subject} was due by the broadcast before: covered late`);
  if (corrects !== undefined) removePackage(packages, corrects);
  addPackage(packages, counted);
}

/** On time: covered no later than the first broadcast at or after the due second (spec section 8). */
function standingOf(
  { previousBroadcast }: ProgrammeState,
  organisation: Organisation,
  policy: Policy,
  end: number,
): CountedPackage['standing'] {
  const isLate = (due: number): boolean => previousBroadcast !== null && previousBroadcast.time >= due;
  const { admitted } = organisation;
  if (admitted !== null && end <= admitted.time) return isLate(historyDue(policy, admitted)) ? 'late' : 'history';
  return isLate(addDuration(end, policy.calendar.package_due, policy.time.zone)) ? 'late' : 'on_time';
}

/** Replaces the counting package of the same slot, until the policy's date (spec section 9). */
export function applyCorrection(
  state: ProgrammeState,
  event: LedgerEvent,
  organisation: Organisation,
  { replaces, package: replacement }: CorrectContent,
): void {
  const { packages } = organisation;
  const [start, end] = replacement.interval;
  const target = packageOf(packages, replaces);
  if (
    target === undefined ||
    target.meter !== replacement.meter ||
    target.kind !== replacement.kind ||
    target.start !== start ||
    target.end !== end
  ) {
    if (isRepeat(organisation, replaces, replacement)) return;
    return report(
      state,
      event,
      'correction-without-target',
      `corrects a package of ${replacement.meter} that does not count in that place`,
    );
  }
  const policy = policyRuling(state.policies, end - 1)?.value;
  if (policy !== undefined) {
    const until = addDuration(periodHolding(policy, end - 1).end, policy.calendar.corrections_until, policy.time.zone);
    if (event.time > until)
      return report(
        state,
        event,
        'correction-late',
        `corrects ${replacement.meter} after the policy's date; later ones are adjustments`,
      );
  }
  applyPackage(state, event, organisation, replacement, target);
}

/** The same correction again: its target was replaced and its package was taken before. */
function isRepeat(
  { id, packages }: Organisation,
  replaces: CorrectContent['replaces'],
  replacement: PackageContent,
): boolean {
  const known = isKnownPackage(packages, replacement.commit);
  return known && packages.replaced.has(replaces) && isRightOpening(id, replacement);
}
