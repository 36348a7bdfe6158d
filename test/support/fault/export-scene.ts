import { strict as assert } from 'node:assert';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { kindOfPath } from '../../../src/ledger/store/read-files.ts';
import { assertTidy, type FaultScene, keepTemplate, runHere, runProgram, verifyCopy } from './fault-scene.ts';
import { createWorks, submitDay } from './submit-scene.ts';

/** The files of a folder, as hex: the same ledger gives the same bytes. */
function filesOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('hex')]),
  );
}

/** `ledger export` of a home to a stick. */
export async function createExportScene(program: string): Promise<FaultScene> {
  const homes = await createWorks();
  const { folder, applicant, now } = homes;
  await submitDay(homes, 0);
  await homes.broadcast();
  const stick = join(folder, 'stick');
  const target = join(stick, 'ledger');
  mkdirSync(stick);
  const scene = {
    folder,
    argv: ['ledger', 'export', target],
    env: { PATH: process.env['PATH'] ?? '', JOULEMARK_HOME: applicant },
  };
  const restore = keepTemplate(folder);
  const undisturbed = await runProgram(program, scene);
  assert.equal(undisturbed.status, 0, undisturbed.stderr);
  const expected = filesOf(target);
  const assertComplete = async (when: string): Promise<void> => {
    assert.deepEqual(filesOf(target), expected, when);
    const stranger = await runHere(join(folder, 'stranger'), now, ['verify', target, '--ledger', homes.ledger]);
    assert.equal(stranger.status, 0, `a stranger's verify of the export: ${stranger.stderr}${stranger.stdout}`);
  };
  return {
    ...scene,
    name: 'ledger export',
    inputs: [],
    restore,
    check: async ({ status }) => {
      await verifyCopy(applicant, 'after the fault');
      // whole or not at all: nobody takes a half for an export
      const there = kindOfPath(target) !== 'absent';
      assert.ok(there || status !== 0, 'it said that all went well');
      if (there) await assertComplete('after the fault');
      else {
        const again = await runProgram(program, scene);
        assert.equal(again.status, 0, `the next run: ${again.stderr}`);
        await assertComplete('after the next run');
        assert.deepEqual(readdirSync(stick), ['ledger'], 'left behind');
      }
      assertTidy(applicant, [join(applicant, 'ledger.git')]);
    },
    close: async () => {
      homes.remove();
      rmSync(`${folder}.template`, { recursive: true, force: true });
    },
  };
}
