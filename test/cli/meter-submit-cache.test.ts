import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openHome } from '../../src/home/home.ts';
import { openSnapshot } from '../../src/home/own-cache.ts';
import { toEntry, withWriter } from '../../src/home/session.ts';
import { suspendContent } from '../../src/programme/entries.ts';
import { createMeterHomes, type MeterHomes } from '../support/meter-homes.ts';
import { policyText } from '../support/policy-text.ts';

const BOUNDARY = `joulemark: boundary/1
applicant: guangnan-cement
supply_points: {coal-gate: {carrier: raw_coal}}
meters:
  coal-belt: {kind: energy, at: coal-gate, counts: use, product: clinker, reads: interval, unit: t, accuracy: "0.01"}
  belt-register: {kind: energy, at: coal-gate, counts: use, product: clinker, reads: register, unit: t, digits: "7", multiplier: "10"}
`;
const PROFILE = `joulemark: profile/1
reads: meters
file: {}
time: {column: day, format: yyyy-MM-dd, zone: "+08:00", stamp: start}
shape: wide
columns: {coal: {meter: coal-belt, unit: t}, stand: {meter: belt-register, unit: t, multiplier: "10"}}
`;

let homes: MeterHomes | undefined;
afterEach(() => {
  homes?.remove();
  homes = undefined;
});

const dateOf = (day: number): string => new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);
const csv = (from: number, to: number, coal = 700): string =>
  `day,coal,stand\n${Array.from({ length: to - from }, (_, index) => `${dateOf(from + index)},${coal + from + index},${1000 + 5 * (from + index)}\n`).join('')}`;

async function create(): Promise<
  MeterHomes & { readonly cache: string; holds(): boolean; both(...argv: string[]): Promise<void> }
> {
  const h = await createMeterHomes({
    policy: policyText({
      zone: '"+08:00"',
      first: '2026-01-01',
      carriers: '{raw_coal: {unit: t, row: raw_coal}}',
      products: '{clinker: {basis: quantity, unit: t}}',
    }),
    boundary: BOUNDARY,
    now: Date.UTC(2025, 11, 1) / 1000,
  });
  homes = h;
  h.now = Date.UTC(2026, 5, 1) / 1000;
  h.write('p.yaml', PROFILE);
  const cache = join(h.applicant, 'own-chain.cache');
  return Object.assign(h, {
    cache,
    holds: () => openSnapshot(openHome(h.applicant), `refs/heads/org/${h.org}`, h.now) !== null,
    /** A dry run with the snapshot and one that reads everything say the same. */
    both: async (...argv: string[]) => {
      expect(existsSync(cache)).toBe(true);
      const short = await h.run('meter', 'submit', ...argv, '--profile', 'p.yaml', '--dry-run', '--json');
      renameSync(cache, `${cache}.away`);
      const whole = await h.run('meter', 'submit', ...argv, '--profile', 'p.yaml', '--dry-run', '--json');
      renameSync(`${cache}.away`, cache);
      expect(short).toEqual(whole);
    },
  });
}

describe("the snapshot of one's own chain", () => {
  test('gives what reading everything gives, through broadcasts, corrections and long histories', async () => {
    const h = await create();
    h.write('a.csv', csv(0, 60));
    expect((await h.run('meter', 'submit', 'a.csv', '--profile', 'p.yaml')).status).toBe(0);
    expect(h.holds()).toBe(true);
    h.write('next.csv', csv(60, 62));
    await h.both('next.csv');
    // pending becomes covered, and the programme chain moves on
    await h.broadcast();
    expect(h.holds()).toBe(true);
    await h.both('next.csv');
    await h.run('meter', 'submit', 'next.csv', '--profile', 'p.yaml');
    await h.broadcast();
    expect(h.holds()).toBe(true);
    h.write('overlap.csv', csv(40, 64));
    await h.both('overlap.csv');
    h.write('behind.csv', csv(0, 64));
    await h.both('behind.csv');
    h.write('conflict.csv', csv(55, 65, 1));
    await h.both('conflict.csv');
    await h.both('conflict.csv', '--append-the-rest');
    // another command moves the chain: the snapshot does not hold, and the next submission makes a new one
    await h.run('meter', 'correct', 'coal-belt', dateOf(58), '1', '--because', 'transcription');
    expect(h.holds()).toBe(false);
    await h.both('overlap.csv');
    await h.run('meter', 'submit', 'overlap.csv', '--profile', 'p.yaml');
    expect(h.holds()).toBe(true);
    await h.both('overlap.csv');
    await h.both('conflict.csv');
    h.write('last.csv', csv(64, 66));
    await h.both('last.csv');
  }, 60_000);

  test('is not used once it is damaged, the clock or the rules have moved on', async () => {
    const h = await create();
    h.write('a.csv', csv(0, 3));
    await h.run('meter', 'submit', 'a.csv', '--profile', 'p.yaml');
    const good = readFileSync(h.cache, 'utf8');
    for (const [what, broken] of [
      ['cut', good.slice(0, -30)],
      ['changed', good.replace(/.\n$/u, 'A\n')],
      ['empty', ''],
      ['other', `${'0'.repeat(64)}\n`],
    ] as const) {
      writeFileSync(h.cache, broken);
      expect(h.holds(), what).toBe(false);
    }
    h.write('b.csv', csv(3, 4));
    expect((await h.run('meter', 'submit', 'b.csv', '--profile', 'p.yaml')).status).toBe(0);
    expect(h.holds()).toBe(true);
    await withWriter(
      { home: h.body, dryRun: false, wait: 0, now: () => h.now, passphrase: async () => '' },
      (writer) => {
        writer.append([toEntry('suspend', suspendContent, { org: h.org, reason: 'test' })]);
      },
    );
    await h.broadcast();
    expect(h.holds()).toBe(false);
    h.write('c.csv', csv(4, 5));
    const suspended = await h.run('meter', 'submit', 'c.csv', '--profile', 'p.yaml');
    expect(suspended.stdout).toContain('not admitted as an applicant');
    expect(h.holds()).toBe(false);
  }, 60_000);

  test('does not hide a repository that was put back', async () => {
    const h = await create();
    h.write('a.csv', csv(0, 3));
    await h.run('meter', 'submit', 'a.csv', '--profile', 'p.yaml');
    const cache = readFileSync(h.cache);
    const ref = join(h.applicant, `ledger.git/refs/heads/org/${h.org}`);
    const before = readFileSync(ref);
    h.write('b.csv', csv(3, 4));
    await h.run('meter', 'submit', 'b.csv', '--profile', 'p.yaml');
    // branch and snapshot of the same moment, the mark beside the key of a later one
    writeFileSync(ref, before);
    writeFileSync(h.cache, cache);
    const refused = await h.run('meter', 'submit', 'b.csv', '--profile', 'p.yaml');
    expect(refused).toMatchObject({ status: 13, stderr: expect.stringContaining('restored backup') });
    rmSync(h.cache);
    expect((await h.run('meter', 'submit', 'b.csv', '--profile', 'p.yaml')).status).toBe(13);
  }, 60_000);
});
