/** Single flipped bits anywhere in an export folder, and the verifiers that must each report every one of them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runVerifier, type VerifierRun } from '../../src/verifier/run-verifier.ts';
import { createSeededRandom } from './transcript-world.ts';
import type { Town } from './town.ts';

/** A verifier of export folders: what it says of one. Whoever adds another adds it to `exportVerifiers`. */
export interface ExportVerifier {
  readonly name: string;
  /** Exit status 0 means that everything is as signed. */
  readonly verify: (folder: string) => Promise<{ readonly status: number; readonly text: string }>;
}

/** The verifiers that every flip is shown to, in-process. */
export function exportVerifiers(town: Town): readonly ExportVerifier[] {
  return [
    {
      name: 'joulemark verify',
      verify: async (folder) => {
        const { status, stdout, stderr } = await town.run('stranger', 'verify', folder);
        return { status, text: stdout + stderr };
      },
    },
    {
      name: 'verify.mjs',
      verify: async (folder) => {
        const { status, stdout, stderr } = await verifyInProcess(folder, town.now);
        return { status, text: stdout + stderr };
      },
    },
  ];
}

/** The single-file verifier as it runs in `folder`, with these arguments. */
export function verifyInProcess(folder: string, now: number, ...argv: readonly string[]): Promise<VerifierRun> {
  return runVerifier(argv, { ownFolder: folder, resolve: (path) => path, now });
}

/** One flipped bit. */
export interface Flip {
  readonly file: string;
  readonly bit: number;
}

/** `count` flips, spread over all bytes of a folder as they lie, and a few in each file however small: the same for a seed. */
export function chooseFlips(folder: string, count: number, seed: string): readonly Flip[] {
  const random = createSeededRandom(seed);
  const sizes = readdirSync(folder).map((file) => ({ file, bits: readFileSync(join(folder, file)).length * 8 }));
  const total = sizes.reduce((sum, { bits }) => sum + bits, 0);
  const below = (limit: number): number => Buffer.from(random(6)).readUIntBE(0, 6) % limit;
  return Array.from({ length: count }, (_, index) => {
    const own = sizes[index % (2 * sizes.length)];
    if (own !== undefined) return { file: own.file, bit: below(own.bits) };
    let place = below(total);
    const hit = sizes.find(({ bits }) => {
      if (place < bits) return true;
      place -= bits;
      return false;
    });
    return { file: hit?.file ?? '', bit: place };
  });
}

/** Runs `run` on the folder with one bit flipped, and puts it back. */
export async function withFlip<T>(folder: string, { file, bit }: Flip, run: () => Promise<T>): Promise<T> {
  const path = join(folder, file);
  const bytes = readFileSync(path);
  const flipped = Buffer.from(bytes);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  writeFileSync(path, flipped);
  try {
    return await run();
  } finally {
    writeFileSync(path, bytes);
  }
}
