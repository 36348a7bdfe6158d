import { basename } from 'node:path';
import { defineCommand, outcome } from '../cli/command.ts';
import { JoulemarkError } from '../errors.ts';
import { submitFile } from '../home/submit.ts';
import { readMeterFile } from '../ingest/meter-file.ts';
import { parseMeterProfile, profileDigest } from '../ingest/meter-profile.ts';
import { showQuantity } from '../programme/show-quantity.ts';
import { parseDecimal } from '../calc/decimal.ts';
import { appendedLine, reportRows, type SubmissionReport } from '../programme/submission-report.ts';
import { toColumns } from '../programme/columns.ts';

export const meterSubmit = defineCommand({
  path: ['meter', 'submit'],
  summary: 'Sign the packages of a meter file onto the ledger',
  description: [
    "Reads a CSV file by a profile, or NDJSON, which describes itself; checks it against the enrolled meters; makes one package a meter and interval; appends those that are new to this organisation's chain. Running it again with the same file appends nothing.",
    'A package that is on the chain with another content stops the file: the chain is corrected with `meter correct`, never by submitting again.',
    'Exit 2 with --append-the-rest too, when something conflicted: what was new is appended then, and each conflict is named.',
  ].join('\n\n'),
  examples: [
    'joulemark meter submit kiln.csv --profile kiln.yaml',
    'joulemark meter submit readings.ndjson',
    'export-readings | joulemark meter submit - --format ndjson --wait 30',
  ],
  args: ['<file>'],
  options: {
    profile: { value: '<file>', description: 'how to read a CSV file (YAML)' },
    format: {
      value: '<format>',
      description: 'the format (default: csv with a profile, ndjson without)',
      choices: ['csv', 'ndjson'],
    },
    appendTheRest: { description: 'append what is new although something conflicts' },
  },
  effect: 'append',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED'],
  async run(context, [file], { profile: profileFile, format, appendTheRest }) {
    const name = file === '-' ? 'standard input' : basename(file);
    if (format === 'ndjson' && profileFile !== undefined)
      throw new JoulemarkError('USAGE', "a profile is for CSV, NDJSON describes itself: expected no '--profile'");
    if (profileFile === undefined && format !== 'ndjson' && !/\.(ndjson|jsonl)$/i.test(file)) {
      throw new JoulemarkError('USAGE', `no profile for '${name}', expected one that says how to read it`, {
        hints: [
          `joulemark meter submit ${file} --profile profile.yaml`,
          `if it is NDJSON: joulemark meter submit ${file} --format ndjson`,
        ],
      });
    }
    const profile =
      profileFile === undefined
        ? undefined
        : parseMeterProfile(await context.readInput(profileFile), basename(profileFile));
    const bytes = await context.readInput(file);
    const report: SubmissionReport = await submitFile(context, {
      source: name,
      profile: profile === undefined ? null : profileDigest(profile),
      appendTheRest: appendTheRest || profile?.conflicting === 'append_the_rest',
      read: (situation) => readMeterFile(bytes, name, profile, situation),
    });
    return report.conflicts.length === 0 ? report : outcome('USAGE', report);
  },
  render(report, ui) {
    const packages = report.packages.map(({ meter, dates, quantity, unit, provenance, commit }) => [
      meter,
      dates,
      `${showQuantity(parseDecimal(quantity))} ${unit}`,
      provenance,
      commit.slice(0, 8),
    ]);
    const conflicts = report.conflicts.flatMap(({ lines: [failure = '', ...sides], hint }) => [
      `${ui.bad('conflict:')} ${failure}`,
      ...sides.map((side) => `  ${side}`),
      `  hint: ${hint}`,
    ]);
    return [
      ...toColumns(reportRows(report)),
      ...toColumns(packages).map((line) => `  ${line}`),
      ...report.notes.map((note) => ui.dim(`note: ${note}`)),
      ...conflicts,
      appendedLine(report),
    ].join('\n');
  },
});
