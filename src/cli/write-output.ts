import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { JoulemarkError } from '../errors.ts';
import { toJoulemarkError } from '../system-error.ts';
import type { World } from './world.ts';

/**
 * Writes a file the user asked for, whole or not at all; '-' is standard output.
 * A part file beside it and a rename, not a hard link: sticks are formatted with FAT, which has none.
 */
export async function writeOutput(world: World, path: string, bytes: Uint8Array, overwrite: boolean): Promise<void> {
  if (path === '-') {
    await world.stdout.write(bytes);
    return;
  }
  const target = resolve(world.cwd, path);
  if (!overwrite && existsSync(target)) {
    throw new JoulemarkError('USAGE', `cannot write '${path}': it exists already`, {
      hints: ['give another name, or remove the file first'],
    });
  }
  const part = join(dirname(target), `.${basename(target)}.${Buffer.from(world.random(6)).toString('hex')}.part`);
  try {
    await writeThrough(part, bytes);
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw toJoulemarkError('FAILED', `cannot write '${path}'`, error);
  }
}

async function writeThrough(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
