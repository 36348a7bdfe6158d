import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { organisationRef } from '../../../src/ledger/git/ref-name.ts';
import { decodeRecord } from '../../../src/ledger/block.ts';
import { entryAt } from '../../../src/ledger/entry.ts';
import { readJournal } from '../../../src/ledger/store/journal.ts';
import { packageContent } from '../../../src/programme/entries.ts';
import { createMeterHomes, type MeterHomes } from '../meter-homes.ts';
import { policyText } from '../policy-text.ts';
import {
  assertBegins,
  assertTidy,
  type FaultScene,
  keepTemplate,
  recordsOf,
  runProgram,
  verifyCopy,
} from './fault-scene.ts';
import { runTraced } from './traced-run.ts';

const BOUNDARY = `joulemark: boundary/1
applicant: guangnan-cement
supply_points: {coal-gate: {carrier: raw_coal}}
meters:
  coal-belt: {kind: energy, at: coal-gate, counts: use, product: clinker, reads: interval, unit: t}
  clinker-out: {kind: product, product: clinker, reads: interval, unit: t}
`;
/** How the files of these meters are read. */
export const PROFILE = `joulemark: profile/1
reads: meters
file: {}
time: {column: day, format: yyyy-MM-dd, zone: "+08:00", stamp: start}
shape: {meter: meter, value: value}
columns: {coal-belt: {meter: coal-belt, unit: t}, clinker-out: {meter: clinker-out, unit: t}}
`;

/** What a run of `meter submit` meets: everything it remembers, nothing of that, or an append that was cut short. */
export type SubmitStart = 'warm' | 'cold' | 'cut short';

/** Two packages a day. With the block to come the chain has eight: an append with a merge. */
const DAYS_BEFORE = 5;

const day = (index: number): string => `2024-01-0${index + 1}`;
const csvOf = (index: number): string =>
  `meter,day,value\ncoal-belt,${day(index)},${index}.5\nclinker-out,${day(index)},${index + 10}.25\n`;

/** A certification body, an applicant with a boundary, the meters' profile. */
export async function createWorks(): Promise<MeterHomes> {
  const homes = await createMeterHomes({
    policy: policyText({
      zone: '"+08:00"',
      first: '2024-01-01',
      carriers: '{raw_coal: {unit: t, row: raw_coal}}',
      products: '{clinker: {basis: quantity, unit: t}}',
    }),
    boundary: BOUNDARY,
    now: Date.UTC(2023, 11, 1) / 1000,
  });
  homes.now = Date.UTC(2024, 0, 20) / 1000;
  return homes;
}

/** Submits the packages of one day in this process. */
export async function submitDay(homes: MeterHomes, index: number): Promise<void> {
  homes.write('profile.yaml', PROFILE);
  homes.write(`day-${index}.csv`, csvOf(index));
  const { status, stderr } = await homes.run('meter', 'submit', `day-${index}.csv`, '--profile', 'profile.yaml');
  assert.equal(status, 0, stderr);
}

/** The packages of a chain, as `meter start commit`. */
function packagesOf(records: readonly Buffer[]): readonly string[] {
  return records.flatMap((record) => {
    const block = decodeRecord(record);
    return block.items.flatMap((_, index) => {
      const entry = entryAt(block, index);
      if (entry?.type !== 'package') return [];
      const { meter, interval, commit } = packageContent.read(entry.content, 'package');
      return [`${meter} ${interval[0]} ${commit}`];
    });
  });
}

/** `meter submit` of one more day. `program`: the built one. */
export async function createSubmitScene(program: string, start: SubmitStart): Promise<FaultScene> {
  const homes = await createWorks();
  for (let index = 0; index < DAYS_BEFORE; index += 1) await submitDay(homes, index);
  homes.write('today.csv', csvOf(DAYS_BEFORE));
  const { folder, applicant } = homes;
  const store = join(applicant, 'ledger.git');
  const ref = organisationRef(homes.org);
  const before = recordsOf(store, ref);
  assert.equal(before.length, DAYS_BEFORE + 2);
  const scene = {
    folder,
    argv: ['meter', 'submit', join(folder, 'today.csv'), '--profile', join(folder, 'profile.yaml')],
    env: { PATH: process.env['PATH'] ?? '', JOULEMARK_HOME: applicant },
  };
  if (start === 'cold') for (const name of ['own-chain.cache', 'checked.json']) rmSync(join(applicant, name));
  if (start === 'cut short') await cutShort(program, scene);
  const restore = keepTemplate(folder);
  // what an undisturbed run makes of it
  assert.equal((await runProgram(program, scene)).status, 0);
  const expected = packagesOf(recordsOf(store, ref));
  restore();
  return {
    ...scene,
    name: `meter submit (${start})`,
    inputs: [join(folder, 'today.csv'), join(folder, 'profile.yaml')],
    restore,
    check: async ({ status }) => {
      await verifyCopy(applicant, 'after the fault');
      const disturbed = recordsOf(store, ref);
      assertBegins(disturbed, before, 'after the fault');
      assert.ok(disturbed.length <= before.length + 1, 'one block more at most');
      if (status === 0) assert.deepEqual(packagesOf(disturbed), expected, 'it said that all went well');
      const signed = readJournal(applicant)?.records ?? [];
      const again = await runProgram(program, scene);
      assert.deepEqual({ status: again.status, stderr: again.stderr }, { status: 0, stderr: '' }, 'the next run');
      const complete = recordsOf(store, ref);
      assertBegins(complete, disturbed, 'after the next run');
      assert.deepEqual(packagesOf(complete), expected, 'after the next run');
      // a block that was signed is the block that is appended
      const tail = complete.slice(complete.length - signed.length);
      signed.forEach((record, index) => assert.ok(tail[index]!.equals(record), 'the signed block is not the one'));
      await verifyCopy(applicant, 'after the next run');
      assertTidy(applicant, [store]);
    },
    close: async () => {
      homes.remove();
      rmSync(`${folder}.template`, { recursive: true, force: true });
    },
  };
}

/** Kills the run between the journal and the branch. */
async function cutShort(program: string, scene: Pick<FaultScene, 'folder' | 'argv' | 'env'>): Promise<void> {
  const run = await runTraced({
    program,
    ...scene,
    cwd: scene.folder,
    log: join(scene.folder, 'strace.log'),
    trace: ['link'],
    fault: { call: 'link', how: 'KILL', when: 1 },
  });
  rmSync(join(scene.folder, 'strace.log'));
  assert.equal(run.signal, 'SIGKILL');
  assert.notEqual(readJournal(scene.env['JOULEMARK_HOME'] ?? ''), null);
}
