import type { Block } from '../ledger/block.ts';
import { entryAt } from '../ledger/entry.ts';
import type { Id } from '../ledger/codec/id.ts';
import { type Boundary, readBoundary } from './boundary.ts';
import {
  correctContent,
  documentContent,
  meterEventContent,
  type MeterEventContent,
  packageContent,
  type PackageContent,
} from './entries.ts';
import { lastFirst, packageRows } from './package-ranges.ts';
import {
  addPackage,
  type CountedPackage,
  emptyPackageIndex,
  hasPackage,
  isKnownPackage,
  type NewPackage,
  overlapping,
  type PackageIndex,
  packageOf,
  removePackage,
} from './packages.ts';
import { decodePayload } from './package.ts';
import { isAdmitted, type Organisation, type ProgrammeState } from './state.ts';

/**
 * The packages of one's own chain: those that count, and above the covered head those that will once they are broadcast.
 * Changed in place as more are appended.
 */
export interface OwnPackages {
  readonly covered: PackageIndex;
  readonly pending: PackageIndex;
  /** Commits of covered packages that a pending correction replaces. */
  readonly corrected: Set<Id>;
  /** Commits that are covered without effect while the organisation is not admitted: appending them again would change nothing. */
  readonly waiting: ReadonlySet<Id>;
}

/** The boundary by which meters are read, and how far it has come. */
export interface OwnBoundary {
  readonly value: Boundary;
  readonly standing: 'accepted' | 'declared' | 'pending';
}

/** What one's own chain says, pending blocks included. */
export interface OwnChain {
  readonly packages: OwnPackages;
  readonly events: readonly MeterEventContent[];
  readonly boundary: OwnBoundary | null;
  /** The organisation as the ledger has it; undefined before its first block is covered. */
  readonly organisation: Organisation | undefined;
}

/** Reads one's own chain on top of what the ledger has made of its covered part. */
export function readOwnChain(state: ProgrammeState, org: Id, blocks: readonly Block[]): OwnChain {
  const organisation = state.organisations.get(org);
  const packages: OwnPackages = {
    covered: organisation?.packages ?? emptyPackageIndex(),
    pending: emptyPackageIndex(),
    corrected: new Set(),
    waiting: waitingCommits(state, org, blocks),
  };
  const events: MeterEventContent[] = [...(organisation?.meterEvents ?? [])];
  let pendingBoundary: Boundary | undefined;
  for (const block of blocks.slice((organisation?.covered.seq ?? -1) + 1)) {
    for (let index = 0; index < block.items.length; index += 1) {
      const entry = entryAt(block, index);
      const place = { seq: block.body.seq, entry: index };
      if (entry?.type === 'package')
        notePackage(packages, packageContent.read(entry.content, 'package'), place, block.body.time);
      else if (entry?.type === 'correct') {
        const { replaces, package: replacement } = correctContent.read(entry.content, 'correct');
        noteCorrection(packages, replaces, replacement, place, block.body.time);
      } else if (entry?.type === 'meter-event') events.push(meterEventContent.read(entry.content, 'meter-event'));
      else if (entry?.type === 'boundary')
        pendingBoundary = readBoundary(documentContent.read(entry.content, 'boundary').document, 'boundary');
    }
  }
  return { packages, events, boundary: newestBoundary(organisation, pendingBoundary), organisation };
}

function newestBoundary(organisation: Organisation | undefined, pending: Boundary | undefined): OwnBoundary | null {
  const accepted = organisation?.boundaries.at(-1);
  if (accepted !== undefined) return { value: accepted.value, standing: 'accepted' };
  if (pending !== undefined) return { value: pending, standing: 'pending' };
  const declared = organisation?.declared.at(-1);
  return declared === undefined ? null : { value: declared.value, standing: 'declared' };
}

function waitingCommits(state: ProgrammeState, org: Id, blocks: readonly Block[]): ReadonlySet<Id> {
  const commits = new Set<Id>();
  const organisation = state.organisations.get(org);
  if (organisation === undefined || isAdmitted(organisation, 'applicant', state.head.time)) return commits;
  for (const { code, place } of state.findings) {
    if (code !== 'not-admitted' || place.chain !== org || place.seq === undefined || place.entry === undefined)
      continue;
    const block = blocks[place.seq];
    const entry = block === undefined ? null : entryAt(block, place.entry);
    if (entry?.type === 'package') commits.add(packageContent.read(entry.content, 'package').commit);
  }
  return commits;
}

