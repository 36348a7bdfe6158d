/** Chains of opaque records for tests of the store and the remotes: what a record holds does not matter there. */
import { createHash } from 'node:crypto';
import type { GitStore } from '../../src/ledger/store/git-store.ts';

export const PROGRAMME = 'refs/heads/programme';

/** The branch of the organisation with that number. */
export function organisationRef(number: number): string {
  return `refs/heads/org/${createHash('sha256').update(`organisation ${number}`).digest('hex')}`;
}

/** A record of `size` bytes that compresses badly, fixed by its number. */
export function record(number: number, size = 300): Uint8Array {
  const parts: Buffer[] = [];
  for (let index = 0; parts.length * 32 < size; index++)
    parts.push(createHash('sha256').update(`record ${number} ${index}`).digest());
  const bytes = Buffer.concat(parts).subarray(0, size);
  bytes[0] = 0xff;
  return bytes;
}

/** All bytes of a branch in a row. */
export function chainBytes(store: GitStore, ref: string, at?: string): Buffer {
  return Buffer.concat([...store.readSegments(ref, at ?? store.readRef(ref))].map((segment) => segment.bytes));
}

/** Appends records number `from` .. `from + count - 1` to a branch, `batch` an append, and returns the head. */
export function grow(store: GitStore, ref: string, from: number, count: number, batch = 1): string {
  for (let seq = from; seq < from + count; seq += batch) {
    const records = Array.from({ length: Math.min(batch, from + count - seq) }, (_, index) => record(seq + index));
    store.appendRecords({ ref, expectedHead: store.readRef(ref), nextSeq: seq, records, time: 1_700_000_000 + seq });
  }
  return store.readRef(ref) as string;
}

/** What `grow` from 0 writes. */
export function expectedBytes(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => record(index)));
}
