import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT_STATUS } from '../../src/errors.ts';
import type { AnyCommand } from '../../src/cli/command.ts';
import { APPEND_OPTIONS, GLOBAL_OPTIONS } from '../../src/cli/global-options.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import { resolveRequest } from '../../src/cli/resolve.ts';
import { VERSION } from '../../src/cli/version.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { PROJECT_ROOT, readSources, type Source } from '../support/sources.ts';
import { splitWords } from '../support/transcript-script.ts';

/** Which folder may import which others and which packages: what lint cannot say, because it sees paths as they are written. */
interface Rule {
  readonly folders: readonly string[];
  readonly packages: readonly (string | RegExp)[];
}

const NODE = /^node:/u;
const RULES: Readonly<Record<string, Rule>> = {
  calc: { folders: [], packages: [] },
  crypto: { folders: [], packages: [/^@noble\//u, '@scure/base', 'age-encryption'] },
  'ledger/codec': { folders: ['crypto'], packages: [/^cbor-x/u] },
  ledger: { folders: ['crypto', 'ledger/codec'], packages: [] },
  'ledger/git': { folders: ['crypto', 'ledger', 'ledger/codec'], packages: [] },
  programme: { folders: ['calc', 'crypto', 'ledger', 'ledger/codec', 'ledger/git'], packages: ['yaml'] },
  'ledger/store': { folders: ['crypto', 'ledger', 'ledger/codec', 'ledger/git'], packages: [NODE] },
  'ledger/remote': {
    folders: ['crypto', 'ledger', 'ledger/codec', 'ledger/git', 'ledger/store'],
    packages: [NODE, /^isomorphic-git/u],
  },
  ingest: {
    folders: ['calc', 'programme', 'ledger/codec'],
    packages: [NODE, /^csv-parse/u, 'lossless-json', 'yaml'],
  },
  report: {
    folders: ['calc', 'crypto', 'programme', 'ledger', 'ledger/codec', 'ledger/git'],
    packages: ['@scure/base'],
  },
  // what runs in a browser: its own Ed25519 is asked tricky questions made with noble
  page: {
    folders: ['crypto', 'programme', 'ledger/codec', 'ledger/git', 'report'],
    packages: [/^@noble\//u],
  },
  home: {
    folders: [
      'calc',
      'crypto',
      'programme',
      'ledger',
      'ledger/codec',
      'ledger/git',
      'ledger/store',
      'ledger/remote',
      'report',
    ],
    packages: [NODE, 'yaml'],
  },
  // the single file of export folders: the shell's words for failures, the home's way of reading files, none of the rest
  verifier: { folders: ['cli', 'home', 'report', 'programme', 'ledger/codec'], packages: [NODE] },
  cli: { folders: ['commands'], packages: [NODE, 'commander', 'chalk', 'inquirer', 'cli-table3'] },
  commands: {
    folders: [
      'calc',
      'crypto',
      'programme',
      'ledger',
      'ledger/codec',
      'ledger/git',
      'ledger/store',
      'ledger/remote',
      'ingest',
      'report',
      'home',
      'cli',
    ],
    packages: [/^node:(?!process$)/u, 'yaml', 'lossless-json'],
  },
};

/** Files that are an exception by their purpose, and the folder whose rule they follow. */
const EXCEPTIONS: Readonly<Record<string, Rule>> = {
  // The one native file of the cryptography.
  'src/crypto/primitives-native.ts': { folders: [], packages: ['node:crypto'] },
  // Runs a whole command line inside another command.
  'src/cli/perform-command.ts': { folders: ['main.ts'], packages: [] },
};

const sources = readSources('src');
const commandFiles = sources.filter(
  ({ path }) => path.startsWith('src/commands/') && !/\/(?:index|summaries)\.ts$/u.test(path),
);

describe('imports', () => {
  const ruled = sources.filter(({ path }) => path.split('/').length > 2);

  test.each(ruled.map((source) => [source.path, source] as const))(
    '%s imports only what its folder may',
    (path, source) => {
      const folder = toFolder(path);
      const rule = EXCEPTIONS[path] ?? RULES[folder];
      expect(rule, `no rule for the folder '${folder}'`).toBeDefined();
      const refused = source.imports.filter((name) => rule !== undefined && !mayImport(folder, rule, name));
      expect(refused).toEqual([]);
    },
  );

  test('of commands, none imports another', () => {
    const names = new Set(commandFiles.map(({ path }) => path));
    expect(
      commandFiles.filter(({ imports }) => imports.some((name) => names.has(name))).map(({ path }) => path),
    ).toEqual([]);
  });
});

describe('files', () => {
  const all = [...sources, ...readSources('test')];

  test('are named in kebab-case', () => {
    expect(namesOf(all).filter((name) => !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?\.ts$/u.test(name))).toEqual([]);
  });

  test('are named after a thing, not a drawer', () => {
    expect(
      namesOf(all).filter((name) => /(?:^|-)(?:utils?|helpers?|managers?|misc|common)(?:[.-]|$)/u.test(name)),
    ).toEqual([]);
  });

  test('say nothing that is still to do', () => {
    const mark = /\b(?:TO[D]O|FIX[M]E)\b/u;
    // the brackets keep this file from saying it itself
    expect(all.filter(({ text }) => mark.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe('commands', () => {
  test('are all in the list, and the list is in order', () => {
    const listed = COMMANDS.map(({ path }) => `src/commands/${path.join('-')}.ts`);
    expect(listed).toEqual(commandFiles.map(({ path }) => path));
  });

  test.each(COMMANDS.map((entry) => [entry.path.join(' '), entry] as const))(
    '%s is declared in full',
    async (_, entry) => {
      const command = await entry.load();
      expect(command.path).toEqual(entry.path);
      expect(command.summary).toMatch(/^[A-Z].*[^.]$/u);
      expect(command.examples.length).toBeGreaterThanOrEqual(2);
      expect(command.exits).toContain('OK');
      expect(command.exits.filter((name) => !(name in EXIT_STATUS))).toEqual([]);
      const shellNames = new Set([...Object.keys(GLOBAL_OPTIONS), ...Object.keys(APPEND_OPTIONS), 'help', 'version']);
      expect(Object.keys(command.options).filter((name) => shellNames.has(name) || /^no[A-Z]/u.test(name))).toEqual([]);
      expect(command.options).toSatisfy(shortFlagsAreDistinct);
    },
  );

  test.each(COMMANDS.map((entry) => [entry.path.join(' '), entry] as const))(
    '%s understands its own examples',
    async (_, entry) => {
      const command = await entry.load();
      for (const example of command.examples) {
        const ours = example.split(' | ').find((part) => part.startsWith('joulemark ')) ?? example;
        // an id may be cut short in an example
        const whole = ours
          .split(/ [<>] /u)[0]
          ?.replaceAll(/\b([0-9a-f]{4,})\.\.\./gu, (_cut, start: string) => start.padEnd(64, '0'));
        const [program, ...argv] = splitWords(whole ?? '');
        expect(program).toBe('joulemark');
        const request = resolveRequest(argv, COMMANDS);
        expect(request, example).toMatchObject({ kind: 'command', entry: { path: entry.path } });
        if (request.kind === 'command') expect(parseCommandLine(command, request.argv).kind, example).toBe('run');
      }
    },
  );

  test('the version is that of the package', () => {
    expect(JSON.parse(readFileSync(`${PROJECT_ROOT}package.json`, 'utf8'))).toMatchObject({ version: VERSION });
  });
});

function toFolder(path: string): string {
  const [, area = '', sub = ''] = path.split('/');
  return area === 'ledger' && !sub.endsWith('.ts') ? `ledger/${sub}` : area;
}

function mayImport(folder: string, rule: Rule, name: string): boolean {
  if (['src/errors.ts', 'src/safe-text.ts', 'src/system-error.ts'].includes(name)) return true;
  if (name === '#primitives') return folder !== 'calc' && folder !== 'cli';
  if (name.startsWith('src/')) return toFolder(name) === folder || rule.folders.includes(toFolder(name));
  return rule.packages.some((allowed) => (typeof allowed === 'string' ? allowed === name : allowed.test(name)));
}

function namesOf(files: readonly Source[]): readonly string[] {
  return files.map(({ path }) => basename(path));
}

function shortFlagsAreDistinct(options: AnyCommand['options']): boolean {
  const letters = [...Object.values(options), ...Object.values(GLOBAL_OPTIONS)].map((spec) =>
    'short' in spec ? spec.short : undefined,
  );
  const given = letters.filter((letter) => letter !== undefined);
  return new Set(given).size === given.length;
}
