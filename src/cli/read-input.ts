import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { toJoulemarkError } from '../system-error.ts';
import type { World } from './world.ts';

/** The whole of a file, or of standard input for '-'. Throws USAGE when it cannot be read. */
export async function readInput(world: World, path: string): Promise<Uint8Array> {
  if (path === '-') return readAll(world.stdin);
  try {
    return await readFile(resolve(world.cwd, path));
  } catch (error) {
    throw toJoulemarkError('USAGE', `cannot read '${path}'`, error);
  }
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