/** The package of one's own that overlaps a slot and counts, or will. */
export function ownPackageIn(
  own: OwnPackages,
  meter: string,
  kind: string,
  start: number,
  end: number,
): CountedPackage | undefined {
  const pending = overlapping(own.pending, meter, kind, start, end);
  if (pending !== undefined) return pending;
  const covered = overlapping(own.covered, meter, kind, start, end);
  return covered === undefined || own.corrected.has(covered.commit) ? undefined : covered;
}

/** True when the ledger would take this commit for a repeat (spec section 9). */
export function isKnownCommit(own: OwnPackages, commit: Id): boolean {
  const { covered, pending } = own;
  return isKnownPackage(covered, commit) || isKnownPackage(pending, commit) || own.waiting.has(commit);
}

/** True for a package above the covered head. */
export const isPending = (own: OwnPackages, commit: Id): boolean => hasPackage(own.pending, commit);

/** Notes an appended package; one that will have no effect is left out, as the ledger will leave it out. */
export function notePackage(
  own: OwnPackages,
  content: PackageContent,
  place: CountedPackage['place'],
  time: number,
): void {
  const [start, end] = content.interval;
  if (
    content.payload === undefined ||
    isKnownCommit(own, content.commit) ||
    ownPackageIn(own, content.meter, content.kind, start, end) !== undefined
  )
    return;
  addPackage(own.pending, toCounted(content, content.payload, place, time));
}

/** Notes an appended correction. */
export function noteCorrection(
  own: OwnPackages,
  replaces: Id,
  content: PackageContent,
  place: CountedPackage['place'],
  time: number,
): void {
  const pending = packageOf(own.pending, replaces);
  const covered = own.corrected.has(replaces) ? undefined : packageOf(own.covered, replaces);
  const target = pending ?? covered;
  if (target === undefined || content.payload === undefined || isKnownCommit(own, content.commit)) return;
  if (pending !== undefined) removePackage(own.pending, pending);
  else own.corrected.add(replaces);
  addPackage(own.pending, { ...toCounted(content, content.payload, place, time), corrects: replaces });
}

function toCounted(
  content: PackageContent,
  payload: Uint8Array,
  place: CountedPackage['place'],
  time: number,
): NewPackage {
  const [start, end] = content.interval;
  return {
    commit: content.commit,
    meter: content.meter,
    kind: content.kind,
    start,
    end,
    payload: decodePayload(payload), // what is none would be refused later, by everybody
    encoded: payload,
    time,
    standing: 'on_time',
    place,
  };
}

/** The packages of a meter (and customer) that count or will, in order of time. */
export function ownPackagesOf(own: OwnPackages, isMeter: (packageMeter: string) => boolean): readonly CountedPackage[] {
  const found: CountedPackage[] = [];
  for (const index of [own.covered, own.pending]) {
    for (const { meter, packages } of packageRows(index)) {
      if (!isMeter(meter)) continue;
      for (const counted of packages)
        if (index === own.pending || !own.corrected.has(counted.commit)) found.push(counted);
    }
  }
  return found.sort((a, b) => a.start - b.start || (a.meter < b.meter ? -1 : 1));
}

/** The package of a meter that ends last. */
export function lastOwnPackage(own: OwnPackages, meter: string, kind: string): CountedPackage | undefined {
  const [pending] = lastFirst(own.pending, meter, kind);
  const covered = firstWhere(lastFirst(own.covered, meter, kind), ({ commit }) => !own.corrected.has(commit));
  if (covered === undefined || pending === undefined) return covered ?? pending;
  return pending.end > covered.end ? pending : covered;
}

function firstWhere<T>(items: Iterable<T>, isMeant: (item: T) => boolean): T | undefined {
  for (const item of items) if (isMeant(item)) return item;
  return undefined;
}
