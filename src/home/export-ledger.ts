import type { Block } from '../ledger/block.ts';
import { entryAt } from '../ledger/entry.ts';
import { leafOf } from '../ledger/record.ts';
import type { Id } from '../ledger/codec/id.ts';
import { JoulemarkError } from '../errors.ts';
import { cutTo, type KeepEntry } from '../programme/cut-ledger.ts';
import { findOrganisation } from '../programme/find-organisation.ts';
import { findPeriod } from '../programme/certification.ts';
import { replay } from '../programme/replay.ts';
import { embedBundle } from '../report/embed-bundle.ts';
import { encodeExport, type ExportFiles, PAGE_FILE, readExport, VERIFIER_FILE } from '../report/export-folder.ts';
import type { ExportFacts, ExportScope } from '../report/export-facts.ts';
import { readBuiltFile, requireBuiltFile } from './built-file.ts';
import { coveredBlocks, encodeLedgerBundle, type LedgerObjects, ledgerObjects } from './export-bundle.ts';
import { toView } from './ledger.ts';
import { isExportCopy, readExportCopy } from './verify-export.ts';
import { decodeBundle } from '../ledger/git/bundle.ts';
import { openSession, type Session, type Surroundings } from './session.ts';
import { organisationOfRef } from '../ledger/git/ref-name.ts';

/** What of the ledger to export. */
export type ExportChoice =
  | { readonly kind: 'whole' }
  /** What came after a programme block. `refs`: the branches of the earlier export, where that was named. */
  | { readonly kind: 'since'; readonly seq: number; readonly refs: ReadonlyMap<string, string> | null }
  /** What concerns an applicant and a period, as a person names them; leaf hashes in place of the rest. */
  | { readonly kind: 'cut'; readonly applicant: string; readonly period: string };

export interface ExportOptions {
  /** The version that VERIFY.txt names. */
  readonly version: string;
  /** Puts the bundle into the page too, so that the page alone is enough. */
  readonly embed: boolean;
  readonly progress?: (blocks: number) => void;
}

/** An export as it will be written, and what is told of it. */
export interface PreparedExport {
  readonly files: ExportFiles;
  readonly facts: ExportFacts;
  /** SHA-256 of SHA256SUMS: what must reach the reader by another way, beside the ledger id. */
  readonly sumsHash: string;
}

/** Chains that were read and verified, and whose ledger they are. */
type FinalSource = Pick<Session, 'programme' | 'chains'> & { readonly home: Pick<Session['home'], 'ledger'> };

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
  { version, embed, progress }: ExportOptions,
): PreparedExport {
  const verifier = requireBuiltFile(VERIFIER_FILE);
  const page = embed ? requireBuiltFile(PAGE_FILE) : readBuiltFile(PAGE_FILE);
  const session = openSession(surroundings, { decisions: 'as-signed' });
  const whole = finalAt(session, session.programme.blocks.length - 1, progress);
  const below = choice.kind === 'since' ? belowOf(session, choice) : null;
  const { final: now, scope } = choice.kind === 'cut' ? cutOf(session, whole, choice) : { final: whole, scope: null };
  const head = blockAt(session, now.seq);
  const facts: ExportFacts = {
    ledger: session.home.ledger,
    scope: scope ?? (below === null ? { kind: 'whole' } : toScope(session, below)),
    head: { seq: now.seq, id: head.id },
    broadcast: now.broadcast,
    chains: now.branches.size,
    blocks: count(now.branches.values(), (blocks) => blocks.length),
    leftOut: count(now.branches.values(), (blocks) => count(blocks, leavesOf)),
    writtenBy: version,
  };
  const bundle = encodeLedgerBundle(now.objects, below?.objects ?? null);
  const files = encodeExport(facts, {
    bundle,
    verifier,
    page: page !== null && embed ? embedBundle(page, bundle) : page,
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
export function finalAt(session: FinalSource, seq: number, progress?: (blocks: number) => void): Final {
  const { programme, chains, home } = session;
  const view = toView(home.ledger, programme.blocks, chains);
  const { state, cursor, fault } = replay(programme.blocks.slice(0, seq + 1), view, { decisions: 'as-signed' });
  if (fault !== null) throw fault;
  const branches = coveredBlocks(session, seq, cursor.covered);
  const { time } = blockAt(session, seq).body;
  return { seq, branches, broadcast: state.lastBroadcast, objects: ledgerObjects(branches, time, progress) };
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

/**
 * What an earlier export leaves to be added.
 * @throws JoulemarkError USAGE when the path holds none that can be added to; VERIFY_FAILED when it is not as it was written.
 */
export function earlierExport(path: string): Extract<ExportChoice, { kind: 'since' }> {
  if (!isExportCopy(path))
    throw new JoulemarkError('USAGE', `no export at '${path}', and no number of a programme block`);
  const { folder, bundle } = readExportCopy(path);
  if (folder === null || folder.facts.scope.kind === 'cut') {
    throw new JoulemarkError(
      'USAGE',
      `nothing can be added to '${path}': it is ${folder === null ? 'a bundle alone' : 'a part'}`,
      {
        hints: ['name a whole export, or one made with --since'],
      },
    );
  }
  return { kind: 'since', seq: folder.facts.head.seq, refs: decodeBundle(bundle).refs };
}

function toScope(session: Session, { seq }: Final): ExportScope {
  return { kind: 'since', seq, id: blockAt(session, seq).id satisfies Id };
}

/** @throws JoulemarkError USAGE for an organisation or a period that the ledger does not know. */
function cutOf(
  session: Session,
  { seq, branches, broadcast }: Final,
  { applicant: name, period: label }: Extract<ExportChoice, { kind: 'cut' }>,
): { readonly final: Final; readonly scope: ExportScope } {
  const applicant = findOrganisation(session.state, name);
  if (!applicant.roles.includes('applicant'))
    throw new JoulemarkError('USAGE', `'${applicant.name}' is no applicant here`, { hints: ['joulemark org list'] });
  const period = findPeriod(session.state, label);
  const keep = cutTo(session.state, applicant, period);
  const cut = new Map([...branches].map(([ref, blocks]) => [ref, blocks.map((block) => cutBlock(ref, block, keep))]));
  const objects = ledgerObjects(cut, blockAt(session, seq).body.time);
  return {
    final: { seq, branches: cut, broadcast, objects },
    scope: { kind: 'cut', applicant: applicant.id, period: period.label },
  };
}

function cutBlock(ref: string, block: Block, keep: KeepEntry): Block {
  const org = organisationOfRef(ref);
  const items = block.items.map((item, index) => {
    const entry = entryAt(block, index);
    return entry === null || keep(org, index, entry) ? item : { leaf: leafOf(item) };
  });
  return { ...block, items };
}
