/** What every command promises, whatever it does (exit status, streams, nothing written): tried on each of them, from its declaration. */
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyCommand } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { encryptKeyFile } from '../../src/crypto/key-file.ts';
import { toHomePaths } from '../../src/home/paths.ts';
import { withLock } from '../../src/ledger/store/lock.ts';
import { type ContractTown, createContractTown, HOSTILE_NAME } from '../support/contract-town.ts';
import { argvOf, CASES, type ContractCase, ELSEWHERE } from '../support/contract-cases.ts';
import { WRONG_DOCUMENTS, WRONG_INPUTS } from '../support/contract-inputs.ts';
import type { Run } from '../support/town.ts';

/** What a terminal would obey, or hide: escape sequences, control, bidi and other invisible characters. */
const OBEYED = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

const commands: readonly (readonly [string, AnyCommand])[] = await Promise.all(
  COMMANDS.map(async (entry) => [entry.path.join(' '), await entry.load()] as const),
);
const withCase = commands.flatMap(([path, command]) => {
  const one = CASES[path];
  return one === undefined ? [] : [{ path, command, one }];
});
type Subject = (typeof withCase)[number];

let town: ContractTown;
beforeAll(async () => {
  town = await createContractTown();
});
afterAll(() => town.remove());

async function prepare({ stage = 'running', before }: ContractCase): Promise<ReturnType<ContractTown['state']>> {
  town.reset(stage);
  await before?.(town);
  return town.state();
}

const run = ({ path, one }: Subject, ...more: readonly string[]): Promise<Run> =>
  town.run(one.at, ...argvOf(path, one, town), ...more);

