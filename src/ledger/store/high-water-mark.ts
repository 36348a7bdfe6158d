/**
 * The highest position a key has signed, kept in a file beside the key, outside the repository: so a repository restored from a backup
 * shows, and the key refuses to sign a position twice (ledger spec section 6).
 */
import { JoulemarkError } from '../../errors.ts';
import { readFileIfPresent } from './read-files.ts';
import { replaceAtomically } from './files.ts';

/** `keyId`: 64 hex digits. `seq`: the last position signed with that key. */
export type HighWaterMark = {
  readonly keyId: string;
  readonly seq: number;
  /** Ids of blocks from which the key went on after a branch of its own was left out: from each of them once only. */
  readonly onto?: readonly string[];
};

function damaged(path: string): JoulemarkError {
  return new JoulemarkError('FAILED', `damaged high-water mark '${path}'`, {
    hints: ["synchronise first, then write the chain's last position into it by hand, or rotate the key"],
    details: { path },
  });
}

/** The mark at `path`, or null when the key has signed nothing yet. Throws FAILED when the file is damaged. */
export function readHighWaterMark(path: string): HighWaterMark | null {
  const text = readFileIfPresent(path, 4096)?.toString('utf8');
  if (text === undefined) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(path);
  }
  if (typeof value !== 'object' || value === null) throw damaged(path);
  const { keyId, seq, onto = [] } = value as Record<string, unknown>;
  if (
    typeof keyId !== 'string' ||
    !/^[0-9a-f]{64}$/.test(keyId) ||
    typeof seq !== 'number' ||
    !Number.isSafeInteger(seq) ||
    seq < 0 ||
    !Array.isArray(onto) ||
    !onto.every((id) => typeof id === 'string')
  )
    throw damaged(path);
  return onto.length === 0 ? { keyId, seq } : { keyId, seq, onto };
}

/** Raises the mark, durably. Never lowers it: a lower or equal `seq` of the same key changes nothing. Another key starts anew. */
export function raiseHighWaterMark(path: string, mark: HighWaterMark): void {
  const present = readHighWaterMark(path);
  if (present !== null && present.keyId === mark.keyId && present.seq >= mark.seq) return;
  write(path, present?.keyId === mark.keyId ? { ...mark, onto: present.onto ?? [] } : mark);
}

function write(path: string, { keyId, seq, onto = [] }: HighWaterMark): void {
  const mark = onto.length === 0 ? { keyId, seq } : { keyId, seq, onto };
  replaceAtomically(path, Buffer.from(`${JSON.stringify(mark)}\n`), 0o600);
}

/**
 * Moves the mark to another branch, durably, up or down: what the key signed in those positions before was left out of the chain and has other
 * predecessors. `onto`: the block that it goes on from.
 */
export function moveHighWaterMark(
  path: string,
  mark: { readonly keyId: string; readonly seq: number },
  onto: string,
): void {
  const present = readHighWaterMark(path);
  const before = present?.keyId === mark.keyId ? (present.onto ?? []) : [];
  write(path, { ...mark, onto: [...before, onto] });
}

/** Throws DIVERGED when the key went on from the block `onto` before: the chain here is older than the key. */
export function checkBranchMark(path: string, keyId: string, onto: string): void {
  const mark = readHighWaterMark(path);
  if (mark?.keyId !== keyId || mark.onto?.includes(onto) !== true) return;
  throw new JoulemarkError(
    'DIVERGED',
    `this key has signed the block after '${onto}' already, and the chain here ends there: it looks like a restored backup`,
    { hints: ['joulemark sync'], details: { path, keyId, onto } },
  );
}

/**
 * Throws DIVERGED unless the key may sign position `nextSeq`: the one after its mark. A key without a mark (never used here, or
 * another key's mark in the file) may. Check after an unfinished append was resumed from the journal.
 */
export function checkHighWaterMark(path: string, keyId: string, nextSeq: number): void {
  const mark = readHighWaterMark(path);
  if (mark === null || mark.keyId !== keyId || nextSeq === mark.seq + 1) return;
  const details = { path, keyId, marked: mark.seq, nextSeq };
  if (nextSeq <= mark.seq) {
    throw new JoulemarkError(
      'DIVERGED',
      `this key has signed block ${mark.seq} already, and the chain here ends at ${nextSeq - 1}: it looks like a restored backup`,
      {
        hints: ['joulemark sync', 'if the later blocks are lost everywhere, rotate the key'],
        details,
      },
    );
  }
  throw new JoulemarkError(
    'DIVERGED',
    `the chain here goes to block ${nextSeq - 1}, and this copy of the key last signed block ${mark.seq}: the key is in use elsewhere too`,
    {
      hints: ['use one copy of a key only', 'if nobody of yours signed the later blocks, rotate the key now'],
      details,
    },
  );
}
