import { JoulemarkError } from '../errors.ts';
import { encodeEntry } from '../ledger/entry.ts';
import { LIMITS } from '../ledger/block.ts';
import { encodeCbor } from '../ledger/codec/encode.ts';
import type { Id } from '../ledger/codec/id.ts';
import { type CborMap } from '../ledger/codec/value.ts';
import { addDuration, showDate, showTime } from './calendar.ts';
import {
  packageContent,
  type PackageContent,
  packageSlot,
  submissionContent,
  type SubmissionContent,
} from './entries.ts';
import { type OwnHistory, retiredAt, type SubmissionRules } from './meter-situation.ts';
import { isKnownCommit, ownPackageIn } from './own-packages.ts';
import { packagePayload, type PackagePayload, type SaltMaker, toPackageContent } from './package.ts';
import type { CountedPackage } from './packages.ts';

/** A package to be, as a file gives it. */
export interface DraftedPackage {
  readonly meter: string;
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly payload: PackagePayload;
  readonly place: { readonly file: string; readonly line: number };
}

/** A draft that does not agree with a package that is on the chain. */
export interface Conflict {
  readonly draft: DraftedPackage;
  readonly existing: CountedPackage;
  /** The same slot with another content, or a slot that overlaps. */
  readonly what: 'content' | 'overlap';
}

/** What becomes of the drafts of a file. */
export interface SubmissionPlan {
  readonly fresh: readonly { readonly draft: DraftedPackage; readonly content: PackageContent }[];
  readonly repeats: readonly DraftedPackage[];
  readonly conflicts: readonly Conflict[];
}

/**
 * Compares drafts with one's own chain, pending blocks included: the same slot with the same content is a repeat, anything else
 * in or across a taken slot a conflict, the rest is new. Deterministic: the same drafts give the same commits.
 * @throws JoulemarkError USAGE for a package that the ledger would refuse: too long, or of a meter out of service.
 */
export function planSubmission(
  drafts: readonly DraftedPackage[],
  own: OwnHistory,
  rules: SubmissionRules,
  org: Id,
  makeSalt: SaltMaker,
): SubmissionPlan {
  const fresh: { draft: DraftedPackage; content: PackageContent }[] = [];
  const repeats: DraftedPackage[] = [];
  const conflicts: Conflict[] = [];
  const { packages } = own;
  for (const draft of drafts) {
    checkForm(draft, rules.zone);
    const { meter, kind, start, end, payload } = draft;
    const existing = ownPackageIn(packages, meter, kind, start, end);
    if (
      existing !== undefined &&
      existing.start === start &&
      existing.end === end &&
      isSamePayload(existing.payload, payload)
    ) {
      repeats.push(draft);
      continue;
    }
    const content = toPackageContent({ org, meter, kind, start, end }, payload, makeSalt);
    if (isKnownCommit(packages, content.commit)) repeats.push(draft);
    else if (existing !== undefined)
      conflicts.push({
        draft,
        existing,
        what: existing.start === start && existing.end === end ? 'content' : 'overlap',
      });
    else {
      refuseIneffective(draft, own, rules);
      fresh.push({ draft, content });
    }
  }
  return { fresh, repeats, conflicts };
}

/** @throws JoulemarkError USAGE with its place for a draft that the ledger has no form for: a time, a name or a figure out of its range. */
function checkForm({ meter, kind, start, end, payload, place }: DraftedPackage, zone: string): void {
  try {
    packageSlot.write({ meter, kind, interval: [start, end] });
    packagePayload.write(payload);
  } catch (cause) {
    if (!(cause instanceof JoulemarkError)) throw cause;
    throw new JoulemarkError(
      cause.code,
      `package of '${meter}' from ${showTime(start, zone)} to ${showTime(end, zone)}: ${cause.message}, in ${place.file}:${place.line}`,
      { cause, details: { meter, start, end, file: place.file, line: place.line } },
    );
  }
}

/** True when two payloads are one on the ledger. */
export function isSamePayload(a: PackagePayload, b: PackagePayload): boolean {
  const [left, right] = [encodeCbor(packagePayload.write(a)), encodeCbor(packagePayload.write(b))];
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

function refuseIneffective(
  { meter, start, end, place }: DraftedPackage,
  own: OwnHistory,
  rules: SubmissionRules,
): void {
  const { zone, longest_interval: longest } = rules;
  const where = `${place.file}:${place.line}`;
  if (end > addDuration(start, longest, zone)) {
    throw new JoulemarkError(
      'USAGE',
      `package of '${meter}' from ${showTime(start, zone)} to ${showTime(end, zone)} is longer than the policy allows, in ${where}`,
      {
        hints: ['give the readings between, in smaller steps'],
        details: { meter, start, end, file: place.file, line: place.line },
      },
    );
  }
  const name = meter.split('/')[0] ?? meter;
  const retired = retiredAt(own, name);
  if (retired !== undefined && end > retired) {
    throw new JoulemarkError(
      'USAGE',
      `meter '${name}' was retired at ${showTime(retired, zone)}, and the package of ${showDate(start, zone)} ends later, in ${where}`,
      {
        hints: [`if it is in use again: joulemark meter enroll ${name} --at "${showTime(start, zone)}"`],
        details: { meter, start, end, file: place.file, line: place.line },
      },
    );
  }
}

/**
 * The entries of the new packages, a list a block (spec section 4), each with the profile that its packages were made by (spec
 * section 9) first.
 */
export function toSubmissionBlocks(
  contents: readonly PackageContent[],
  submission: SubmissionContent | null,
): readonly (readonly Uint8Array[])[] {
  const heading =
    submission === null ? [] : [encodeEntry('submission', submissionContent.write(submission) as CborMap)];
  const headingBytes = heading[0]?.length ?? 0;
  const blocks: Uint8Array[][] = [];
  let size = 0;
  for (const content of contents) {
    const entry = encodeEntry('package', packageContent.write(content) as CborMap);
    const current = blocks.at(-1);
    if (current === undefined || current.length >= LIMITS.entries || size + entry.length > LIMITS.entryBytes) {
      blocks.push([...heading, entry]);
      size = headingBytes + entry.length;
    } else {
      current.push(entry);
      size += entry.length;
    }
  }
  return blocks;
}
