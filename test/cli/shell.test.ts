import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { defineCommand, outcome, type AnyCommand } from '../../src/cli/command.ts';
import type { Context } from '../../src/cli/context.ts';
import { defineOptions } from '../../src/cli/option.ts';
import { parseCommandLine, toHelp } from '../../src/cli/program.ts';
import { printFailure, runCommand } from '../../src/cli/run-command.ts';
import { JoulemarkError, type ExitName } from '../../src/errors.ts';
import {
  createTranscriptWorld,
  textOf,
  type TranscriptWorld,
  type WorldSettings,
} from '../support/transcript-world.ts';

const OPTIONS = defineOptions({
  count: { value: '<n>', description: 'how many', parse: parseCount, default: '1' },
  tag: { value: '<tag>', description: 'a tag', repeatable: true },
  verdict: { value: '<verdict>', description: 'a verdict', choices: ['pass', 'fail'] },
  appendTheRest: { short: 'r', description: 'a switch' },
});

function parseCount(text: string): number {
  if (!/^\d+$/u.test(text))
    throw new JoulemarkError('VERIFY_FAILED', `'${text}' is not a count`, { hints: ['give a number'] });
  return Number(text);
}

/** A command with everything, whose run the test supplies. */
function commandThat(act: (context: Context) => Promise<object>, effect: 'read' | 'append' = 'read'): AnyCommand {
  return defineCommand({
    path: ['try', 'this'],
    summary: 'Try this',
    examples: ['joulemark try this a', 'joulemark try this a --count 2'],
    args: ['<first>', '[others...]'],
    options: OPTIONS,
    effect,
    exits: ['OK', 'PENDING'],
    run: (context, args, options) =>
      act(context).then((result) => ('exit' in result ? result : { args, options, ...result })),
    render: (result, ui) => ui.good(JSON.stringify(result)),
  });
}

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'joulemark-shell-'));
});

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  command: AnyCommand,
  argv: readonly string[],
  settings: Partial<WorldSettings> = {},
  change: Partial<TranscriptWorld> = {},
): Promise<Ran> {
  const world: TranscriptWorld = { ...createTranscriptWorld({ cwd, ...settings }), ...change };
  const status = await attempt(world, command, argv);
  return { status, stdout: textOf(world, 'stdout'), stderr: textOf(world, 'stderr') };
}

async function attempt(world: TranscriptWorld, command: AnyCommand, argv: readonly string[]): Promise<number> {
  try {
    const parsed = parseCommandLine(command, argv);
    if (parsed.kind === 'help') throw new Error('help');
    return await runCommand(world, command, parsed);
  } catch (error) {
    return printFailure(world, error, argv.includes('--json'));
  }
}

/** What a command makes of the context, as its result. */
async function inContext(
  read: (context: Context) => unknown,
  argv: readonly string[] = [],
  settings: Partial<WorldSettings> = {},
): Promise<unknown> {
  const ran = await run(
    commandThat(async (context) => ({ value: await read(context) })),
    ['a', '--json', ...argv],
    settings,
  );
  return ran.stdout === '' ? JSON.parse(ran.stderr).error : JSON.parse(ran.stdout).value;
}

