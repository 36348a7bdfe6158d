/** The work behind the page: opens what was dropped, verifies it, and keeps what its figures come from. Touches no document. */
import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { openBundle } from '../ledger/git/bundle-source.ts';
import type { ChainSource } from '../ledger/git/chain-source.ts';
import { portablePackTools } from '../ledger/git/portable-pack-tools.ts';
import { chainOfRef, PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import { runChainTask } from '../ledger/git/verify-task.ts';
import { createDecisionTracer, type DecisionTrace } from '../programme/decision-trace.ts';
import { replay } from '../programme/replay.ts';
import {
  blocksOf,
  type CheckedBranch,
  genesisOf,
  organisationBranches,
  toChecked,
  toVerification,
  type Verification,
  viewOf,
} from '../programme/verification.ts';
import {
  BUNDLE_FILE,
  type ExportFolder,
  openExport,
  readExport,
  TEXT_FILE,
  verifyFacts,
} from '../report/export-folder.ts';
import { SUMS_FILE } from '../report/sha256-sums.ts';
import { type LedgerPage, type PackageRow, packageRowsOf, type Side, toLedgerPage } from '../report/ledger-page.ts';
import { withSubtle } from './primitives-page.ts';

/** Where a verification is. */
export interface Progress {
  readonly phase: 'reading' | 'signatures' | 'ledger';
  readonly blocks: number;
  readonly chains: number;
  readonly ofChains: number;
}

/** What came of it: a ledger to look at, or why there is none. */
export interface Outcome {
  readonly page: LedgerPage | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
  /** Of an export folder whose files are as they were written: SHA-256 of SHA256SUMS, to be compared with one that came by another way. */
  readonly sumsHash: string | null;
  readonly seconds: number;
}

export interface Question {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The ledger id that the reader was told; null takes the ledger's own at its word. */
  readonly ledger: Id | null;
}

export interface Engine {
  readonly verify: (question: Question, progress: (progress: Progress) => void) => Promise<Outcome>;
  readonly packages: (place: string, meter: string, side: Side) => readonly PackageRow[];
}

export function createEngine(): Engine {
  let traces: ReadonlyMap<string, DecisionTrace> = new Map();
  return {
    verify: async (question, progress) => {
      const start = Date.now();
      traces = new Map();
      let sumsHash: string | null = null;
      const outcome = (rest: Pick<Outcome, 'page' | 'failure'>): Outcome => ({
        ...rest,
        sumsHash,
        seconds: (Date.now() - start) / 1000,
      });
      try {
        progress({ phase: 'reading', blocks: 0, chains: 0, ofChains: 0 });
        await pause();
        const folder = isFolder(question.files) ? readExport(question.files) : null;
        sumsHash = folder?.sumsHash ?? null;
        const checked = await verifySource(openDropped(question.files, folder), question.ledger, progress);
        if (folder !== null) verifyFacts(folder, checked.verification);
        const { page } = checked;
        ({ traces } = checked);
        return outcome({ page, failure: null });
      } catch (error) {
        const isOurs = error instanceof JoulemarkError;
        const code = isOurs ? error.code : 'INTERNAL';
        return outcome({
          page: null,
          failure: { code, message: error instanceof Error ? error.message : String(error) },
        });
      }
    },
    packages: (place, meter, side) => {
      const trace = traces.get(place);
      return trace === undefined ? [] : packageRowsOf(trace, meter, side);
    },
  };
}

/** True for what has something of an export: one that lacks its sums is one that somebody took them out of. A bundle by itself is none. */
const isFolder = (files: Question['files']): boolean =>
  [BUNDLE_FILE, SUMS_FILE, TEXT_FILE].some((name) => files.has(name) && (files.size > 1 || name !== BUNDLE_FILE));

/** The chains of what was dropped: an export folder, or any one file that is a bundle. */
function openDropped(files: ReadonlyMap<string, Uint8Array>, folder: ExportFolder | null): ChainSource {
  if (folder !== null) return openExport(folder, [], portablePackTools);
  const [bundle] = files.values();
  if (bundle === undefined || files.size > 1)
    throw new JoulemarkError('NO_LEDGER', `no '${BUNDLE_FILE}' among the ${files.size} files`);
  return openBundle(bundle, portablePackTools);
}

interface Checked {
  readonly verification: Verification;
  readonly traces: ReadonlyMap<string, DecisionTrace>;
  readonly page: LedgerPage;
}

/** `verifyCopy`, but that the signatures of each chain are judged by the browser, and the replay keeps what decisions were made of. */
async function verifySource(
  source: ChainSource,
  told: Id | null,
  progress: (progress: Progress) => void,
): Promise<Checked> {
  const refs = source.listRefs();
  if (!refs.has(PROGRAMME_REF)) throw new JoulemarkError('NO_LEDGER', 'the copy has no programme chain');
  const ledger = told ?? genesisOf(source, refs);
  const read = new Map<string, CheckedBranch>();
  let blocks = 0;
  const say = (phase: Progress['phase']): void => progress({ phase, blocks, chains: read.size, ofChains: refs.size });
  for (const [ref, commit] of refs) {
    say('signatures');
    // oxlint-disable-next-line no-await-in-loop -- one chain at a time: signatures of one are judged while it is read
    const report = await withSubtle(() => runChainTask(source, { ref, commit, name: chainOfRef(ledger, ref) }));
    blocks += report.ids.length / 32;
    read.set(ref, toChecked(source, report));
  }
  say('ledger');
  await pause();
  const tracer = createDecisionTracer();
  const programme = read.get(PROGRAMME_REF);
  const ahead =
    programme === undefined || programme.fault !== null
      ? null
      : replay(blocksOf(programme.branch), viewOf(ledger, programme.branch, organisationBranches(read)), {
          before: tracer.before,
        });
  const verification = toVerification(ledger, read, ahead);
  const { traces } = tracer;
  const compared = told === null ? null : 'with the id entered';
  const page = toLedgerPage(verification, traces, {
    compared,
    pinned: null,
    now: Math.floor(Date.now() / 1000),
    maxAge: null,
  });
  return { verification, traces, page };
}

/** Lets messages out, and on a page without a worker lets it paint. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
