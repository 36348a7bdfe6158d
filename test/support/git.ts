/** Stock git and scratch folders for tests, with nothing of the user's configuration. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const GIT_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
  GIT_AUTHOR_NAME: 'stranger',
  GIT_AUTHOR_EMAIL: 'stranger@example.org',
  GIT_COMMITTER_NAME: 'stranger',
  GIT_COMMITTER_EMAIL: 'stranger@example.org',
};

export const hasGit: boolean = spawnSync('git', ['--version']).status === 0;

/** Runs git and returns what it prints; throws with its messages when it fails. */
export function git(directory: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', directory, ...args], {
    env: GIT_ENVIRONMENT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 28,
  });
}

/** Runs git with bytes on stdin and returns its output as bytes. */
export function gitBytes(directory: string, input: Uint8Array, ...args: readonly string[]): Buffer {
  return execFileSync('git', ['-C', directory, ...args], {
    env: GIT_ENVIRONMENT,
    input,
    stdio: ['pipe', 'pipe', 'pipe'],
    maxBuffer: 2 ** 28,
  });
}

/** What `git fsck` finds; the empty text when nothing is wrong. */
export function fsck(directory: string): string {
  const result = spawnSync('git', ['-C', directory, 'fsck', '--full', '--strict', '--no-dangling', '--no-progress'], {
    env: GIT_ENVIRONMENT,
    encoding: 'utf8',
  });
  return result.status === 0 ? result.stderr.trim() : `status ${result.status}: ${result.stdout}${result.stderr}`;
}

/** Runs `run` with a new empty folder, removed afterwards. */
export async function withScratch<T>(run: (directory: string) => T | Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'joulemark-test-'));
  try {
    return await run(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
