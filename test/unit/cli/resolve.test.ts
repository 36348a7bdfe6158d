import { describe, expect, test } from 'vitest';
import type { CommandEntry } from '../../../src/cli/command-entry.ts';
import { resolveRequest } from '../../../src/cli/resolve.ts';
import { suggest } from '../../../src/cli/suggest.ts';
import { completion } from '../../../src/commands/completion.ts';

const entry = (...path: [string] | [string, string]): CommandEntry => ({ path, load: async () => completion });
const ENTRIES = [
  entry('audit', 'list'),
  entry('audit', 'sign'),
  entry('ledger', 'log'),
  entry('verify'),
  entry('certify'),
  entry('certify', 'run'),
];

const resolved = (line: string): unknown => {
  const request = resolveRequest(
    line.split(' ').filter((word) => word !== ''),
    ENTRIES,
  );
  return request.kind === 'command' ? [request.entry.path.join(' '), ...request.argv] : request;
};

describe('the words of a command line', () => {
  test.each([
    ['audit sign acme --period 2025', ['audit sign', 'acme', '--period', '2025']],
    ['--home h audit --json sign acme', ['audit sign', '--home', 'h', '--json', 'acme']],
    ['--home=h verify -', ['verify', '--home=h', '-']],
    ['verify audit sign', ['verify', 'audit', 'sign']],
    ['audit', ['audit list']],
    ['audit --period sign', ['audit list', '--period', 'sign']],
    ['certify', ['certify']],
    ['certify run x', ['certify run', 'x']],
    ['help audit sign', ['audit sign', '--help']],
  ])('%s', (line, expected) => {
    expect(resolved(line)).toEqual(expected);
  });

  test.each([
    ['', { kind: 'help', noun: undefined }],
    ['--help', { kind: 'help', noun: undefined }],
    ['help', { kind: 'help', noun: undefined }],
    ['audit --help', { kind: 'help', noun: 'audit' }],
    ['--version', { kind: 'version' }],
    ['-V', { kind: 'version' }],
    ['ledger', { kind: 'incomplete', noun: 'ledger' }],
    ['--nonsense verify', { kind: 'unknown', word: '--nonsense', candidates: [] }],
    ['audit sing', { kind: 'unknown', word: 'audit sing', candidates: ['audit list', 'audit sign'] }],
    ['adit', { kind: 'unknown', word: 'adit', candidates: ['audit', 'ledger', 'verify', 'certify'] }],
  ])('%s is no command', (line, expected) => {
    expect(resolved(line)).toEqual(expected);
  });
});

describe('a suggestion', () => {
  test.each([
    ['adit', 'audit'],
    ['verfy', 'verify'],
    ['ldeger', 'ledger'],
    ['zzz', undefined],
    ['a', undefined],
  ])('for %s is %s', (word, expected) => {
    expect(suggest(word, ['audit', 'verify', 'ledger'])).toBe(expected);
  });
});
