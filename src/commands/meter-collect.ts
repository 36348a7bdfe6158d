import { basename, join } from 'node:path';
import { defineCommand, outcome } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { JoulemarkError } from '../errors.ts';
import { collectSpool, type CollectedFile, type SpoolSubmission } from '../home/collect.ts';
import { lineBatches } from '../home/line-batches.ts';
import { toHomePaths } from '../home/paths.ts';
import { assertFolder, profilePathFor, spooledFiles, type SpooledFile, toSpool } from '../home/spool.ts';
import { submit, withSubmitter } from '../home/submit.ts';
import { fileReader, type MeterReader, streamReader } from '../ingest/meter-reader.ts';
import { type MeterProfile, parseMeterProfile, profileDigest } from '../ingest/meter-profile.ts';
import { toColumns } from '../programme/columns.ts';
import type { ReportedBlock } from '../programme/submission-report.ts';

const STREAM = 'standard input';
/** A batch of a stream: about a month of quarter-hours of one meter. */
const BATCH_BYTES = 1 << 19;

interface Collected {
  readonly source: string;
  readonly files: readonly CollectedFile[];
  readonly packages: number;
  readonly repeats: number;
  readonly held: readonly string[];
  readonly blocks: readonly ReportedBlock[];
  readonly organisation: string;
  readonly dryRun: boolean;
}

export const meterCollect = defineCommand({
  path: ['meter', 'collect'],
  summary: 'Submit every complete file of a spool folder, or NDJSON lines as they come',
  description: [
    'For cron. Takes the .csv, .ndjson and .jsonl files of the folder in the order of their names, submits each and moves it to `done`; a file that is wrong goes to `refused` with the reason beside it. `kiln--2026-03-11.csv` is read by `kiln.yaml`, any other CSV file by `profile.yaml`, found in the folder or in `profiles` of the home.',
    'A file is complete once it has its name: write it as `.part` and rename it. One whose last interval is not finished stays until a later file completes it. A crash leaves nothing to clean: the next run goes on.',
    "With '-' NDJSON lines are read from standard input and appended in batches, each whole or not at all.",
  ].join('\n\n'),
  examples: [
    'joulemark meter collect --wait 60',
    'joulemark meter collect --spool /srv/ftp/meters --profile kiln.yaml',
    'read-bus --ndjson | joulemark meter collect - --wait 60',
  ],
  args: ['[-]'],
  options: {
    spool: { value: '<folder>', description: 'the folder (default: spool/in of the home)' },
    profile: { value: '<file>', description: 'the profile for every CSV file' },
    every: {
      value: '<seconds>',
      description: 'append what has come on standard input after so long',
      default: '60',
      parse: parseSeconds,
    },
  },
  effect: 'append',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED'],
  async run(context, [source], { spool, profile, every }) {
    if (source === '-') {
      if (spool !== undefined || profile !== undefined)
        throw new JoulemarkError(
          'USAGE',
          "standard input is NDJSON, which describes itself: expected no '--spool' and no '--profile'",
        );
      return collectStream(context, every);
    }
    if (source !== undefined)
      throw new JoulemarkError('USAGE', `unknown source '${source}', expected '-' or nothing`, {
        hints: [
          `for one file: joulemark meter submit ${source} --profile profile.yaml`,
          `for a folder: joulemark meter collect --spool ${source}`,
        ],
      });
    const collected = await collectFolder(context, spool, profile);
    return collected.files.some(({ outcome: became }) => became === 'refused')
      ? outcome('USAGE', collected)
      : collected;
  },
  render(result, ui) {
    const words = { done: 'done', waiting: 'waits', refused: 'refused' } as const;
    const rows = result.files.map(({ name, outcome: became, packages, repeats, held, error }) => {
      const what =
        became === 'refused'
          ? (error[0] ?? '')
          : `${packages} new${repeats === 0 ? '' : `, ${repeats} there already`}${held[0] === undefined ? '' : `; ${held[0]}`}`;
      return [name, words[became], what];
    });
    const more = result.files.flatMap(({ name, error }) =>
      error.length > 1 ? [ui.bad(name), ...error.map((line) => `  ${line}`)] : [],
    );
    return [...toColumns(rows), ...more, ...result.held.map((line) => ui.dim(line)), toSummary(result)].join('\n');
  },
});

