import { decimalToText } from '../calc/decimal.ts';
import type { BlockPlace } from '../ledger/block.ts';
import type { ChainState } from '../ledger/chain.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { SubmissionContent } from '../programme/entries.ts';
import {
  type MeterSituation,
  type OwnHistory,
  type SituatedMeter,
  type SubmissionRules,
  toMeterSituation,
} from '../programme/meter-situation.ts';
import { notePackage } from '../programme/own-packages.ts';
import { historyOf, isBehind, type OwnSnapshot, snapshotPackages } from '../programme/own-snapshot.ts';
import { planSubmission, type SubmissionPlan, toSubmissionBlocks } from '../programme/plan-submission.ts';
import { showInterval } from '../programme/show-quantity.ts';
import {
  conflictError,
  type FileDrafts,
  type SubmissionReport,
  toConflictReport,
  toMeterReports,
} from '../programme/submission-report.ts';
import { refOf } from './chain-reader.ts';
import { type Home, openHome } from './home.ts';
import { type KeyRing, unlockKeys } from './key-ring.ts';
import type { LoadOptions } from './ledger.ts';
import { keepSnapshot, openSnapshot } from './own-cache.ts';
import type { Surroundings } from './session.ts';
import { appendBlocks, verifyKeyInForce, withHomeLock } from './writer.ts';

/** A home that is about to append packages: its own chain as it stands, changed in place by every submission. */
export interface Submitter {
  readonly home: Home;
  readonly keys: KeyRing;
  readonly now: number;
  readonly dryRun: boolean;
  /** The newest programme block verified. */
  readonly seen: BlockPlace;
  readonly rules: SubmissionRules;
  readonly meters: ReadonlyMap<string, SituatedMeter>;
  readonly own: OwnHistory;
  readonly notes: readonly string[];
  /** The snapshot it was made from: it knows the newest packages only. Null when everything was read. */
  readonly snapshot: OwnSnapshot | null;
  /** How the next start finds what this one knows; null where that would not hold. */
  readonly toSnapshot:
    | ((packages: NonNullable<ReturnType<typeof snapshotPackages>>, head: Submitter['head']) => OwnSnapshot)
    | null;
  /** Where the next block goes. */
  head: { readonly state: ChainState; readonly commit: string };
}

/** A file to submit. `read` makes its packages in the situation of the moment. */
export interface Submission {
  readonly source: string;
  /** Digest of the profile it is read by; null for a file that describes itself. */
  readonly profile: Id | null;
  /** Append what is new although something conflicts. */
  readonly appendTheRest: boolean;
  read(situation: MeterSituation): FileDrafts;
}

/** What a submission needs of the ledger: its own chain beside the programme's, decisions taken as they stand. */
export function ownChainOnly(home: string): LoadOptions {
  return { only: [openHome(home).org], decisions: 'as-signed' };
}

/**
 * Runs with the lock, the keys and one's own chain, all of it read.
 * @throws JoulemarkError USAGE for the certification body's home and where no boundary is declared.
 */
export async function withSubmitter<T>(
  surroundings: Surroundings,
  run: (submitter: Submitter) => T | Promise<T>,
): Promise<T> {
  const home = openHome(surroundings.home);
  return withHomeLock(home.paths, home.store, surroundings.wait, () => runLoaded(home, surroundings, run));
}

/**
 * Submits one file: a few blocks are read, not the chain, where the snapshot of the last run holds and the file does not reach behind it
 * [measured: a whole process at 365 daily blocks from 4.8 to 3 times a bare start].
 */
export async function submitFile(surroundings: Surroundings, submission: Submission): Promise<SubmissionReport> {
  const home = openHome(surroundings.home);
  return withHomeLock(home.paths, home.store, surroundings.wait, async () => {
    const short = await openSubmitter(home, surroundings);
    const report = short === null ? null : trySubmit(short, submission);
    if (report === null || short === null)
      return runLoaded(home, surroundings, (submitter) => submit(submitter, submission));
    keep(short);
    return report;
  });
}

async function runLoaded<T>(
  home: Home,
  surroundings: Surroundings,
  run: (submitter: Submitter) => T | Promise<T>,
): Promise<T> {
  const { loadSubmitter } = await import('./load-submitter.ts');
  const submitter = await loadSubmitter(home, surroundings, surroundings.now());
  const result = await run(submitter);
  keep(submitter);
  return result;
}

/** Notes for the next start what this one knows. */
function keep({ home, own, head, dryRun, snapshot, toSnapshot }: Submitter): void {
  if (dryRun || toSnapshot === null) return;
  const packages = snapshotPackages(own.packages, snapshot);
  if (packages !== null) keepSnapshot(home, toSnapshot(packages, head));
}

