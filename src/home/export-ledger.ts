import type { Block } from '../ledger/block.ts';
import type { Id } from '../ledger/codec/id.ts';
import { JoulemarkError } from '../errors.ts';
import { replay } from '../programme/replay.ts';
import { encodeExport, type ExportFiles, PAGE_FILE, readExport, VERIFIER_FILE } from '../report/export-folder.ts';
import type { ExportFacts, ExportScope } from '../report/export-facts.ts';
import { readBuiltFile, requireBuiltFile } from './built-file.ts';
import { coveredBlocks, encodeLedgerBundle, type LedgerObjects, ledgerObjects } from './export-bundle.ts';
import { toView } from './ledger.ts';
import { openSession, type Session, type Surroundings } from './session.ts';

/** What of the ledger to export. */
export type ExportChoice =
  | { readonly kind: 'whole' }
  /** What came after a programme block. `refs`: the branches of the earlier export, where that was named. */
  | { readonly kind: 'since'; readonly seq: number; readonly refs: ReadonlyMap<string, string> | null };

/** An export as it will be written, and what is told of it. */
export interface PreparedExport {
  readonly files: ExportFiles;
  readonly facts: ExportFacts;
  /** SHA-256 of SHA256SUMS: what must reach the reader by another way, beside the ledger id. */
  readonly sumsHash: string;
}

interface Final {
  readonly seq: number;
  readonly branches: ReadonlyMap<string, readonly Block[]>;
  readonly broadcast: ExportFacts['broadcast'];
  readonly objects: LedgerObjects;
}

/**
 * Makes the export of a home's ledger: everything final, nothing that waits for a broadcast. The same ledger, choice and version give the same
 * bytes, in whatever home.
 * @throws JoulemarkError VERIFY_FAILED when the home's own copy is broken, USAGE for a place that it does not have, FAILED without a build.
 */
export function prepareExport(
  surroundings: Pick<Surroundings, 'home'>,
  choice: ExportChoice,
  version: string,
): PreparedExport {
  const verifier = requireBuiltFile(VERIFIER_FILE);
  const session = openSession(surroundings, { decisions: 'as-signed' });
  const now = finalAt(session, session.programme.blocks.length - 1);
  const below = choice.kind === 'since' ? belowOf(session, choice) : null;
  const head = blockAt(session, now.seq);
  const facts: ExportFacts = {
    ledger: session.home.ledger,
    scope: below === null ? { kind: 'whole' } : toScope(session, below),
    head: { seq: now.seq, id: head.id },
    broadcast: now.broadcast,
    chains: now.branches.size,
    blocks: count(now.branches.values(), (blocks) => blocks.length),
    leftOut: count(now.branches.values(), (blocks) => count(blocks, leavesOf)),
    writtenBy: version,
  };
  const files = encodeExport(facts, {
    bundle: encodeLedgerBundle(now.objects, below?.objects ?? null),
    verifier,
    page: readBuiltFile(PAGE_FILE),
  });
  return { files, facts, sumsHash: readExport(files).sumsHash };
}

const leavesOf = ({ items }: Block): number => count(items, (item) => ('leaf' in item ? 1 : 0));

function count<T>(values: Iterable<T>, of: (value: T) => number): number {
  let sum = 0;
  for (const value of values) sum += of(value);
  return sum;
}

/** What is final as of a programme block, as git objects. */
export function finalAt(session: Pick<Session, 'programme' | 'chains' | 'home'>, seq: number): Final {
  const { programme, chains, home } = session;
  const view = toView(home.ledger, programme.blocks, chains);
  const { state, cursor, fault } = replay(programme.blocks.slice(0, seq + 1), view, { decisions: 'as-signed' });
  if (fault !== null) throw fault;
  const branches = coveredBlocks(session, seq, cursor.covered);
  const { time } = blockAt(session, seq).body;
  return { seq, branches, broadcast: state.lastBroadcast, objects: ledgerObjects(branches, time) };
}

function blockAt({ programme }: Pick<Session, 'programme'>, seq: number): Block {
  const block = programme.blocks[seq];
  if (block === undefined) {
    throw new JoulemarkError('USAGE', `no programme block ${seq} here, the newest is ${programme.blocks.length - 1}`, {
      hints: ['joulemark ledger log', 'joulemark sync'],
    });
  }
  return block;
}

function belowOf(session: Session, { seq, refs }: Extract<ExportChoice, { kind: 'since' }>): Final {
  blockAt(session, seq);
  const below = finalAt(session, seq);
  const same =
    refs === null ||
    (refs.size === below.objects.refs.size && [...refs].every(([ref, oid]) => below.objects.refs.get(ref) === oid));
  if (same) return below;
  throw new JoulemarkError(
    'USAGE',
    `the earlier export is not what this ledger gives as of programme block ${seq}: nothing can be added to it`,
    { hints: ['joulemark ledger export <folder>'] },
  );
}

function toScope(session: Session, { seq }: Final): ExportScope {
  return { kind: 'since', seq, id: blockAt(session, seq).id satisfies Id };
}
