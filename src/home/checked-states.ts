import { dirname } from 'node:path';
import { parseHex, toHex } from '../crypto/hash.ts';
import { JoulemarkError } from '../errors.ts';
import type { ChainState } from '../ledger/chain.ts';
import { createPlainFile, placeFile, temporaryPath } from '../ledger/store/files.ts';
import { readFileIfPresent } from '../ledger/store/read-files.ts';

/**
 * The states of the chains as far as this home has verified them: a cache. Losing it costs a full verification; it is bound
 * by hash to the blocks it speaks of, and `verify --full` does not look at it.
 */
export type CheckedStates = ReadonlyMap<string, ChainState>;

export function readCheckedStates(path: string): CheckedStates {
  const bytes = readFileIfPresent(path);
  if (bytes === null) return new Map();
  try {
    return new Map(Object.entries(JSON.parse(bytes.toString('utf8'), revive) as Record<string, ChainState>));
  } catch {
    return new Map();
  }
}

/** Not synced: a torn one is no JSON, and an old one says less. Where a home may only be read, none is kept. */
export function writeCheckedStates(path: string, states: CheckedStates): void {
  const temporary = temporaryPath(dirname(path));
  try {
    createPlainFile(temporary, `${JSON.stringify(Object.fromEntries(states), preserve)}\n`);
  } catch (error) {
    if (error instanceof JoulemarkError && READ_ONLY.has(error.details['errno'])) return;
    throw error;
  }
  placeFile(temporary, path);
}

const READ_ONLY: ReadonlySet<unknown> = new Set(['EROFS', 'EACCES', 'EPERM']);

// byte strings travel as `{"bytes": "<hex>"}`: no text of a chain can be taken for one
function preserve(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { bytes: toHex(value) } : value;
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('bytes' in value) || typeof value.bytes !== 'string')
    return value;
  return Object.keys(value).length === 1 ? parseHex(value.bytes) : value;
}
