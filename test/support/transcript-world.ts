import { createHash } from 'node:crypto';
import type { Output, World } from '../../src/cli/world.ts';

/** What was printed, in order, by stream. */
export interface Printed {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** A world for in-process runs: nobody at the terminal, a clock that stands still, randomness from a seed. */
export interface TranscriptWorld extends World {
  readonly printed: readonly Printed[];
}

export interface WorldSettings {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly now?: number;
  readonly stdin?: Uint8Array;
  readonly random?: (length: number) => Uint8Array;
  readonly terminal?: World['terminal'];
  readonly isTerminal?: boolean;
}

/** 2026-03-01T00:00:00Z */
export const TRANSCRIPT_NOW = Date.UTC(2026, 2, 1) / 1000;

export function createTranscriptWorld(settings: WorldSettings): TranscriptWorld {
  const printed: Printed[] = [];
  const { cwd, env = {}, now = TRANSCRIPT_NOW, stdin = new Uint8Array(), isTerminal = false } = settings;
  const toOutput = (stream: Printed['stream']): Output => ({
    isTerminal,
    async write(data) {
      printed.push({ stream, text: typeof data === 'string' ? data : Buffer.from(data).toString('utf8') });
    },
  });
  return {
    env,
    cwd,
    stdin: (async function* () {
      yield stdin;
    })(),
    stdout: toOutput('stdout'),
    stderr: toOutput('stderr'),
    terminal: settings.terminal,
    now: () => now,
    random: settings.random ?? createSeededRandom('joulemark'),
    onSignal: () => () => {},
    printed,
  };
}

/** All that went to one stream. */
export function textOf(world: TranscriptWorld, stream: Printed['stream']): string {
  return world.printed
    .filter((piece) => piece.stream === stream)
    .map((piece) => piece.text)
    .join('');
}

/** SHA-256 of seed and counter: the same bytes on every machine, different ones at every call. */
export function createSeededRandom(seed: string): (length: number) => Uint8Array {
  let counter = 0;
  return (length) => {
    const blocks: Buffer[] = [];
    for (let have = 0; have < length; have += 32) {
      blocks.push(createHash('sha256').update(`${seed} ${counter}`).digest());
      counter += 1;
    }
    return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
  };
}
