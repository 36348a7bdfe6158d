import { parseArgs } from 'node:util';
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

type Sample = (faults: readonly Fault[]) => readonly Fault[];

/** A tenth of the faults, of every kind. */
const tenth: Sample = (faults) => faults.filter((_, index) => index % 10 === 0);

/** By the number of the call and not by place: the plans of two processes may differ by a few calls, their parts must not. */
const partOf =
  (part: number, of: number): Sample =>
  (faults) =>
    faults.filter(({ when }) => when % of === part % of);

/** Runs what `words` ask for and prints what went wrong. Returns the exit status: 0 when nothing is lost after any fault. */
export async function run(program: string, words: readonly string[]): Promise<number> {
  const asked = read(words);
  if (asked === null) {
    console.error(`usage: npm run fault -- [${[...SCENES.keys()].join('|')}] [--all | --part K/N]`);
    return 2;
  }
  let problems = 0;
  for (const name of asked.names.length === 0 ? SCENES.keys() : asked.names)
    for (const make of SCENES.get(name) ?? []) problems += await runScene(program, make, asked.options);
  return problems === 0 ? 0 : 1;
}

/** Null when it is not understood. */
function read(words: readonly string[]): { names: readonly string[]; options: CampaignOptions } | null {
  const { values, positionals, tokens } = parseArgs({
    args: [...words],
    options: { all: { type: 'boolean' }, part: { type: 'string' } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const known = tokens.every((token) => token.kind !== 'option' || token.name === 'all' || token.name === 'part');
  if (!known || !positionals.every((name) => SCENES.has(name))) return null;
  if (typeof values.all === 'string') return null;
  if (values.part === undefined) return { names: positionals, options: values.all === true ? {} : { sample: tenth } };
  const [, part, of] = /^([1-9]\d?)\/([1-9]\d?)$/u.exec(String(values.part)) ?? [];
  if (values.all === true || part === undefined || of === undefined || Number(part) > Number(of)) return null;
  return { names: positionals, options: { sample: partOf(Number(part), Number(of)) } };
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
