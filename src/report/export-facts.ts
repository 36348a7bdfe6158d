import { JoulemarkError } from '../errors.ts';
import { type Id, isId } from '../ledger/codec/id.ts';
import type { Verification } from '../programme/verification.ts';

/** What of a ledger an export holds. */
export type ExportScope =
  | { readonly kind: 'whole' }
  /** What came after a programme block; the rest is in an earlier export. */
  | { readonly kind: 'since'; readonly seq: number; readonly id: Id }
  /** What concerns one applicant and period; leaf hashes in place of all else. */
  | { readonly kind: 'cut'; readonly applicant: Id; readonly period: string };

/** What an export says of itself, each of it bound to the bundle beside it. */
export interface ExportFacts {
  readonly ledger: Id;
  readonly scope: ExportScope;
  /** The newest programme block. */
  readonly head: { readonly seq: number; readonly id: Id };
  /** The newest broadcast and its time, seconds since 1970; null before the first. */
  readonly broadcast: { readonly seq: number; readonly time: number } | null;
  readonly chains: number;
  readonly blocks: number;
  /** Entries of which only the leaf hash is here. */
  readonly leftOut: number;
  /** The version of joulemark that wrote it. */
  readonly writtenBy: string;
}

/** Of the whole of an export: what its bundle is held against. */
type Counted = Omit<ExportFacts, 'scope' | 'writtenBy'>;

/** The facts of what was verified. */
export function countedFacts(verification: Verification): Counted {
  const { ledger, state, chains, blocks, findings } = verification;
  return {
    ledger,
    head: { seq: state.head.seq, id: state.head.id },
    broadcast: state.lastBroadcast,
    chains,
    blocks,
    leftOut: findings.filter(({ code }) => code === 'entry-absent').length,
  };
}

const LABEL_WIDTH = 13;

// the two values that no ledger is held against are words of these forms: whoever prepares a folder says nothing else in them
const VERSION = /^joulemark (\d[0-9A-Za-z.+-]{0,63})$/;
const CUT = /^what concerns ([0-9a-f]{64}) in (\d{4}(?:-\d{2}){0,2})$/;
const line = (label: string, value: string): string => `${label.padEnd(LABEL_WIDTH)}${value}`;

/** Whether an export of this ledger can hold what it says: a block and an organisation that are named are its own. */
export function isScopeOf(scope: ExportScope, { programmeId, state }: Verification): boolean {
  if (scope.kind === 'whole') return true;
  return scope.kind === 'since' ? programmeId(scope.seq) === scope.id : state.organisations.has(scope.applicant);
}

/** The facts as lines, one each. */
export function factLines(facts: ExportFacts): readonly string[] {
  const { ledger, scope, head, broadcast, chains, blocks, leftOut, writtenBy } = facts;
  return [
    line('ledger', ledger),
    line('holds', scopeText(scope)),
    line('up to', `programme block ${head.seq} ${head.id}`),
    line('broadcast', broadcast === null ? 'none yet' : `${broadcast.seq} at ${broadcast.time}`),
    line('chains', String(chains)),
    line('blocks', String(blocks)),
    line('left out', String(leftOut)),
    line('written by', `joulemark ${writtenBy}`),
  ];
}

function scopeText(scope: ExportScope): string {
  if (scope.kind === 'whole') return 'the whole ledger';
  if (scope.kind === 'since') return `what came after programme block ${scope.seq} ${scope.id}`;
  return `what concerns ${scope.applicant} in ${scope.period}`;
}

/**
 * The facts of their lines. Loose: whoever reads writes them again and compares.
 * @throws JoulemarkError VERIFY_FAILED where a line is none.
 */
export function parseFactLines(lines: readonly string[]): ExportFacts {
  const of = (label: string): string => {
    const found = lines.find((candidate) => candidate.startsWith(label.padEnd(LABEL_WIDTH)));
    if (found === undefined) throw malformed(`no line '${label}'`);
    return found.slice(LABEL_WIDTH);
  };
  const head = /^programme block (\d+) ([0-9a-f]{64})$/.exec(of('up to'));
  if (head === null) throw malformed("'up to' names no block");
  const broadcast = /^(\d+) at (\d+)$/.exec(of('broadcast'));
  const writtenBy = VERSION.exec(of('written by'))?.[1];
  if (writtenBy === undefined) throw malformed("'written by' names no version");
  return {
    ledger: idIn(of('ledger')),
    scope: parseScope(of('holds')),
    head: { seq: Number(head[1]), id: idIn(head[2] ?? '') },
    broadcast: broadcast === null ? null : { seq: Number(broadcast[1]), time: Number(broadcast[2]) },
    chains: Number(of('chains')),
    blocks: Number(of('blocks')),
    leftOut: Number(of('left out')),
    writtenBy,
  };
}

function parseScope(text: string): ExportScope {
  const since = /^what came after programme block (\d+) ([0-9a-f]{64})$/.exec(text);
  if (since !== null) return { kind: 'since', seq: Number(since[1]), id: idIn(since[2] ?? '') };
  const cut = CUT.exec(text);
  if (cut !== null) return { kind: 'cut', applicant: idIn(cut[1] ?? ''), period: cut[2] ?? '' };
  return { kind: 'whole' };
}

function idIn(text: string): Id {
  if (!isId(text)) throw malformed('an id is not 64 hex digits');
  return text;
}

function malformed(why: string): JoulemarkError {
  return new JoulemarkError('VERIFY_FAILED', `'VERIFY.txt' is not as an export writes it: ${why}`);
}
