/**
 * What a home remembers of a ledger: the pin (the highest programme block it has verified) and when it first saw each programme block
 * (ledger spec sections 8 and 11).
 */
import { JoulemarkError } from '../../errors.ts';
import { appendDurably, replaceAtomically } from './files.ts';
import { readFileIfPresent } from './read-files.ts';

/** `ledger` and `id`: 64 hex digits; `seq` is the programme block's. */
export type Pin = { readonly ledger: string; readonly seq: number; readonly id: string };

const ID_PATTERN = /^[0-9a-f]{64}$/;

/** The pin in a file, or null when there is none. Throws FAILED when the file is damaged. */
export function readPin(path: string): Pin | null {
  const text = readFileIfPresent(path, 4096)?.toString('utf8');
  if (text === undefined) return null;
  const damaged = (): JoulemarkError =>
    new JoulemarkError('FAILED', `damaged pin '${path}'`, {
      hints: ['write the pin anew from the ledger id and a block id that you trust'],
      details: { path },
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged();
  }
  if (typeof value !== 'object' || value === null) throw damaged();
  const { ledger, seq, id } = value as Record<string, unknown>;
  if (typeof ledger !== 'string' || !ID_PATTERN.test(ledger) || typeof id !== 'string' || !ID_PATTERN.test(id))
    throw damaged();
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 0) throw damaged();
  return { ledger, seq, id };
}

/** Writes the pin, durably. That it only moves forward along one chain is the caller's to verify. */
export function writePin(path: string, pin: Pin): void {
  replaceAtomically(path, Buffer.from(`${JSON.stringify({ ledger: pin.ledger, seq: pin.seq, id: pin.id })}\n`));
}

/** When each programme block was first seen here: block id -> local time in seconds since 1970. A torn last line is dropped. */
export function readFirstSeen(path: string): ReadonlyMap<string, number> {
  const seen = new Map<string, number>();
  const lines = (readFileIfPresent(path)?.toString('latin1') ?? '').split('\n');
  for (const line of lines) {
    const match = /^([0-9a-f]{64}) (0|[1-9]\d{0,11});$/.exec(line);
    if (match !== null && !seen.has(match[1] as string)) seen.set(match[1] as string, Number(match[2]));
  }
  return seen;
}

/** Notes that these programme blocks are seen for the first time at `time`, durably. The first note of a block wins. */
export function noteFirstSeen(path: string, ids: readonly string[], time: number): void {
  if (ids.length === 0) return;
  // The leading line feed ends a line that a crash tore.
  appendDurably(path, Buffer.from(`\n${ids.map((id) => `${id} ${time};`).join('\n')}\n`));
}
