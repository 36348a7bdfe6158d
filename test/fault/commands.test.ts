import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltProgram, buildProgram } from '../support/built-program.ts';
import { describeFault, runCampaign } from '../support/fault/campaign.ts';
import { createExportScene } from '../support/fault/export-scene.ts';
import type { FaultScene } from '../support/fault/fault-scene.ts';
import { createSubmitScene } from '../support/fault/submit-scene.ts';
import { createSyncScene } from '../support/fault/sync-scene.ts';
import { type Fault, hasStrace } from '../support/fault/traced-run.ts';

// A few of the faults that `npm run fault -- --all` tries one by one: as many kinds as there is time for.

const FAULTS_A_SCENE = 6;

let built: BuiltProgram | undefined;

beforeAll(() => {
  if (!hasStrace) return;
  built = buildProgram('fault');
});

afterAll(() => built?.remove());

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
    ['meter submit', () => createSubmitScene(built!.program, 'warm')],
    ['sync', () => createSyncScene(built!.program, 'folder')],
    ['ledger export', () => createExportScene(built!.program)],
  ];

  test.each(scenes)(
    '%s loses nothing, says what it was, and the next run completes',
    async (_, create) => {
      const scene = await create();
      try {
        const results = await runCampaign(built!.program, scene, { sample: spread });
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