describe('arguments and options', () => {
  const echo = commandThat(async () => ({}));

  test('arrive typed, with their defaults', async () => {
    const { stdout } = await run(echo, ['a', '--json']);
    expect(JSON.parse(stdout)).toEqual({ args: ['a', []], options: { count: 1, tag: [], appendTheRest: false } });
  });

  test('arrive as given', async () => {
    const { stdout } = await run(echo, [
      'a',
      'b',
      'c',
      '--count',
      '3',
      '--tag',
      'x',
      '--tag=y',
      '--verdict',
      'pass',
      '-r',
      '--json',
    ]);
    expect(JSON.parse(stdout)).toEqual({
      args: ['a', ['b', 'c']],
      options: { count: 3, tag: ['x', 'y'], verdict: 'pass', appendTheRest: true },
    });
  });

  test.each([
    [['a', '--count', 'many'], "error: option '--count': 'many' is not a count\nhint: give a number\n"],
    [['a', '--verdict', 'maybe'], "error: option '--verdict': 'maybe' is none of pass, fail\n"],
    [[], "error: missing required argument 'first'\nhint: for its arguments and options: joulemark try this --help\n"],
    [
      ['a', '--dry-run'],
      "error: unknown option '--dry-run'\nhint: for its arguments and options: joulemark try this --help\n",
    ],
    [
      ['a', '--count'],
      "error: option '--count <n>' argument missing\nhint: for its arguments and options: joulemark try this --help\n",
    ],
  ])('%j is a usage error', async (argv, stderr) => {
    expect(await run(echo, argv)).toEqual({ status: 2, stdout: '', stderr });
  });

  test('a command that appends has --dry-run and --wait, and says when it was a dry run', async () => {
    const append = commandThat(async ({ dryRun, wait }) => ({ dryRun, wait }), 'append');
    const { stdout, stderr } = await run(append, ['a', '--dry-run', '--wait', '5', '--color', 'never']);
    expect(JSON.parse(stdout)).toMatchObject({ dryRun: true, wait: 5 });
    expect(stderr).toBe('dry run: nothing was written\n');
  });

  test('help shows usage, options, examples and exit status', () => {
    const help = toHelp(echo);
    expect(help).toContain('Usage: joulemark try this [options] <first> [others...]');
    expect(help).toContain('-r, --append-the-rest');
    expect(help).toContain('$ joulemark try this a --count 2');
    expect(help).toMatch(/Exit status:\n +0 {2}OK .*\n +2 {2}USAGE .*\n +5 {2}PENDING .*\n +70 {2}INTERNAL/u);
  });
});

