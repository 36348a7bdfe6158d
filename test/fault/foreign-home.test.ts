import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCheckedStates, writeCheckedStates } from '../../src/home/checked-states.ts';
import { decodeRecord } from '../../src/ledger/block.ts';
import { splitRecords } from '../../src/ledger/segment.ts';
import { initGitStore, openGitStore } from '../../src/ledger/store/git-store.ts';
import { PROGRAMME_REF } from '../../src/ledger/git/ref-name.ts';
import { startOfDay } from '../../src/programme/calendar.ts';
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
