import { type CampaignOptions, describeFault, runCampaign } from '../../test/support/fault/campaign.ts';
import { hasGit } from '../../test/support/git.ts';
import type { FaultScene } from '../../test/support/fault/fault-scene.ts';
import { createExportScene } from '../../test/support/fault/export-scene.ts';
import { createSubmitScene } from '../../test/support/fault/submit-scene.ts';
import { createSyncScene } from '../../test/support/fault/sync-scene.ts';
import type { Fault } from '../../test/support/fault/traced-run.ts';

type SceneMaker = (program: string) => Promise<FaultScene>;

/** What can be put to the test, by the word that asks for it. */
const SCENES: ReadonlyMap<string, readonly SceneMaker[]> = new Map([
  [
    'submit',
    [
      (program) => createSubmitScene(program, 'warm'),
      (program) => createSubmitScene(program, 'cold'),
      (program) => createSubmitScene(program, 'cut short'),
    ],
  ],
  [
    'sync',
    [
      (program) => createSyncScene(program, 'folder'),
      ...(hasGit ? [(program: string) => createSyncScene(program, 'http')] : []),
    ],
  ],
  ['export', [createExportScene]],
]);

/** A tenth of the faults, of every kind. */
const tenth = (faults: readonly Fault[]): readonly Fault[] => faults.filter((_, index) => index % 10 === 0);

/** Runs what `words` ask for and prints what went wrong. Returns the exit status: 0 when nothing is lost after any fault. */
export async function run(program: string, words: readonly string[]): Promise<number> {
  const names = words.filter((word) => !word.startsWith('--'));
  const unknown = names.filter((name) => !SCENES.has(name));
  if (unknown.length > 0 || words.some((word) => word.startsWith('--') && word !== '--all')) {
    console.error(`usage: npm run fault -- [${[...SCENES.keys()].join('|')}] [--all]`);
    return 2;
  }
  const sample: CampaignOptions = words.includes('--all') ? {} : { sample: tenth };
  let problems = 0;
  for (const name of names.length === 0 ? SCENES.keys() : names)
    for (const make of SCENES.get(name) ?? []) problems += await runScene(program, make, sample);
  return problems === 0 ? 0 : 1;
}

async function runScene(program: string, make: SceneMaker, options: CampaignOptions): Promise<number> {
  const scene = await make(program);
  try {
    const results = await runCampaign(program, scene, {
      ...options,
      onResult: (result, done, of) => {
        if (done % 200 === 0) console.error(`${scene.name}: ${done} of ${of}`);
        if (result.problem !== null)
          console.log(`${describeFault(result)}\n  ${result.problem.replaceAll('\n', '\n  ')}`);
      },
    });
    const struck = results.filter((result) => result.struck !== null).length;
    const problems = results.filter(({ problem }) => problem !== null).length;
    console.log(`${scene.name}: ${struck} calls went wrong in ${results.length} runs, ${problems} problems`);
    return problems;
  } finally {
    await scene.close();
  }
}
