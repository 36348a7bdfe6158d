import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFirstSeen, readPin, writePin } from '../../src/ledger/store/pin.ts';
import { policyText } from '../support/policy-text.ts';
import { createTown, type Town } from '../support/town.ts';

// A crash between the moment at which what came from a remote is visible and the one at which the pin moves.

let town: Town;
let scratch = '';
let ledger = '';

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'joulemark-pin-'));
  town = createTown(Date.UTC(2012, 11, 20) / 1000);
  await town.ok('body', 'init', 'Body');
  town.write('body', 'policy.yaml', policyText());
  ({ ledger } = await town.json<{ ledger: string }>('body', 'programme', 'create', 'policy.yaml'));
  const hub = join(town.root, 'hub.git');
  await town.ok('body', 'remote', 'init', hub);
  await town.ok('body', 'remote', 'add', 'hub', hub);
  await town.ok('body', 'sync');
  await town.ok('works', 'init', 'Works');
  await town.ok('works', 'join', hub, '--ledger', ledger);
  await town.ok('body', 'broadcast');
});

afterAll(() => {
  town.remove();
  rmSync(scratch, { recursive: true, force: true });
});

test('the next sync moves the pin, although the remote has nothing new, and dates the blocks once', async () => {
  const home = join(town.root, 'works', '.joulemark');
  const [pinFile, seenFile] = [join(home, 'pin.json'), join(home, 'first-seen')];
  const [pinBefore, seenBefore] = [readFileSync(pinFile), readFileSync(seenFile)];
  await town.ok('works', 'sync');
  const [pin, seen] = [readPin(pinFile), readFirstSeen(seenFile)];
  expect(pin?.seq).toBeGreaterThan(0);
  writeFileSync(pinFile, pinBefore);
  await town.ok('works', 'sync');
  expect(readPin(pinFile)).toEqual(pin);
  expect(readFirstSeen(seenFile)).toEqual(seen);
  writeFileSync(pinFile, pinBefore);
  writeFileSync(seenFile, seenBefore);
  town.now += 60;
  await town.ok('works', 'sync');
  expect(readPin(pinFile)).toEqual(pin);
  expect([...readFirstSeen(seenFile).keys()]).toEqual([...seen.keys()]);
});

test('a pin that contradicts the chain here is not moved: it is named', async () => {
  const home = join(town.root, 'works', '.joulemark');
  const wrong = { ledger, seq: 0, id: 'ab'.repeat(32) };
  writePin(join(home, 'pin.json'), wrong);
  await town.run('works', 'sync');
  expect(readPin(join(home, 'pin.json'))).toEqual(wrong);
  expect((await town.run('works', 'verify')).status).not.toBe(0);
});