describe('outcomes', () => {
  test.each<[ExitName, number]>([
    ['NOT_CERTIFIED', 4],
    ['PENDING', 5],
    ['DIVERGED', 13],
  ])('%s ends with %i and its result on stdout, also with --quiet and --json', async (exit, status) => {
    const command = commandThat(async () => outcome(exit, { answer: 'no' }));
    const plain = { status, stdout: '{"answer":"no"}\n', stderr: '' };
    expect(await run(command, ['a'])).toEqual(plain);
    expect(await run(command, ['a', '--quiet'])).toEqual(plain);
    expect(await run(command, ['a', '--json'])).toEqual(plain);
  });

  test('a failure with --json is one line on stderr, nothing on stdout', async () => {
    const command = commandThat(async () => {
      throw new JoulemarkError('LOCKED', "locked by 'a\u202eb'", { hints: ['wait'], details: { pid: 4 } });
    });
    const { status, stdout, stderr } = await run(command, ['a', '--json']);
    expect([status, stdout]).toEqual([11, '']);
    expect(stderr).toBe(
      '{"error":{"code":"LOCKED","exitStatus":11,"message":"locked by \'a\\u202eb\'","hints":["wait"],"details":{"pid":4}}}\n',
    );
  });

  test('lines of a message cannot pose as lines of ours', async () => {
    const command = commandThat(async () => {
      throw new JoulemarkError('FAILED', 'it failed\nhint: \u001b[2Jpay me');
    });
    expect((await run(command, ['a'])).stderr).toBe('error: it failed\n  hint: \\u{1b}[2Jpay me\n');
  });

  test('a bug of ours is 70 and says how to report it; the stack only with JOULEMARK_DEBUG', async () => {
    const command = commandThat(async () => {
      throw new TypeError('x is undefined');
    });
    const { status, stderr } = await run(command, ['a']);
    expect(status).toBe(70);
    expect(stderr).toMatch(/^error: a bug in joulemark: x is undefined\nhint: please report it.*\n$/u);
    expect((await run(command, ['a'], { env: { JOULEMARK_DEBUG: '1' } })).stderr).toContain(
      'TypeError: x is undefined',
    );
  });

  test('a result that JSON cannot hold is a bug of ours, for people too', async () => {
    expect(
      (
        await run(
          commandThat(async () => ({ sum: 1n })),
          ['a'],
        )
      ).status,
    ).toBe(70);
  });

  test('a refusal of the system is 1, in words', async () => {
    const command = commandThat(async () => ({ text: readFileSync(join(cwd, 'absent')) }));
    expect(await run(command, ['a'])).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: cannot open '${cwd}/absent': no such file or folder\n`,
    });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends with %i and aborts the command', async (signal, status) => {
    let aborted = false;
    const command = commandThat(
      (context) =>
        new Promise(() => {
          context.signal.addEventListener('abort', () => (aborted = true));
        }),
    );
    const ran = await run(command, ['a'], {}, { onSignal: (listener) => (setTimeout(listener, 5, signal), () => {}) });
    expect([ran.status, aborted]).toEqual([status, true]);
  });
});

describe('what is printed', () => {
  const command = commandThat(async () => ({ name: 'a\u001b[31mb' }));

  test('is silent on success with --quiet', async () => {
    expect(await run(command, ['a', '-q'])).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('shows control characters of a result instead of obeying them', async () => {
    const { stdout } = await run(command, ['a']);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('a\\\\u{1b}[31mb');
  });

  test.each([
    [['--color', 'always'], {}, false, true],
    [['--color', 'always'], { NO_COLOR: '1' }, false, true],
    [[], {}, true, true],
    [[], {}, false, false],
    [[], { NO_COLOR: '1' }, true, false],
    [[], { NO_COLOR: '' }, true, true],
    [[], { TERM: 'dumb' }, true, false],
    [['--color', 'never'], {}, true, false],
    [['--json', '--color', 'always'], {}, true, false],
  ])('%j with %j on a terminal: %s is coloured: %s', async (argv, env, isTerminal, colored) => {
    const { stdout } = await run(command, ['a', ...argv], { env, isTerminal });
    expect(stdout.includes('\u001b[32m')).toBe(colored);
  });

  test('notes are for people: not with --json, not with --quiet', async () => {
    const noting = commandThat(async ({ note }) => (note('a\u0007b'), {}));
    expect((await run(noting, ['a'])).stderr).toBe('a\\u{7}b\n');
    expect((await run(noting, ['a', '--json'])).stderr).toBe('');
    expect((await run(noting, ['a', '--quiet'])).stderr).toBe('');
  });
});

describe('the context', () => {
  test('finds the home upwards, or where it is told', async () => {
    const inner = join(cwd, 'site', 'deep');
    mkdirSync(inner, { recursive: true });
    mkdirSync(join(cwd, '.joulemark'));
    mkdirSync(join(cwd, 'other'));
    const home = (context: Context): string => context.home;
    expect(await inContext(home, [], { cwd: inner })).toBe(join(cwd, '.joulemark'));
    expect(await inContext(home, [], { cwd: inner, env: { JOULEMARK_HOME: '../../other' } })).toBe(join(cwd, 'other'));
    expect(await inContext(home, ['--home', '..'], { cwd: inner, env: { JOULEMARK_HOME: 'nowhere' } })).toBe(
      join(cwd, 'site'),
    );
    expect(await inContext(home, ['--home', 'absent'])).toMatchObject({ code: 'NO_LEDGER', exitStatus: 10 });
    expect(await inContext(({ newHome }) => newHome, [], { cwd: inner })).toBe(join(inner, '.joulemark'));
  });

  test('says so where it was told the folder around the home, or nothing', async () => {
    mkdirSync(join(cwd, 'works', '.joulemark'), { recursive: true });
    const home = (context: Context): string => context.home;
    const around = {
      code: 'NO_LEDGER',
      message: `no home at '${join(cwd, 'works')}', it lies in it`,
      hints: [`--home '${join(cwd, 'works', '.joulemark')}'`],
    };
    expect(await inContext(home, ['--home', 'works'])).toMatchObject(around);
    expect(await inContext(home, [], { env: { JOULEMARK_HOME: 'works' } })).toMatchObject(around);
    expect(await inContext(home, ['--home', 'works/.joulemark'])).toBe(join(cwd, 'works', '.joulemark'));
    expect(
      await run(
        commandThat(async () => ({})),
        ['a', '--home', ''],
      ),
    ).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("option '--home': '' is no folder"),
    });
  });

  test('reads files and standard input', async () => {
    writeFileSync(join(cwd, 'a.csv'), 'a,b\n');
    const read =
      (path: string) =>
      async (context: Context): Promise<string> =>
        Buffer.from(await context.readInput(path)).toString();
    expect(await inContext(read('a.csv'))).toBe('a,b\n');
    expect(await inContext(read('-'), [], { stdin: Buffer.from('piped') })).toBe('piped');
    expect(await inContext(read('b.csv'))).toMatchObject({
      code: 'USAGE',
      message: "cannot read 'b.csv': no such file or folder",
    });
    expect(await inContext(read('.'))).toMatchObject({ code: 'USAGE', message: "cannot read '.': it is a folder" });
  });

  test('writes a file whole, and over another only when told', async () => {
    const write =
      (text: string, overwrite: boolean) =>
      (context: Context): Promise<void> =>
        context.writeOutput('out.html', Buffer.from(text), { overwrite });
    await inContext(write('one', false));
    expect(await inContext(write('two', false))).toMatchObject({
      code: 'USAGE',
      message: "cannot write 'out.html': it exists already",
    });
    expect(readFileSync(join(cwd, 'out.html'), 'utf8')).toBe('one');
    await inContext(write('two', true));
    expect(readFileSync(join(cwd, 'out.html'), 'utf8')).toBe('two');
    expect(readdirSync(cwd)).toEqual(['out.html']);
  });

  test('takes a passphrase from a file', async () => {
    writeFileSync(join(cwd, 'secret'), 'correct horse\n');
    writeFileSync(join(cwd, 'empty'), '\n');
    const passphrase = ({ passphrase: obtain }: Context): Promise<string> => obtain();
    expect(await inContext(passphrase, ['--passphrase-file', 'secret'])).toBe('correct horse');
    expect(await inContext(passphrase, [], { env: { JOULEMARK_PASSPHRASE_FILE: 'secret' } })).toBe('correct horse');
    expect(await inContext(passphrase, ['--passphrase-file', 'absent'])).toMatchObject({ code: 'KEY_UNAVAILABLE' });
    expect(await inContext(passphrase, ['--passphrase-file', 'empty'])).toMatchObject({ code: 'KEY_UNAVAILABLE' });
    expect(await inContext(passphrase)).toMatchObject({ code: 'KEY_UNAVAILABLE', exitStatus: 12 });
  });

  test('asks nothing without a terminal, and names the flag that answers', async () => {
    const ask = ({ prompt }: Context): Promise<string> => prompt.text({ message: 'Name?', flag: '--name <name>' });
    expect(await inContext(ask)).toMatchObject({
      code: 'USAGE',
      hints: ['answer it on the command line: --name <name>'],
    });
  });

  test('asks on a terminal, and not on stdout', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const asked = new Promise((resolve) => output.once('data', resolve));
    const command = commandThat(async ({ prompt }) => ({
      name: await prompt.text({ message: 'Name?', flag: '--name <name>' }),
    }));
    const running = run(command, ['a', '--json'], { terminal: { input, output } });
    await asked;
    input.write('acme\n');
    const { stdout } = await running;
    expect(JSON.parse(stdout)).toMatchObject({ name: 'acme' });
  });

  test('has a clock and randomness of its own', async () => {
    expect(await inContext((context) => [context.now(), context.random(3).length])).toEqual([1772323200, 3]);
  });
});