/** A refusal: the status, an `error:` line first that begins small, nothing on stdout, nothing a terminal obeys, and what it must name. */
function expectRefused(
  refused: Run,
  status: number,
  what: string,
  says: readonly (string | RegExp)[] = [],
  hint?: string,
): void {
  const { stdout, stderr } = refused;
  const isSaid = (part: string | RegExp): boolean =>
    typeof part === 'string' ? stderr.includes(part) : part.test(stderr);
  const faults = [
    ...(refused.status === status ? [] : [`status ${refused.status} instead of ${status}`]),
    ...(stdout === '' ? [] : ['something on stdout']),
    ...(/^error: [^A-Z\n]/.test(stderr) ? [] : ['no error line']),
    ...(OBEYED.test(stderr) ? ['something that a terminal obeys'] : []),
    ...(/undefined|\[object|NaN(?!')/.test(stderr) ? ['a value that is none'] : []),
    ...says.filter((part) => !isSaid(part)).map((part) => `does not say ${String(part)}`),
    ...(hint === undefined || stderr.split('\n').some((line) => line.startsWith('hint: ') && line.includes(hint))
      ? []
      : [`no hint '${hint}'`]),
  ];
  expect(faults, `${what}\n${stderr}${stdout}`).toEqual([]);
}

test('every command has a case here, and every case a command', () => {
  const paths = commands.map(([path]) => path);
  expect([...Object.keys(CASES), ...ELSEWHERE].toSorted()).toEqual(paths.toSorted());
});

describe.each(commands)('joulemark %s --help', (path, command) => {
  test('shows usage, examples and exit status', async () => {
    const { status, stdout, stderr } = await town.run('nowhere', ...path.split(' '), '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: joulemark ${path} `));
    const examples = stdout.match(new RegExp(`^  \\$ .*joulemark ${path}( |$)`, 'gm')) ?? [];
    expect(examples.length).toBeGreaterThanOrEqual(2);
    expect(stdout).toMatch(/Exit status:\n {4}0 {2}OK/);
    for (const flag of command.effect === 'append'
      ? ['--json', '--quiet', '--dry-run', '--wait']
      : ['--json', '--quiet'])
      expect(stdout).toContain(flag);
  });
});

describe.each(withCase)('joulemark $path', (subject) => {
  const { path, command, one } = subject;
  const happy = one.status ?? 0;

  test('says its result, once with --json and not at all with --quiet', async () => {
    const before = await prepare(one);
    const json = await run(subject, '--json');
    expect({ status: json.status, stderr: json.stderr }).toEqual({ status: happy, stderr: '' });
    expect(json.stdout).toMatch(/^\{.*\}\n$/);
    expect(() => JSON.parse(json.stdout)).not.toThrow();
    expect(json.stdout).not.toMatch(OBEYED);
    const changed = town.changes(before);
    if (command.effect !== 'append') expect(changed.filter((line) => one.mayChange?.test(line) !== true)).toEqual([]);
    else if (happy === 0 || path === 'certify run') expect(changed).not.toEqual([]);

    if (changed.length > 0) await prepare(one);
    const plain = await run(subject);
    expect(plain.status).toBe(happy);
    expect(plain.stdout).not.toBe('');
    expect(plain.stdout).not.toMatch(OBEYED);
    expect(plain.stderr).not.toMatch(OBEYED);

    if (changed.length > 0) await prepare(one);
    const quiet = await run(subject, '--quiet');
    expect(quiet).toEqual({ status: happy, stdout: happy === 0 ? '' : plain.stdout, stderr: '' });
  });

  if (command.effect === 'append') {
    test('--dry-run goes the whole way and writes nothing', async () => {
      const before = await prepare(one);
      const json = await run(subject, '--dry-run', '--json');
      expect({ status: json.status, stderr: json.stderr }).toEqual({ status: happy, stderr: '' });
      expect(JSON.parse(json.stdout)).toMatchObject({ dryRun: true });
      expect(town.changes(before)).toEqual([]);
      const plain = await run(subject, '--dry-run');
      expect(plain.status).toBe(happy);
      expect(plain.stdout).toContain('nothing was written');
      expect(town.changes(before)).toEqual([]);
    });

    if (one.again !== null) {
      test('again is no failure and appends nothing', async () => {
        await prepare(one);
        const first = await run(subject, '--json');
        expect(first.status).toBe(happy);
        // what the case brings itself, such as a file in a spool, is brought again
        const now = town.now;
        await one.before?.(town);
        town.now = now;
        const before = town.state();
        const again = await run(subject);
        expect(again.status).toBe(happy);
        expect(again.stdout).toMatch(one.again ?? /already/);
        expect(town.changes(before).filter((line) => !/\/spool\//.test(line))).toEqual([]);
      });
    }
  }

  test('refuses what its declaration does not know, and writes nothing', async () => {
    const before = await prepare(one);
    const words = path.split(' ');
    const good = argvOf(path, one, town);
    const wrong: (readonly [string, readonly string[], RegExp])[] = [
      ['an unknown option', [...good, '--no-such-option'], /'--no-such-option'/],
      ['an empty flag', [...good, '--jsn'], /'--jsn'/],
      [
        'too many arguments',
        [
          ...words,
          ...Array.from({ length: command.args.length + 1 }, () => 'x'),
          ...good
            .slice(words.length)
            .filter(
              (_, index, all) =>
                index >= all.findIndex((word) => word.startsWith('--')) && all.some((word) => word.startsWith('--')),
            ),
        ],
        /too many arguments|expected/,
      ],
      ...(command.args.some((arg) => arg.startsWith('<'))
        ? [['no argument', words, /missing required argument|required option/] as const]
        : []),
      ...(command.effect === 'append'
        ? [['a wait that is no number', [...good, '--wait', 'soon'], /option '--wait': 'soon'/] as const]
        : [['a dry run of what appends nothing', [...good, '--dry-run'], /'--dry-run'/] as const]),
      ['a colour that is none', [...good, '--color', 'mauve'], /option '--color': 'mauve'/],
      ...Object.entries(command.options).flatMap(([name, spec]) => {
        const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
        if (spec.value === undefined) return [];
        const without = good.filter((word, index) => word !== flag && good[index - 1] !== flag);
        return [
          [`${flag} without a value`, [...good, flag], new RegExp(flag)] as const,
          ...(spec.choices === undefined
            ? []
            : [
                [
                  `${flag} of another choice`,
                  [...without, flag, 'mauve'],
                  new RegExp(`option '${flag}': 'mauve' is none of ${spec.choices.join(', ')}`),
                ] as const,
              ]),
          ...(spec.required === true ? [[`no ${flag}`, without, new RegExp(`'${flag} `)] as const] : []),
        ];
      }),
    ];
    for (const [what, argv, says] of wrong)
      expectRefused(await town.run(one.at, ...argv), 2, `${what}: ${argv.join(' ')}`, [says]);
    expect(town.changes(before)).toEqual([]);
    const json = await town.run(one.at, ...good, '--no-such-option', '--json');
    expect(json.status).toBe(2);
    expect(json.stdout).toBe('');
    expect(json.stderr).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(json.stderr)).toMatchObject({
      error: { code: 'USAGE', exitStatus: 2, message: expect.stringContaining('--no-such-option') },
    });
  });

  if (one.needs !== 'nothing') {
    test('refuses a home that is not there, has joined nothing, or is another kind, and writes nothing', async () => {
      const before = await prepare(one);
      const home = (name: string): string => join(town.root, name, '.joulemark');
      expectRefused(
        await run(subject, '--home', home('missing')),
        10,
        'no home',
        ['missing/.joulemark'],
        'joulemark init',
      );
      expectRefused(
        await run(subject, '--home', join(town.root, 'nowhere')),
        10,
        'a folder that is no home',
        ['nowhere'],
        'joulemark ',
      );
      if (one.needs === 'ledger')
        expectRefused(
          await run(subject, '--home', home('newcomer')),
          10,
          'joined nothing',
          ['joined no ledger'],
          'joulemark join',
        );
      if (one.only === 'body')
        expectRefused(await run(subject, '--home', home('works')), 2, "not the body's home", [
          'only the certification body can',
          "'Works'",
        ]);
      if (one.only === 'organisation')
        expectRefused(await run(subject, '--home', home('body')), 2, "the body's home", [
          'the certification body cannot',
        ]);
      town.write(`${one.at}/.joulemark`, 'config.yaml', 'joulemark: config/1\nname: Works\nname: Other\n');
      const broken = town.state();
      expectRefused(await run(subject), 2, 'a broken configuration', ["duplicate key 'config.name'", 'config.yaml:3']);
      expect(town.changes(broken)).toEqual([]);
      expect(town.changes(before)).toEqual([`~ ${one.at}/.joulemark/config.yaml`]);
    });
  }

  if (command.effect === 'append') {
    test('says that the key is not available, or the lock held, and writes nothing', async () => {
      await prepare(one);
      const paths = toHomePaths(join(town.root, one.at, '.joulemark'));
      for (const file of [paths.keyFile, paths.nextKeyFile])
        writeFileSync(file, await encryptKeyFile(readFileSync(file, 'utf8'), 'right', 2));
      town.write(one.at, 'wrong-words', 'wrong\n');
      town.write(one.at, 'right-words', 'right\n');
      const before = town.state();
      expectRefused(await run(subject), 12, 'nobody to ask', ['no terminal'], '--passphrase-file');
      expectRefused(await run(subject, '--passphrase-file', 'wrong-words'), 12, 'wrong passphrase', ['passphrase']);
      expect((await run(subject, '--passphrase-file', 'right-words', '--dry-run')).status).toBe(happy);
      rmSync(paths.keyFile);
      rmSync(paths.nextKeyFile);
      expectRefused(await run(subject, '--passphrase-file', 'right-words'), 12, 'no key file', ['.joulemark/keys/']);
      expect(town.changes(before)).toEqual(
        [paths.keyFile, paths.nextKeyFile].map((file) => `- ${relative(town.root, file)}`),
      );
      await prepare(one);
      const unlocked = town.state();
      await withLock(paths.lock, { wait: 0 }, async () =>
        expectRefused(await run(subject), 11, 'the lock is held', ['lock'], '--wait'),
      );
      expect(town.changes(unlocked)).toEqual([]);
    });
  }

  if (one.organisation !== undefined) {
    const index = one.organisation;
    test('refuses organisations that are not there, or are two, and writes nothing', async () => {
      const before = await prepare(one);
      const named = (name: string): Promise<Run> =>
        town.run(
          one.at,
          ...argvOf(path, one, town).map((word, at) => (at === path.split(' ').length + index ? name : word)),
        );
      expectRefused(await named('Nobody'), 2, 'unknown', ["'Nobody'", "'Works' ("], 'joulemark org list');
      expectRefused(
        await named(town.worksId.slice(0, 6)),
        2,
        'ambiguous',
        ['fits 2 organisations', "'Works' ("],
        'more digits',
      );
      expectRefused(await named(town.worksId.slice(0, 3)), 2, 'too few digits', [`'${town.worksId.slice(0, 3)}'`]);
      expectRefused(await named('f'.repeat(64)), 2, 'an id of nobody', ["'ffff"]);
      expectRefused(await named('\u001b[2J\u202e'), 2, 'escape sequences', ['\\u{1b}[2J\\u{202e}']);
      expectRefused(await named(''), 2, 'nothing', ["''"]);
      expect(town.changes(before)).toEqual([]);
    });
  }

  if (one.files !== undefined) {
    const indexes = one.files;
    test('refuses files that are missing, folders, empty, binary, huge or not what they should be, and writes nothing', async () => {
      const before = await prepare(one);
      const offset = path.split(' ').length;
      for (const index of indexes) {
        const good = argvOf(path, one, town)[offset + index] ?? '';
        const isYaml = good.endsWith('.yaml');
        const name = isYaml ? 'bad.yaml' : 'bad.csv';
        const file = join(town.root, one.at, name);
        const named = (): Promise<Run> =>
          town.run(one.at, ...argvOf(path, one, town).map((word, at) => (at === offset + index ? name : word)));
        const text = town.read(`${one.at}/${good}`).replace(/^#.*\n/gm, '');
        const attempt = async (what: string, says: readonly (string | RegExp)[]): Promise<void> => {
          const refused = await named();
          rmSync(file, { recursive: true, force: true });
          expectRefused(refused, 2, `${good} ${what}`, [name, ...says]);
        };
        await attempt('missing', ['no such file']);
        mkdirSync(file);
        await attempt('a folder', ['folder']);
        if (process.getuid?.() !== 0) {
          writeFileSync(file, text, { mode: 0o000 });
          await attempt('unreadable', ['permission denied']);
        }
        writeFileSync(file, '');
        truncateSync(file, 3 * 2 ** 30);
        await attempt('of 3 GiB', [/too large|GiB/]);
        if (!isYaml) {
          writeFileSync(file, '');
          await attempt('empty', []);
          writeFileSync(file, Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe, 0, 0x80]));
          await attempt('binary', []);
        }
        for (const [what, make, says] of isYaml ? WRONG_DOCUMENTS : []) {
          writeFileSync(file, make(text));
          await attempt(what, says);
        }
      }
      expect(town.changes(before)).toEqual([]);
    });
  }
});

describe('wrong input of one command', () => {
  /** Commands whose refusal was seen as JSON too. */
  const tried = new Set<string>();
  test.each(
    WRONG_INPUTS.map((input, index) => ({
      ...input,
      name: `${index} ${input.path} ${typeof input.args === 'function' ? '...' : input.args.join(' ').slice(0, 60)}`,
    })),
  )('$name', async ({ path, args, file, says, hint, status }) => {
    const one = CASES[path]!;
    town.reset(one.stage ?? 'running');
    if (file !== undefined) writeFileSync(join(town.root, one.at, file[0]), file[1]);
    const given = typeof args === 'function' ? args(town) : args;
    const before = town.state();
    const what = `joulemark ${path} ${given.join(' ')}${file === undefined ? '' : ` with ${String(file[1])}`}`;
    expectRefused(await town.run(one.at, ...path.split(' '), ...given), status ?? 2, what, says, hint);
    expect(town.changes(before)).toEqual([]);
    if (tried.has(path)) return;
    tried.add(path);
    const json = await town.run(one.at, ...path.split(' '), ...given, '--json');
    expect({ what, status: json.status, stdout: json.stdout }).toEqual({ what, status: status ?? 2, stdout: '' });
    expect(json.stderr).toMatch(/^\{.*\}\n$/);
    expect(json.stderr).not.toMatch(OBEYED);
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { exitStatus: status ?? 2 } });
  });
});

describe('a passphrase file', () => {
  test.each([
    ['is empty', '\n', 'the passphrase is empty'],
    ['is no text', Uint8Array.from([0xff, 0xfe]), 'not UTF-8 text'],
    ['is missing', undefined, 'no such file'],
  ])('that %s is named, status 12', async (_what, content, says) => {
    town.reset('running');
    const { keyFile } = toHomePaths(join(town.root, 'grid', '.joulemark'));
    writeFileSync(keyFile, await encryptKeyFile(readFileSync(keyFile, 'utf8'), 'right', 2));
    if (content !== undefined) writeFileSync(join(town.root, 'grid', 'words'), content);
    const before = town.state();
    expectRefused(
      await town.run('grid', 'audit', 'sign', 'Works', '--passphrase-file', 'words'),
      12,
      says,
      [says],
      '--passphrase-file',
    );
    expect(town.changes(before)).toEqual([]);
  });
});

describe('a name that would fool a terminal', () => {
  test('is shown escaped wherever it is shown, and kept whole in JSON', async () => {
    town.reset('running');
    for (const argv of [
      ['org', 'list'],
      ['org', 'show', HOSTILE_NAME],
      ['key', 'list', HOSTILE_NAME],
      ['key', 'show', HOSTILE_NAME],
      ['ledger', 'log'],
      ['ledger', 'stats'],
      ['ledger', 'log', HOSTILE_NAME],
      ['ledger', 'show', `${HOSTILE_NAME}:0`],
      ['status', '--home', join(town.root, 'tower', '.joulemark')],
    ]) {
      const { status, stdout, stderr } = await town.run('body', ...argv);
      expect({ argv, status, stderr }).toEqual({ argv, status: 0, stderr: '' });
      expect(stdout, argv.join(' ')).not.toMatch(OBEYED);
      expect(stdout, argv.join(' ')).toContain('Tower\\u{1b}[31m\\u{202e}evil\\nhint: rm -rf ~');
      const json = await town.run('body', ...argv, '--json');
      expect(json.stdout).not.toMatch(OBEYED);
      expect(JSON.stringify(JSON.parse(json.stdout))).toContain(JSON.stringify(HOSTILE_NAME).slice(1, -1));
    }
  });

  test('is escaped in colour too, where the only sequences are our own', async () => {
    town.reset('running');
    const { stdout } = await town.ok('body', 'org', 'list', '--color', 'always');
    expect(stdout).toContain('\u001b[1m');
    expect(stripVTControlCharacters(stdout)).not.toMatch(OBEYED);
    expect(stripVTControlCharacters(stdout)).toContain('Tower\\u{1b}[31m\\u{202e}evil');
    expect(stdout).not.toContain('\u001b[31m\u202e');
  });
});
