import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROJECT_ROOT } from '../support/sources.ts';

// The real program, freshly built into a folder of its own, as processes.
let root = '';
let program = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'joulemark-program-'));
  mkdirSync(join(root, 'bin'));
  cpSync(`${PROJECT_ROOT}bin/joulemark.js`, join(root, 'bin/joulemark.js'));
  cpSync(`${PROJECT_ROOT}package.json`, join(root, 'package.json'));
  const built = spawnSync(process.execPath, [`${PROJECT_ROOT}tools/build.js`, join(root, 'dist')], {
    encoding: 'utf8',
  });
  expect(built.stderr).toBe('');
  program = join(root, 'bin/joulemark.js');
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function joulemark(...argv: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...argv], {
    encoding: 'utf8',
    cwd: root,
    env: { PATH: process.env['PATH'] },
  });
  return { status, stdout, stderr };
}

describe('the program', () => {
  test('tells its version without loading a library', () => {
    expect(joulemark('--version')).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^joulemark \d+\.\d+\.\d+\n$/u),
      stderr: '',
    });
  });

  test('shows an overview', () => {
    const { status, stdout, stderr } = joulemark('--help');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Usage: joulemark <command>');
  });

  test('ends with 2 for a wrong command line', () => {
    expect(joulemark('no-such')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining("error: unknown command 'no-such'"),
    });
  });

  test('is quiet when its reader goes away', () => {
    const script = `"$0" "$1" completion bash | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, program], { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['0\n', '']);
  });

  test.each(['bash', 'zsh', 'fish'])('prints a completion script for %s', (shell) => {
    const { status, stdout } = joulemark('completion', shell);
    expect(status).toBe(0);
    expect(stdout).toContain('joulemark');
  });

  test('completes in bash', () => {
    const complete = (line: string): string => {
      const script = `eval "$(cat)"; COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _joulemark; echo "\${COMPREPLY[*]}"`;
      const { stdout } = spawnSync('bash', ['-c', script], {
        encoding: 'utf8',
        input: joulemark('completion', 'bash').stdout,
      });
      return stdout.trim();
    };
    expect(complete("joulemark 'comple'")).toBe('completion');
    expect(complete("joulemark completion '--qui'")).toBe('--quiet');
    expect(complete("joulemark completion --color 'al'")).toBe('always');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends with its own status on %s', async (signal, status) => {
    // waits for the policy on standard input, which nobody closes
    const child = spawn(process.execPath, [program, 'programme', 'create', '-'], {
      cwd: root,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill(signal);
    expect(await ended).toBe(status);
  });
});