function toSummary({ blocks, repeats, packages, organisation, dryRun }: Collected): string {
  const last = blocks.at(-1);
  if (last === undefined) return repeats > 0 ? 'already in the ledger: nothing to append' : 'nothing to append';
  const count = `${packages} ${packages === 1 ? 'package' : 'packages'} in ${blocks.length} ${blocks.length === 1 ? 'block' : 'blocks'}, up to block ${last.seq} of ${organisation}`;
  return dryRun ? `would append ${count}; nothing was written` : `appended ${count}; not yet broadcast`;
}

function parseSeconds(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new JoulemarkError('USAGE', `'${text}' is not a whole number of seconds`);
  return Number(text);
}

async function collectFolder(
  context: Context,
  folder: string | undefined,
  profileFile: string | undefined,
): Promise<Collected> {
  const paths = toHomePaths(context.home);
  const spool = toSpool(folder === undefined ? join(paths.spool, 'in') : context.resolve(folder));
  if (folder !== undefined) assertFolder(spool, folder);
  const files = spooledFiles(spool);
  const profiles = await readProfiles(context, files, [spool.folder, join(context.home, 'profiles')], profileFile);
  const readers = new Map<string, MeterReader>();
  const open = (file: SpooledFile, bytes: Uint8Array): SpoolSubmission => {
    const profile = profiles.get(file.name);
    const key = profile === undefined ? `ndjson ${file.profileName ?? ''}` : `csv ${profileDigest(profile)}`;
    const reader = readers.get(key) ?? fileReader(profile);
    readers.set(key, reader);
    return {
      source: file.name,
      profile: profile === undefined ? null : profileDigest(profile),
      appendTheRest: profile?.conflicting === 'append_the_rest',
      read: (situation) => reader.read(bytes, file.name, situation),
      keep: () => reader.keep(),
    };
  };
  return withSubmitter(context, (submitter) =>
    toCollected(spool.folder, submitter.home.config.name, context.dryRun, collectSpool(submitter, spool, files, open)),
  );
}

function toCollected(
  source: string,
  organisation: string,
  dryRun: boolean,
  files: readonly CollectedFile[],
): Collected {
  return {
    source,
    organisation,
    files,
    packages: files.reduce((sum, { packages }) => sum + packages, 0),
    repeats: files.reduce((sum, { repeats }) => sum + repeats, 0),
    held: [],
    blocks: files.flatMap(({ blocks }) => blocks),
    dryRun,
  };
}

/** The profile of each CSV file, all of them read before anything is taken: a missing one is no fault of the file. */
async function readProfiles(
  context: Context,
  files: readonly SpooledFile[],
  folders: readonly string[],
  given: string | undefined,
): Promise<ReadonlyMap<string, MeterProfile>> {
  const byPath = new Map<string, MeterProfile>();
  const byName = new Map<string, MeterProfile>();
  for (const file of files.filter(({ format }) => format === 'csv')) {
    const path = given ?? profilePathFor(file, folders);
    const profile = byPath.get(path) ?? parseMeterProfile(await context.readInput(path), basename(path));
    byPath.set(path, profile);
    byName.set(file.name, profile);
  }
  return byName;
}

async function collectStream(context: Context, seconds: number): Promise<Collected> {
  const reader = streamReader();
  const blocks: ReportedBlock[] = [];
  let [packages, repeats, organisation] = [0, 0, ''];
  let held: readonly string[] = [];
  for await (const bytes of lineBatches(context.stdin, { bytes: BATCH_BYTES, seconds })) {
    const report = await withSubmitter(context, (submitter) =>
      submit(submitter, {
        source: STREAM,
        profile: null,
        appendTheRest: false,
        read: (situation) => reader.read(bytes, STREAM, situation),
      }),
    );
    reader.keep();
    organisation = report.organisation.name;
    blocks.push(...report.blocks);
    packages += report.meters.reduce((sum, meter) => sum + meter.packages, 0);
    repeats += report.meters.reduce((sum, meter) => sum + meter.repeats, 0);
    held = report.meters.flatMap((meter) =>
      meter.held.map(({ day, because }) => `${meter.meter} ${day} is not finished: ${because}`),
    );
  }
  return { source: STREAM, organisation, files: [], packages, repeats, held, blocks, dryRun: context.dryRun };
}
