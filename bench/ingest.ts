/** A year of quarter-hourly readings of six meters from CSV to signed blocks in the store, against csv-parse alone on the same bytes. */
import { parse } from 'csv-parse/sync';
import { submit, withSubmitter } from '../src/home/submit.ts';
import { readMeterFile } from '../src/ingest/meter-file.ts';
import { parseMeterProfile } from '../src/ingest/meter-profile.ts';
import { documentDigest } from '../src/programme/dated-document.ts';
import { createMeterHomes } from '../test/support/meter-homes.ts';
import { policyText } from '../test/support/policy-text.ts';
import { CARRIERS } from './support/bulk-ledger.ts';
import { median, numberOption, printFigure, seconds } from './support/figure.ts';

const QUARTER = 900;
const days = numberOption('days', 365);
const runs = numberOption('runs', 5);
const names = ['kiln', 'raw-mill', 'cement-mill', 'packing', 'crusher', 'office'];
const START = Date.UTC(2025, 0, 1) / 1000;

const boundary = `joulemark: boundary/1
applicant: guangnan-cement
supply_points:
${names.map((name) => `  ${name}-supply: {carrier: electricity}`).join('\n')}
meters:
${names.map((name) => `  ${name}: {kind: energy, at: ${name}-supply, counts: use, product: clinker, reads: interval, unit: kWh}`).join('\n')}
`;
const profileText = `joulemark: profile/1
reads: meters
file: {}
time: {column: time, format: "yyyy-MM-dd HH:mm", zone: UTC, stamp: start, every: PT15M}
shape: wide
columns:
${names.map((name) => `  ${name}: {meter: ${name}, unit: kWh}`).join('\n')}
cells: {missing: [""]}
`;

const rows = Array.from({ length: days * 96 }, (_, row) => {
  const time = new Date((START + row * QUARTER) * 1000).toISOString();
  return `${time.slice(0, 10)} ${time.slice(11, 16)},${names.map((_name, meter) => `${100 + ((row * 7919 + meter * 104_729) % 900)}.${row % 10}`).join(',')}`;
});
const bytes = new TextEncoder().encode(`time,${names.join(',')}\n${rows.join('\n')}\n`);
const readings = rows.length * names.length;

const ours: number[] = [];
const alone: number[] = [];
for (let run = 0; run < runs; run += 1) {
  const homes = await createMeterHomes({
    policy: policyText({ ...CARRIERS, first: '2025-01-01' }),
    boundary,
    now: START - 86_400,
  });
  try {
    await withSubmitter(
      {
        home: homes.applicant,
        dryRun: false,
        wait: 10,
        now: () => START + days * 86_400 + 3600,
        passphrase: async () => '',
      },
      (submitter) => {
        const { result, seconds: elapsed } = seconds(() => {
          const profile = parseMeterProfile(new TextEncoder().encode(profileText), 'p.yaml');
          return submit(submitter, {
            source: 'year.csv',
            profile: documentDigest(profile.document),
            appendTheRest: false,
            read: (situation) => readMeterFile(bytes, 'year.csv', profile, situation),
          });
        });
        const packages = result.blocks.reduce((sum, block) => sum + block.entries - 1, 0);
        if (packages !== days * names.length)
          throw new Error(`${packages} packages of ${days * names.length} were appended`);
        ours.push(readings / elapsed);
      },
    );
  } finally {
    homes.remove();
  }
  const { result, seconds: elapsed } = seconds(() => parse(Buffer.from(bytes)) as readonly (readonly string[])[]);
  if (result.length !== rows.length + 1) throw new Error(`csv-parse found ${result.length} rows`);
  alone.push(readings / elapsed);
}
const more = { readings, runs, node: process.version };
printFigure({
  bench: 'ingest',
  what: 'CSV to signed blocks',
  value: median(ours),
  unit: 'readings/s',
  peer: { what: 'csv-parse alone on the same bytes', value: median(alone) },
  target: { at: 'least', bound: 0.25 },
  more: { ...more, 'target 200,000 readings/s': median(ours) >= 200_000 },
});