async function openSubmitter(home: Home, surroundings: Surroundings): Promise<Submitter | null> {
  if (home.isBody) return null;
  const now = surroundings.now();
  const snapshot = openSnapshot(home, refOf({ kind: 'organisation', id: home.org }), now);
  if (snapshot === null) return null;
  const keys = await unlockKeys(home.paths, () => surroundings.passphrase());
  if (keys.keyId !== snapshot.own.state.keys.currentId) return null;
  const { rules, meters, programme, own } = snapshot;
  return {
    home,
    keys,
    now,
    dryRun: surroundings.dryRun,
    seen: { seq: programme.state.seq, id: programme.state.head },
    rules,
    meters,
    own: historyOf(snapshot),
    notes: [],
    snapshot,
    head: own,
    // rows that were cut stay cut: what was left out is still left out
    toSnapshot: (packages, head) => ({
      ...snapshot,
      ...packages,
      own: head,
      horizon: new Map([...snapshot.horizon, ...packages.horizon]),
    }),
  };
}

/** The situation of the moment: it changes with every submission. */
const situationOf = ({ rules, meters, own, now }: Submitter): MeterSituation =>
  toMeterSituation(rules, meters, own, now);

/** Null where the file reaches behind the snapshot; nothing was written then. */
function trySubmit(submitter: Submitter, submission: Submission): SubmissionReport | null {
  const { snapshot } = submitter;
  const situation = situationOf(submitter);
  const file = submission.read(situation);
  if (snapshot !== null && file.drafts.some((draft) => isBehind(snapshot, draft))) return null;
  return submitDrafts(submitter, submission, file, situation);
}

/**
 * Submits one file: nothing of it, or all that is new in as many blocks as it needs.
 * @throws JoulemarkError USAGE for a file that cannot be read, and for conflicts unless `appendTheRest`; nothing is written then.
 */
export function submit(submitter: Submitter, submission: Submission): SubmissionReport {
  const situation = situationOf(submitter);
  return submitDrafts(submitter, submission, submission.read(situation), situation);
}

function submitDrafts(
  submitter: Submitter,
  submission: Submission,
  file: FileDrafts,
  situation: MeterSituation,
): SubmissionReport {
  const { home, keys, own, rules, dryRun, now } = submitter;
  const plan = planSubmission(file.drafts, own, rules, home.org, keys.makeSalt);
  const conflicts = plan.conflicts.map((conflict) => toConflictReport(conflict, situation));
  if (conflicts.length > 0 && !submission.appendTheRest) throw conflictError(conflicts, plan.fresh.length);
  const heading: SubmissionContent | null =
    submission.profile === null ? null : { profile: submission.profile, source: submission.source.slice(0, 200) };
  const groups = toSubmissionBlocks(
    plan.fresh.map(({ content }) => content),
    heading,
  );
  const blocks = appendGroups(submitter, groups);
  let next = 0;
  for (const { seq, entries } of blocks) {
    for (let entry = heading === null ? 0 : 1; entry < entries; entry += 1, next += 1) {
      const content = plan.fresh[next]?.content;
      if (content !== undefined) notePackage(own.packages, content, { seq, entry }, now);
    }
  }
  return {
    organisation: { id: home.org, name: home.config.name },
    source: submission.source,
    meters: toMeterReports(plan, file, situation),
    conflicts,
    notes: [...submitter.notes, ...file.notes],
    blocks,
    dryRun,
    packages: dryRun ? listPackages(plan, situation) : [],
  };
}

function listPackages(plan: SubmissionPlan, { meters, zone }: MeterSituation): SubmissionReport['packages'] {
  return plan.fresh.map(({ draft: { meter, start, end, payload }, content: { commit } }) => {
    const declared = meters.get(meter.split('/')[0] ?? meter);
    const dates = showInterval(start, end, declared?.zone ?? zone, declared?.dayStarts ?? 0);
    return {
      meter,
      start,
      end,
      dates,
      quantity: decimalToText(payload.quantity),
      unit: payload.unit,
      provenance: payload.provenance,
      commit,
    };
  });
}

/** Appends blocks of entries and moves the head on, so that several submissions fit under one lock. */
function appendGroups(submitter: Submitter, groups: readonly (readonly Uint8Array[])[]): SubmissionReport['blocks'] {
  if (groups.length === 0) return [];
  const { home, keys, seen, now, dryRun, head } = submitter;
  verifyKeyInForce(head.state, keys.keyId);
  const sealed = appendBlocks({
    store: home.store,
    paths: home.paths,
    signer: keys,
    head,
    seen,
    time: now,
    blocks: groups,
    dryRun,
  });
  const last = sealed.at(-1);
  if (last !== undefined && !dryRun)
    submitter.head = { state: last.state, commit: home.store.readRef(refOf(last.state)) ?? '' };
  return sealed.map(({ block }) => ({ seq: block.body.seq, id: block.id, entries: block.items.length }));
}
