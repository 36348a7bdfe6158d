import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Script } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltProgram, buildProgram } from '../support/built-program.ts';

// The real program, freshly built into a folder of its own, as processes.
let built: BuiltProgram;

interface Loader {
  codeOf(file: string): string;
  sealOf(source: Uint8Array, code: Uint8Array): Uint8Array;
  load(file: string): { script: Script; exports: unknown };
}

beforeAll(() => {
  built = buildProgram('program');
});

afterAll(() => built?.remove());

function joulemark(...argv: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [built.program, ...argv], {
    encoding: 'utf8',
    cwd: built.root,
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

  describe('started', () => {
    const program = (): string => join(built.root, 'dist/joulemark.cjs');
    const loader = (): Loader => createRequire(built.program)('./load.js');

    /** What runs of a file, with or without the code beside it. */
    const outcome = (path: string) => {
      const { script, exports } = loader().load(path);
      return { rejected: script.cachedDataRejected, exports };
    };

    test('takes the code that V8 made of it when it was built', () => {
      expect(outcome(program()).rejected).toBe(false);
    });

    test('does without code that is absent, damaged or of another source, though it be as long', () => {
      const folder = mkdtempSync(join(built.root, 'code-'));
      const [one, other] = [join(folder, 'one.cjs'), join(folder, 'other.cjs')];
      writeFileSync(one, "exports.word = (() => 'old')();");
      writeFileSync(other, "exports.word = (() => 'new')();");
      expect(outcome(one)).toEqual({ rejected: undefined, exports: { word: 'old' } });

      const code = loader().load(one).script.createCachedData();
      const sealed = Buffer.concat([loader().sealOf(readFileSync(one), code), code]);
      writeFileSync(loader().codeOf(one), sealed);
      expect(outcome(one)).toEqual({ rejected: false, exports: { word: 'old' } });
      writeFileSync(loader().codeOf(other), sealed);
      expect(outcome(other)).toEqual({ rejected: undefined, exports: { word: 'new' } });

      for (const at of [0, 3, 4, sealed.length >> 1, sealed.length - 1]) {
        const damaged = Buffer.from(sealed);
        damaged[at] = (damaged[at] as number) ^ 1;
        writeFileSync(loader().codeOf(one), damaged);
        expect(outcome(one).rejected, `byte ${at}`).toBeUndefined();
      }
      writeFileSync(loader().codeOf(one), 'no code');
      expect(outcome(one).rejected).toBeUndefined();
    });

    test('says what to do where nothing is built', () => {
      const aside = join(built.root, 'aside');
      renameSync(join(built.root, 'dist'), aside);
      try {
        expect(joulemark('--version')).toEqual({
          status: 1,
          stdout: '',
          stderr: 'joulemark: not built yet\nhint: npm run setup\n',
        });
      } finally {
        renameSync(aside, join(built.root, 'dist'));
      }
    });
  });

  test.skipIf(process.platform !== 'linux')('has as many threads for signatures as there are cores', () => {
    const threads = (size: string | null): number => {
      // reading a file without waiting starts them all
      const atExit = `data:text/javascript,${encodeURIComponent(
        "import { readFile } from 'node:fs'; process.once('beforeExit', () => readFile('/proc/self/status', 'utf8', (_, text) => process.stderr.write(/Threads:\\s+(\\d+)/.exec(text)[1])));",
      )}`;
      const { stderr } = spawnSync(process.execPath, ['--import', atExit, built.program, '--version'], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], ...(size === null ? {} : { UV_THREADPOOL_SIZE: size }) },
      });
      return Number(stderr);
    };
    expect(threads(null)).toBeGreaterThan(0);
    expect(threads(null) - threads('1')).toBe(availableParallelism() - 1);
  });

  test('is quiet when its reader goes away', () => {
    const script = `"$0" "$1" completion bash | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, built.program], { encoding: 'utf8' });
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
    const child = spawn(process.execPath, [built.program, 'programme', 'create', '-'], {
      cwd: built.root,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill(signal);
    expect(await ended).toBe(status);
  });
});
