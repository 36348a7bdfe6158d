import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/main.ts';
import { createSeededRandom, createTranscriptWorld, textOf } from './transcript-world.ts';

/** What a run of the program printed and how it ended. */
export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Organisations with a folder each, one clock, and the real program run in-process. */
export interface Town {
  readonly root: string;
  /** Epoch seconds. */
  now: number;
  /** More environment variables for every run. */
  readonly env: Record<string, string>;
  folder(name: string): string;
  write(name: string, file: string, content: string): string;
  run(name: string, ...argv: readonly string[]): Promise<Run>;
  /** Runs and expects exit status 0. */
  ok(name: string, ...argv: readonly string[]): Promise<Run>;
  /** Runs with --json, expects exit status 0, returns what was printed. */
  json<T>(name: string, ...argv: readonly string[]): Promise<T>;
  remove(): void;
}

export function createTown(now: number): Town {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'joulemark-town-')));
  const random = createSeededRandom('town');
  const home = join(root, '.user');
  mkdirSync(home);
  const folder = (name: string): string => {
    const path = join(root, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const town: Town = {
    root,
    now,
    env: {},
    folder,
    write: (name, file, content) => {
      writeFileSync(join(folder(name), file), content);
      return join(folder(name), file);
    },
    run: async (name, ...argv) => {
      const env = { HOME: home, PATH: process.env['PATH'] ?? '', TZ: 'UTC', GIT_CONFIG_NOSYSTEM: '1', ...town.env };
      const world = createTranscriptWorld({ cwd: folder(name), env, now: town.now, random });
      const status = await main(argv, world);
      return { status, stdout: textOf(world, 'stdout'), stderr: textOf(world, 'stderr') };
    },
    ok: async (name, ...argv) => {
      const run = await town.run(name, ...argv);
      if (run.status !== 0)
        throw new Error(`joulemark ${argv.join(' ')} in ${name}: status ${run.status}\n${run.stderr}${run.stdout}`);
      return run;
    },
    json: async (name, ...argv) => JSON.parse((await town.ok(name, ...argv, '--json')).stdout) as never,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  return town;
}
