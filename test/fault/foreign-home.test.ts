import { chmodSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCheckedStates, writeCheckedStates } from '../../src/home/checked-states.ts';
import { decodeRecord } from '../../src/ledger/block.ts';
import { encodeEntry } from '../../src/ledger/entry.ts';
import { keyIdOf } from '../../src/ledger/key-id.ts';
import { sealBlock } from '../../src/ledger/seal.ts';
import { splitRecords } from '../../src/ledger/segment.ts';
import { initGitStore, openGitStore } from '../../src/ledger/store/git-store.ts';
import { PROGRAMME_REF } from '../../src/ledger/git/ref-name.ts';
import { startOfDay } from '../../src/programme/calendar.ts';
import { changedFiles, readFolder } from '../support/folder-state.ts';
import { keyPair } from '../support/ledger.ts';
import { policyText } from '../support/policy-text.ts';
import { createTown, type Town } from '../support/town.ts';

let town: Town;

beforeEach(async () => {
  town = createTown(startOfDay('2012-12-20', 'UTC'));
  await town.ok('body', 'init', 'Body');
  town.write('body', 'policy.yaml', policyText());
  await town.ok('body', 'programme', 'create', 'policy.yaml');
  await town.ok('body', 'broadcast');
});
afterEach(() => town.remove());

/** Somebody's home on a stick, its last programme block signed by nobody, and everything in it that could say otherwise forged with it. */
function forgedHome(): string {
  cpSync(town.folder('body'), town.folder('stick'), { recursive: true });
  const home = join(town.folder('stick'), '.joulemark');
  const store = openGitStore(join(home, 'ledger.git'));
  const records = [...store.readSegments(PROGRAMME_REF)]
    .flatMap(({ bytes }) => splitRecords(bytes))
    .map((record) => Uint8Array.from(record));
  const last = records.at(-1)!;
  const { signature } = decodeRecord(last);
  const at = Buffer.from(last).indexOf(Buffer.from(signature));
  last[at] = (last[at] ?? 0) ^ 1;
  store.close();
  rmSync(join(home, 'ledger.git'), { recursive: true });
  const forged = initGitStore(join(home, 'ledger.git'));
  forged.appendRecords({ ref: PROGRAMME_REF, expectedHead: null, nextSeq: 0, records, time: 0 });
  forged.close();
  const states = readCheckedStates(join(home, 'checked.json'));
  const state = states.get(PROGRAMME_REF)!;
  writeCheckedStates(
    join(home, 'checked.json'),
    new Map([...states, [PROGRAMME_REF, { ...state, head: decodeRecord(last).id }]]),
  );
  const pin = JSON.parse(readFileSync(join(home, 'pin.json'), 'utf8')) as object;
  writeFileSync(join(home, 'pin.json'), JSON.stringify({ ...pin, id: decodeRecord(last).id }));
  return town.folder('stick');
}

test("another one's home vouches for nothing: every signature is checked, the ledger id is not compared, nothing is written there", async () => {
  const honest = join(town.root, 'copy');
  cpSync(town.folder('body'), honest, { recursive: true });
  const before = readFileSync(join(honest, '.joulemark', 'checked.json'));
  const whole = await town.json<{
    verdict: string;
    compared: string | null;
    blocks: number;
    signaturesCheckedNow: number;
  }>('stranger', 'verify', honest);
  expect(whole).toMatchObject({ verdict: 'CHECKED', compared: null, signaturesCheckedNow: whole.blocks });
  expect(readFileSync(join(honest, '.joulemark', 'checked.json'))).toEqual(before);
  const forged = await town.run('stranger', 'verify', forgedHome());
  expect({ status: forged.status, said: forged.stdout + forged.stderr }).toMatchObject({
    status: 3,
    said: expect.stringContaining('the programme chain is broken') as string,
  });
});

interface Told {
  readonly verdict: string;
  readonly compared: string | null;
  readonly blocks: number;
  readonly signaturesCheckedNow: number;
  readonly unread: number;
}

test('verify inside a forged home, without a path, is not taken in by what lies beside the ledger', async () => {
  forgedHome();
  const forged = await town.run('stick', 'verify');
  expect({ status: forged.status, said: forged.stdout + forged.stderr }).toMatchObject({
    status: 3,
    said: expect.stringContaining('the programme chain is broken') as string,
  });
  for (const argv of [
    ['certify', 'list'],
    ['ledger', 'log'],
    ['ledger', 'receipt', 'programme:0:0'],
  ])
    expect((await town.run('stick', ...argv)).status, argv.join(' ')).toBe(3);
});

test('inside an honest copy of a home everything is checked and nothing compared, until the ledger id is told', async () => {
  cpSync(town.folder('body'), town.folder('copy'), { recursive: true });
  const state = readFolder(town.folder('copy'));
  const first = await town.json<Told>('copy', 'verify');
  expect(first).toMatchObject({ verdict: 'CHECKED', compared: null, signaturesCheckedNow: first.blocks });
  expect(changedFiles(state, readFolder(town.folder('copy')))).toEqual([]);
  const { ledger } = await town.json<{ ledger: string }>('body', 'verify');
  expect(await town.json<Told>('copy', 'verify', '--ledger', ledger)).toMatchObject({ compared: 'with --ledger' });
  expect(await town.json<Told>('copy', 'verify')).toMatchObject({
    compared: 'with the pin of this home',
    signaturesCheckedNow: 0,
  });
});

