/**
 * The journal of an append: the bytes of the signed blocks, durable before a signature leaves this process for the chain. After a crash
 * the same bytes are appended again, so that no position is ever signed twice (ledger spec section 6).
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { JoulemarkError } from '../../errors.ts';
import { readFileIfPresent } from './read-files.ts';
import { removeFile, replaceAtomically } from './files.ts';

/** An append that was signed and may not have reached its branch. */
export type JournalEntry = {
  readonly ref: string;
  /** Sequence number of the first record. */
  readonly firstSeq: number;
  /** Seconds since 1970, for the commit. */
  readonly time: number;
  readonly records: readonly Uint8Array[];
};

const FILE = 'journal';

type Head = {
  readonly ref: string;
  readonly firstSeq: number;
  readonly time: number;
  readonly sizes: readonly number[];
  readonly sha256: string;
};

function sha256Of(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function isHead(value: unknown): value is Head {
  if (typeof value !== 'object' || value === null) return false;
  const { ref, firstSeq, time, sizes, sha256 } = value as Record<string, unknown>;
  return (
    typeof ref === 'string' &&
    Number.isSafeInteger(firstSeq) &&
    Number.isSafeInteger(time) &&
    typeof sha256 === 'string' &&
    Array.isArray(sizes) &&
    sizes.every((size) => Number.isSafeInteger(size) && size >= 0)
  );
}

/** The unfinished append in `directory`, or null. Throws FAILED when the file is damaged: then somebody must look. */
export function readJournal(directory: string): JournalEntry | null {
  const path = join(directory, FILE);
  const bytes = readFileIfPresent(path);
  if (bytes === null) return null;
  const damaged = (): JoulemarkError =>
    new JoulemarkError('FAILED', `damaged journal '${path}'`, {
      hints: ['the last append may be lost: synchronise, compare the chain, then remove the file'],
      details: { path },
    });
  const end = bytes.indexOf(0x0a);
  let head: unknown;
  try {
    head = JSON.parse(bytes.toString('utf8', 0, Math.max(end, 0)));
  } catch {
    throw damaged();
  }
  if (!isHead(head)) throw damaged();
  const records: Uint8Array[] = [];
  let at = end + 1;
  for (const size of head.sizes) {
    records.push(bytes.subarray(at, at + size));
    at += size;
  }
  if (at !== bytes.length || sha256Of(records) !== head.sha256) throw damaged();
  return { ref: head.ref, firstSeq: head.firstSeq, time: head.time, records };
}

/** Writes the journal, durably. The caller holds the lock and has dealt with the entry that was there. */
export function writeJournal(directory: string, entry: JournalEntry): void {
  const head: Head = {
    ref: entry.ref,
    firstSeq: entry.firstSeq,
    time: entry.time,
    sizes: entry.records.map((record) => record.length),
    sha256: sha256Of(entry.records),
  };
  replaceAtomically(
    join(directory, FILE),
    Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...entry.records]),
    0o600,
  );
}

/** Removes the journal once the branch holds its records. (Not fsync'd: a journal that comes back names blocks that are there.) */
export function clearJournal(directory: string): void {
  removeFile(join(directory, FILE));
}
