import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeFault, runCampaign } from '../support/fault/campaign.ts';
import { createExportScene } from '../support/fault/export-scene.ts';
import type { FaultScene } from '../support/fault/fault-scene.ts';
import { createSubmitScene } from '../support/fault/submit-scene.ts';
import { createSyncScene } from '../support/fault/sync-scene.ts';
import { type Fault, hasStrace } from '../support/fault/traced-run.ts';
import { PROJECT_ROOT } from '../support/sources.ts';

// A few of the faults that `npm run fault -- --all` tries one by one: as many kinds as there is time for.

const FAULTS_A_SCENE = 6;

let root = '';
let program = '';

beforeAll(() => {
  if (!hasStrace) return;
  root = mkdtempSync(join(tmpdir(), 'joulemark-fault-'));
  mkdirSync(join(root, 'bin'));
  cpSync(`${PROJECT_ROOT}bin/joulemark.js`, join(root, 'bin/joulemark.js'));
  cpSync(`${PROJECT_ROOT}package.json`, join(root, 'package.json'));
  const built = spawnSync(process.execPath, [`${PROJECT_ROOT}tools/build.js`, join(root, 'dist')], {
    encoding: 'utf8',
  });
  expect(built.stderr).toBe('');
  program = join(root, 'bin/joulemark.js');
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Of the kinds of faults so many that are far apart, and of each the one in the middle of the run. */
function spread(faults: readonly Fault[]): readonly Fault[] {
  const kinds = new Map<string, Fault[]>();
  for (const fault of faults) {
    const kind = `${fault.call} ${fault.how === 'KILL' ? 'killed' : 'fails'}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), fault]);
  }
  const step = Math.max(1, Math.ceil(kinds.size / FAULTS_A_SCENE));
  return [...kinds.values()]
    .filter((_, index) => index % step === 0)
    .flatMap((alike) => alike.slice(Math.floor(alike.length / 2)).slice(0, 1));
}

describe.skipIf(!hasStrace)('the built program, a system call of which goes wrong', () => {
  const scenes: readonly (readonly [string, () => Promise<FaultScene>])[] = [
    ['meter submit', () => createSubmitScene(program, 'warm')],
    ['sync', () => createSyncScene(program, 'folder')],
    ['ledger export', () => createExportScene(program)],
  ];

  test.each(scenes)(
    '%s loses nothing, says what it was, and the next run completes',
    async (_, create) => {
      const scene = await create();
      try {
        const results = await runCampaign(program, scene, { sample: spread });
        const problems = results.filter(({ problem }) => problem !== null);
        expect(problems.map((result) => `${describeFault(result)}\n${result.problem}`)).toEqual([]);
        expect(results.filter(({ struck }) => struck !== null).length).toBeGreaterThan(2);
      } finally {
        await scene.close();
      }
    },
    180_000,
  );
});
