/** The work behind the page: opens what was dropped, verifies it, and keeps what its figures come from. Touches no document. */
import type { Id } from '../ledger/codec/id.ts';
import type { ChainSource } from '../ledger/git/chain-source.ts';
import { createDecisionTracer, type DecisionTrace, type DecisionTracer } from '../programme/decision-trace.ts';
import type { Verification } from '../programme/verification.ts';
import { verifyCopy } from '../programme/verify-copy.ts';
import type { KnownPlace } from '../programme/told-history.ts';
import { verifyFacts } from '../report/export-folder.ts';
import { toToldExport, type ToldExport } from '../report/export-lines.ts';
import { type PackageRow, packageRowsOf, type Side } from '../report/decision-page.ts';
import { type LedgerPage, toLedgerPage } from '../report/ledger-page.ts';
import { failureOf, type Failure } from './failure.ts';
import { type Given, openGiven } from './given.ts';

/** Where a verification is. */
export interface Progress {
  readonly phase: 'reading' | 'signatures' | 'ledger';
  readonly blocks: number;
  /** How many there are about; 0 where that is not known yet. */
  readonly ofBlocks: number;
}

/** What came of it: a ledger to look at, or why there is none. */
export interface Outcome {
  readonly page: LedgerPage | null;
  readonly failure: Failure | null;
  /** Of an export folder whose files are as they were written. */
  readonly folder: ToldExport | null;
  /** The earlier exports that it builds on, oldest first. */
  readonly onto: readonly string[];
  /** When the verification began, seconds since 1970. */
  readonly time: number;
  readonly seconds: number;
}

/** What the reader was told by another way than what he gives. */
export interface Told {
  /** The ledger id; null takes the ledger's own at its word. */
  readonly ledger: Id | null;
  /** The SHA-256 of SHA256SUMS of the export folder. */
  readonly sums: string | null;
  /** A programme block: where a copy holds two histories, the one with it is meant. */
  readonly at: KnownPlace | null;
}

export interface Question {
  readonly given: readonly Given[];
  readonly told: Told;
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
      let folder: ToldExport | null = null;
      let onto: readonly string[] = [];
      let source: ChainSource | null = null;
      const outcome = (rest: Pick<Outcome, 'page' | 'failure'>): Outcome => ({
        ...rest,
        folder,
        onto,
        time: Math.floor(start / 1000),
        seconds: (Date.now() - start) / 1000,
      });
      try {
        progress({ phase: 'reading', blocks: 0, ofBlocks: 0 });
        await pause();
        const opened = openGiven(question.given, question.told.sums);
        ({ source, onto } = opened);
        folder = opened.folder === null ? null : toToldExport(opened.folder, question.told.sums);
        const checked = await verifySource(opened.source, folder, question.told, progress);
        if (opened.folder !== null) verifyFacts(opened.folder, checked.verification);
        const { page } = checked;
        ({ traces } = checked);
        return outcome({ page, failure: null });
      } catch (error) {
        return outcome({ page: null, failure: failureOf(error, source, question.told.ledger) });
      }
    },
    packages: (place, meter, side) => {
      const trace = traces.get(place);
      return trace === undefined ? [] : packageRowsOf(trace, meter, side);
    },
  };
}

interface Checked {
  readonly verification: Verification;
  readonly traces: ReadonlyMap<string, DecisionTrace>;
  readonly page: LedgerPage;
}

/** Verifies, and keeps what decisions were made of. */
async function verifySource(
  source: ChainSource,
  folder: ToldExport | null,
  { ledger: told, at }: Told,
  progress: (progress: Progress) => void,
): Promise<Checked> {
  let blocks = 0;
  const known = blocksBefore(source);
  const say = (phase: Progress['phase']): void => progress({ phase, blocks, ofBlocks: Math.max(blocks, known) });
  say('signatures');
  let traces: DecisionTracer['traces'] = new Map();
  const verification = await verifyCopy(source, {
    ledger: told,
    known: at === null ? [] : [at],
    pause,
    progress: (added) => {
      blocks += added;
      say('signatures');
    },
    watch: () => {
      const tracer = createDecisionTracer();
      ({ traces } = tracer);
      return tracer.before;
    },
  });
  say('ledger');
  await pause();
  const page = toLedgerPage(verification, traces, folder, {
    compared: told === null ? null : 'with the id entered',
    pinned: null,
    told: at,
    now: Math.floor(Date.now() / 1000),
    maxAge: null,
  });
  return { verification, traces, page };
}

/** How many blocks stand before the last file of each chain: nearly all. */
function blocksBefore(source: ChainSource): number {
  let blocks = 0;
  for (const [ref, commit] of source.listRefs()) blocks += source.listSegments(ref, commit).at(-1)?.firstSeq ?? 0;
  return blocks;
}

/** Lets messages out, and on a page without a worker lets it paint. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