test("one's own home goes on from what it has verified; moved, it is a copy like any other", async () => {
  expect(await town.json<Told>('body', 'verify')).toMatchObject({
    compared: 'with the pin of this home',
    signaturesCheckedNow: 0,
  });
  renameSync(join(town.folder('body'), '.joulemark'), join(town.folder('elsewhere'), '.joulemark'));
  expect(await town.json<Told>('elsewhere', 'verify')).toMatchObject({ compared: null });
});

test('a pin that somebody else wrote speaks for no history', async () => {
  cpSync(town.folder('body'), town.folder('copy'), { recursive: true });
  const path = join(town.folder('copy'), '.joulemark', 'pin.json');
  const pin = JSON.parse(readFileSync(path, 'utf8')) as { seq: number };
  writeFileSync(path, JSON.stringify({ ...pin, seq: pin.seq + 7 }));
  expect(await town.json<Told>('copy', 'verify')).toMatchObject({ verdict: 'CHECKED', compared: null });
});

test('another user, and one who can keep no state, take nothing at its word either', async () => {
  const before = process.env['XDG_STATE_HOME'];
  try {
    for (const state of [join(town.root, 'other-state'), '/dev/null/none']) {
      process.env['XDG_STATE_HOME'] = state;
      const told = await town.json<Told>('body', 'verify');
      expect(told).toMatchObject({ verdict: 'CHECKED', compared: null, signaturesCheckedNow: told.blocks });
    }
    town.now += 3600;
    await town.ok('body', 'broadcast');
  } finally {
    process.env['XDG_STATE_HOME'] = before;
  }
});

test('what a home remembers of its own ledger is not held against another id that the user was told', async () => {
  const other = 'ab'.repeat(32);
  for (const argv of [[], ['--full'], []]) {
    expect((await town.run('body', 'verify')).status).toBe(0);
    const told = await town.run('body', 'verify', '--ledger', other, ...argv);
    expect({ status: told.status, said: told.stdout + told.stderr }).toMatchObject({
      status: 3,
      said: expect.stringContaining(`expected the ledger '${other}'`) as string,
    });
  }
});

test("what one's own home keeps of a verification is left alone where it was damaged, whenever that is found out", async () => {
  await town.ok('body', 'verify');
  const path = join(town.folder('body'), '.joulemark', 'checkpoint.cache');
  const kept = readFileSync(path);
  const asked = ['verify', '--sample', '3'];
  const honest = await town.json<Told>('body', ...asked);
  for (const place of [0, kept.length - 40, kept.length - 1]) {
    const damaged = Buffer.from(kept);
    damaged[place] = (damaged[place] ?? 0) ^ 1;
    writeFileSync(path, damaged);
    expect({ ...(await town.json<Told>('body', ...asked)), signaturesCheckedNow: 0, unread: honest.unread }).toEqual(
      honest,
    );
  }
});

test("in one's own home, too, another ledger id than its own is refused, whatever was verified before", async () => {
  await town.ok('body', 'verify');
  const { status, stderr } = await town.run('body', 'verify', '--ledger', '0'.repeat(64));
  expect({ status, stderr }).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('expected the ledger') as string,
  });
});

test("what somebody wrote beside an honest ledger is not vouched for by its id: it goes when the home becomes one's own", async () => {
  cpSync(town.folder('body'), town.folder('copy'), { recursive: true });
  const home = join(town.folder('copy'), '.joulemark');
  const states = readCheckedStates(join(home, 'checked.json'));
  const state = states.get(PROGRAMME_REF)!;
  const thief = keyPair('thief');
  const keys = { ...state.keys, current: thief.publicKey, currentId: keyIdOf(thief.publicKey) };
  writeCheckedStates(join(home, 'checked.json'), new Map([[PROGRAMME_REF, { ...state, keys }]]));
  const { ledger } = await town.json<{ ledger: string }>('body', 'verify');
  await town.ok('copy', 'verify', '--ledger', ledger);
  const store = openGitStore(join(home, 'ledger.git'));
  const sealed = sealBlock({
    state: { ...state, keys },
    seen: null,
    time: town.now,
    entries: [encodeEntry('broadcast', new Map([['heads', []]]))],
    ...thief,
  });
  store.appendRecords({
    ref: PROGRAMME_REF,
    expectedHead: store.readRef(PROGRAMME_REF),
    nextSeq: state.seq + 1,
    records: [sealed.record],
    time: town.now,
  });
  store.close();
  expect((await town.run('copy', 'verify')).status).toBe(3);
  expect((await town.run('copy', 'ledger', 'log')).status).toBe(3);
});

test('what was verified before is said not to have been read again, and --full reads it', async () => {
  const first = await town.json<Told>('body', 'verify', '--full');
  expect(first.unread).toBe(0);
  expect((await town.ok('body', 'verify', '--full')).stdout).not.toContain('READ ');
  const objects = join(town.folder('body'), '.joulemark', 'ledger.git', 'objects');
  for (const name of readdirSync(objects, { recursive: true, encoding: 'utf8' })) {
    const path = join(objects, name);
    if (!statSync(path).isFile()) continue;
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    chmodSync(path, 0o644);
    writeFileSync(path, bytes);
  }
  expect(await town.json<Told>('body', 'verify')).toMatchObject({ unread: first.blocks });
  expect((await town.ok('body', 'verify')).stdout).toMatch(/^READ +0 blocks; .* --full reads every byte$/m);
  expect((await town.run('body', 'verify', '--full')).status).toBe(3);
});
