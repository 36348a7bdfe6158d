import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { policyText } from '../support/policy-text.ts';
import { createTown, type Town } from '../support/town.ts';

interface Rotated {
  readonly before: string;
  readonly current: string;
  readonly next: string;
  readonly completed: boolean;
  readonly block: { readonly seq: number; readonly id: string };
}
interface Keys {
  readonly keys: readonly { readonly key: string; readonly to: number | null }[];
  readonly next: string;
}

let town: Town;
let keys: string;
beforeEach(async () => {
  town = createTown(Date.UTC(2012, 11, 20) / 1000);
  await town.ok('body', 'init', 'Body');
  await town.ok('body', 'programme', 'create', town.write('body', 'policy.yaml', policyText()));
  keys = join(town.folder('body'), '.joulemark', 'keys');
});
afterEach(() => town.remove());

const KEY = 'joulemark.key';
const NEXT = 'next.key';
const STAGED = 'staged.key';
const TABLE =
  'joulemark: table/1\nname: test-table\nedition: "1"\nrows: {coal: {unit: t, factor: "0.7", factor_unit: kgce/kg}}\n';

/** Rotates, then puts the key files back to where they stood at some instant of the rotation. */
async function rotateAndCrash(
  instant: 'before the key file was replaced' | 'before the next key was',
): Promise<Rotated> {
  const saved = join(town.root, 'saved');
  cpSync(keys, saved, { recursive: true });
  const rotated = await town.json<Rotated>('body', 'key', 'rotate');
  cpSync(join(keys, NEXT), join(keys, STAGED));
  cpSync(join(saved, NEXT), join(keys, NEXT));
  if (instant === 'before the key file was replaced') cpSync(join(saved, KEY), join(keys, KEY));
  return rotated;
}

async function expectWhole(expected: Pick<Rotated, 'current' | 'next'>): Promise<void> {
  const shown = await town.json<Keys>('body', 'key', 'list');
  expect(shown.keys.at(-1)).toMatchObject({ key: expected.current, to: null });
  expect(shown.next).toBe(expected.next);
  expect(readdirSync(keys).toSorted()).toEqual(['high-water-mark', KEY, NEXT]);
  for (const name of [KEY, NEXT]) expect(statSync(join(keys, name)).mode & 0o777).toBe(0o600);
  // the reserve is the key announced: the next rotation works
  const again = await town.json<Rotated>('body', 'key', 'rotate');
  expect(again).toMatchObject({ before: expected.current, current: expected.next, completed: false });
}

describe.each(['before the key file was replaced', 'before the next key was'] as const)(
  'a rotation cut short %s',
  (instant) => {
    test('is completed by the next one, which does not rotate twice', async () => {
      const cut = await rotateAndCrash(instant);
      const completed = await town.json<Rotated>('body', 'key', 'rotate');
      expect(completed).toMatchObject({ ...cut, completed: true });
      await expectWhole(cut);
    });

    test('is completed by any append', async () => {
      const cut = await rotateAndCrash(instant);
      await town.ok('body', 'table', 'publish', town.write('body', 'table.yaml', TABLE));
      await expectWhole(cut);
    });

    test('is not completed by a dry run, which writes nothing', async () => {
      await rotateAndCrash(instant);
      const before = readFileSync(join(keys, KEY));
      await town.run('body', 'table', 'publish', town.write('body', 'table.yaml', TABLE), '--dry-run');
      expect(readFileSync(join(keys, KEY)).equals(before)).toBe(true);
      expect(existsSync(join(keys, STAGED))).toBe(true);
    });
  },
);

test('a key staged by a run that died before it announced it is the one that is announced', async () => {
  await town.ok('other', 'init', 'Other');
  cpSync(join(town.folder('other'), '.joulemark', 'keys', NEXT), join(keys, STAGED));
  const first = await town.json<Rotated>('body', 'key', 'rotate', '--dry-run');
  const rotated = await town.json<Rotated>('body', 'key', 'rotate');
  expect(rotated).toMatchObject({ current: first.current, next: first.next, completed: false });
  await expectWhole(rotated);
});

test('a dry run writes nothing, not even a staged key', async () => {
  const before = readdirSync(keys).map((name) => [name, readFileSync(join(keys, name), 'utf8')]);
  const { stdout } = await town.ok('body', 'key', 'rotate', '--dry-run');
  expect(stdout).toContain('nothing was written');
  expect(readdirSync(keys).map((name) => [name, readFileSync(join(keys, name), 'utf8')])).toEqual(before);
  expect((await town.json<Keys>('body', 'key', 'list')).keys).toHaveLength(1);
});

describe('a next key kept elsewhere', () => {
  test('is given with --next-key, is not touched, and a fresh one is made in the home', async () => {
    const safe = join(town.root, 'safe');
    mkdirSync(safe);
    cpSync(join(keys, NEXT), join(safe, NEXT));
    rmSync(join(keys, NEXT));
    const missing = await town.run('body', 'key', 'rotate');
    expect(missing).toMatchObject({ status: 12, stderr: expect.stringContaining('key rotate --next-key') });
    const before = readFileSync(join(safe, NEXT));
    const rotated = await town.json<Rotated>('body', 'key', 'rotate', '--next-key', join(safe, NEXT));
    expect(readFileSync(join(safe, NEXT)).equals(before)).toBe(true);
    await expectWhole(rotated);
  });

  test('that is another than announced is refused, and nothing is written', async () => {
    await town.ok('other', 'init', 'Other');
    const other = join(town.folder('other'), '.joulemark', 'keys', NEXT);
    expect(await town.run('body', 'key', 'rotate', '--next-key', other)).toMatchObject({
      status: 12,
      stderr: expect.stringMatching(/announced as next is/),
    });
    expect(existsSync(join(keys, STAGED))).toBe(false);
    expect((await town.json<Keys>('body', 'key', 'list')).keys).toHaveLength(1);
  });
});

test('the key before a rotation cannot append any more', async () => {
  const old = readFileSync(join(keys, KEY));
  await town.ok('body', 'key', 'rotate');
  rmSync(join(keys, KEY));
  writeFileSync(join(keys, KEY), old, { mode: 0o600 });
  const run = await town.run('body', 'table', 'publish', town.write('body', 'table.yaml', TABLE));
  expect(run).toMatchObject({
    status: 12,
    stderr: expect.stringMatching(/the key file holds the key [0-9a-f]{8}, in force is [0-9a-f]{8}/),
  });
});
