import type { Id } from '../ledger/codec/id.ts';
import { type BoundaryMeter } from '../programme/boundary.ts';
import type { SubmissionContent } from '../programme/entries.ts';
import { type MeterSituation, toMeterSituation } from '../programme/meter-situation.ts';
import { notePackage, type OwnChain } from '../programme/own-packages.ts';
import { planSubmission, toSubmissionBlocks } from '../programme/plan-submission.ts';
import type { Policy } from '../programme/policy.ts';
import { showInterval } from '../programme/show-quantity.ts';
import { conflictError, type FileDrafts, type SubmissionReport, toConflictReport, toMeterReports } from '../programme/submission-report.ts';
import { decimalToText } from '../calc/decimal.ts';
import { isAdmitted } from '../programme/state.ts';
import { ownChain } from './append-entry.ts';
import { refOf } from './chain-reader.ts';
import type { LoadOptions } from './ledger.ts';
import { openHome } from './home.ts';
import { type Surroundings, withWriter, type Writer } from './session.ts';
import { readOwnMeters } from './own-chain.ts';
import { appendBlocks } from './writer.ts';

/** A home that is about to append packages: its own chain as it stands, changed in place by every submission. */
export interface Submitter {
  readonly writer: Writer;
  readonly own: OwnChain;
  readonly policy: Policy;
  readonly meters: ReadonlyMap<string, BoundaryMeter>;
  readonly notes: readonly string[];
  readonly dryRun: boolean;
  /** Where the next block goes. */
  head: Parameters<typeof appendBlocks>[0]['head'];
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

/** Runs with the lock, the keys and one's own chain. @throws JoulemarkError USAGE where no boundary is declared. */
export async function withSubmitter<T>(surroundings: Surroundings, run: (submitter: Submitter) => T | Promise<T>): Promise<T> {
  return withWriter(surroundings, (writer) => run(toSubmitter(writer, surroundings.dryRun)), ownChainOnly(surroundings.home));
}

function toSubmitter(writer: Writer, dryRun: boolean): Submitter {
  const { own, policy, meters } = readOwnMeters(writer, writer.now);
  const { state, commit } = ownChain(writer);
  return { writer, own, policy, meters, notes: notesOn(own, writer), dryRun, head: { state, commit } };
}

function notesOn({ boundary, organisation }: OwnChain, writer: Writer): readonly string[] {
  const notes: string[] = [];
  if (boundary?.standing !== 'accepted') notes.push('the boundary is declared and not accepted yet: packages count by the one that the certification body accepts');
  if (organisation === undefined || !isAdmitted(organisation, 'applicant', writer.programme.state.time)) {
    notes.push('this organisation is not admitted as an applicant here: packages that are broadcast before it is do not count');
  }
  return notes;
}

/** The situation of the moment: it changes with every submission. */
export const situationOf = ({ policy, meters, own, writer }: Submitter): MeterSituation => toMeterSituation(policy, meters, own, writer.now);

/**
 * Submits one file: nothing of it, or all that is new in as many blocks as it needs.
 * @throws JoulemarkError USAGE for a file that cannot be read, and for conflicts unless `appendTheRest`; nothing is written then.
 */
export function submit(submitter: Submitter, submission: Submission): SubmissionReport {
  const { writer, own, policy, dryRun } = submitter;
  const { home } = writer;
  const situation = situationOf(submitter);
  const file = submission.read(situation);
  const plan = planSubmission(file.drafts, own, policy, home.org, writer.makeSalt);
  const { blocks } = ownChain(writer);
  const conflicts = plan.conflicts.map((conflict) => toConflictReport(conflict, situation, blocks[conflict.existing.place.seq]?.body.time ?? writer.now));
  if (conflicts.length > 0 && !submission.appendTheRest) throw conflictError(conflicts, plan.fresh.length);
  const heading: SubmissionContent | null = submission.profile === null ? null : { profile: submission.profile, source: submission.source.slice(0, 200) };
  const appended = appendGroups(submitter, toSubmissionBlocks(plan.fresh.map(({ content }) => content), heading));
  for (const { content } of plan.fresh) notePackage(own.packages, content, { seq: appended[0]?.seq ?? 0, entry: 0 }, writer.now);
  return {
    organisation: { id: home.org, name: home.config.name },
    source: submission.source,
    meters: toMeterReports(plan, file, situation),
    conflicts,
    notes: [...submitter.notes, ...file.notes],
    blocks: appended,
    dryRun,
    packages: dryRun
      ? plan.fresh.map(({ draft, content }) => ({
          meter: draft.meter,
          start: draft.start,
          end: draft.end,
          dates: showInterval(draft.start, draft.end, situation.meters.get(draft.meter.split('/')[0] ?? '')?.zone ?? situation.zone, situation.meters.get(draft.meter.split('/')[0] ?? '')?.dayStarts ?? 0),
          quantity: decimalToText(draft.payload.quantity),
          unit: draft.payload.unit,
          provenance: draft.payload.provenance,
          commit: content.commit,
        }))
      : [],
  };
}

/** Appends blocks of entries and moves the head on, so that several submissions fit under one lock. */
function appendGroups(submitter: Submitter, groups: readonly (readonly Uint8Array[])[]): readonly { readonly seq: number; readonly id: Id; readonly entries: number }[] {
  if (groups.length === 0) return [];
  const { writer, head } = submitter;
  const { home, programme, keys, now } = writer;
  const sealed = appendBlocks({
    store: home.store,
    paths: home.paths,
    signer: keys,
    head,
    seen: { seq: programme.state.seq, id: programme.state.head },
    time: now,
    blocks: groups,
    dryRun: submitter.dryRun,
  });
  const last = sealed.at(-1);
  if (last !== undefined && !submitter.dryRun) submitter.head = { state: last.state, commit: home.store.readRef(refOf(last.state)) ?? '' };
  return sealed.map(({ block }) => ({ seq: block.body.seq, id: block.id, entries: block.items.length }));
}
