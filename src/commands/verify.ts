import { defineCommand, outcome, type Outcome } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { JoulemarkError } from '../errors.ts';
import { checkReceiptFile } from '../home/check-receipt-file.ts';
import { type Copy, findCopy, homeCopy } from '../home/find-copy.ts';
import { examineCopy } from '../home/examine-copy.ts';
import { type ReceiptFile, readReceiptFile } from '../home/receipt-file.ts';
import { type Id, parseId } from '../ledger/codec/id.ts';
import { kindOfPath } from '../ledger/store/read-files.ts';
import { type Duration, roughSeconds } from '../programme/calendar.ts';
import type { CopyComparison } from '../programme/compare-copies.ts';
import { textDuration } from '../programme/document.ts';
import { isVoid, type ReceiptVerdict } from '../programme/receipt-verdict.ts';
import { type PackageSample, parseSampleSize, parseSeed } from '../programme/sample-packages.ts';
import { type KnownPlace, parseBlockPlace } from '../programme/told-history.ts';
import type { Verdict } from '../programme/verdict.ts';
import { toFailureReport, toVerifyReport } from '../programme/verify-report.ts';
import { comparisonLines } from '../report/comparison-lines.ts';
import { exportLine } from '../report/export-lines.ts';
import { receiptLines } from '../report/receipt-lines.ts';
import { sampleLines } from '../report/sample-lines.ts';
import { verdictLines } from '../report/verdict-lines.ts';

export const verify = defineCommand({
  path: ['verify'],
  summary: 'Verify a copy of the ledger: every byte, signature, audit and decision',
  description:
    'Reads a home, an export folder, a bundle, a receipt, or any bare git repository with a ledger in it. Needs no key and no network. Decisions are recomputed from the signed packages and ' +
    'compared byte for byte. Without a path it verifies this home, which remembers what it has verified and reads and checks only what is new; --full begins ' +
    'at genesis and reads every byte. A copy at a path, which anybody may have prepared, is verified from genesis; so is a home that you neither made nor joined the ledger in, until ' +
    'you verify it with --ledger.\n\n' +
    'A receipt (joulemark ledger receipt) is held against the home you stand in, or the copy named by --against: covered, where that holds the block ' +
    'that lists it, else listed. Where it shows a decision that was revoked there, the status is 4.\n\n' +
    '--sample draws counting packages to hold against paper: those with the smallest SHA-256 of "joulemark sample <seed> <commit>", so each has the same ' +
    'chance and anybody can repeat it. The seed is the id of the newest programme block unless --seed gives your own. --report writes what was found to ' +
    'a new file, and begins at genesis.\n\n' +
    'The last lines say what a copy cannot: up to which broadcast it goes, and whether the ledger id was compared with one you were told by another way.',
  examples: [
    'joulemark verify',
    'joulemark verify --full',
    'joulemark verify /media/stick/ledger.git --ledger 3f9c1a7e...',
    'joulemark verify /media/stick/export --ledger 3f9c1a7e... --sums 77ab04d1...',
    'joulemark verify --max-age P2D --json',
    'joulemark verify kiln.receipt.cbor --ledger 3f9c1a7e... --against /media/stick/export',
    'joulemark verify /media/stick/export --against /media/other/export',
    'joulemark verify /media/stick/export --sample 20 --report verified.json',
  ],
  args: ['[path]'],
  options: {
    ledger: {
      value: '<id>',
      description: 'the ledger id you were told, 64 hex digits, blanks allowed',
      parse: parseId,
    },
    sums: {
      value: '<hash>',
      description: 'of an export folder: the SHA-256 of SHA256SUMS that you were told',
      parse: parseId,
    },
    onto: {
      value: '<folder>',
      description: 'of an export that holds only what is new: the earlier export; several times, oldest first',
      repeatable: true,
    },
    at: {
      value: '<seq:id>',
      description: 'a programme block that you were told: tells which history is meant where a copy shows two',
      parse: parseBlockPlace,
    },
    against: {
      value: '<copy>',
      description: 'another copy: shows where the two differ; of a receipt: what to hold it against',
    },
    sample: {
      value: '<count>',
      description: 'draw so many counting packages to check against paper',
      parse: parseSampleSize,
    },
    seed: {
      value: '<text>',
      description: 'the seed of the sample; default: the id of the newest programme block',
      parse: parseSeed,
    },
    report: {
      value: '<file>',
      description: 'write verdict, findings, decisions, sample and comparison as JSON; never overwrites',
    },
    full: { description: 'check every signature again, from genesis' },
    maxAge: {
      value: '<duration>',
      description: 'fail with status 14 when the newest broadcast is older, e.g. P2D',
      parse: (text: string) => textDuration.read(text, '--max-age'),
    },
    findings: { description: 'list every note, not only the first ten' },
  },
  effect: 'read',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NOT_CERTIFIED', 'PENDING', 'NO_LEDGER', 'DIVERGED', 'STALE'],
  async run(context, [path], options): Promise<Outcome<CopyResult | ReceiptVerdict>> {
    const { report, sample, seed } = options;
    if (seed !== undefined && sample === undefined) throw new JoulemarkError('USAGE', '--seed needs --sample');
    const receipt = path === undefined ? null : readReceiptFile(context.resolve(path));
    if (receipt !== null) return runReceipt(context, receipt, options);
    if (report !== undefined) assertFree(context, report);
    try {
      return await runCopy(context, path, options);
    } catch (error) {
      if (report !== undefined && error instanceof JoulemarkError && FOUND.has(error.code))
        await writeReport(context, report, toFailureReport(error, { version: context.version, now: context.now() }));
      throw error;
    }
  },
  render: (result, ui) => {
    if ('receipt' in result) return receiptLines(result, ui).join('\n');
    const { sample, comparison, copies, report } = result;
    return [
      ...(result.export === null ? [] : [exportLine(result.export, ui)]),
      ...verdictLines(result, ui, result.allNotes),
      ...(comparison === null ? [] : comparisonLines(comparison, copies, ui)),
      ...(sample === null ? [] : sampleLines(sample)),
      ...(report === null ? [] : [`REPORT    ${report}`]),
    ].join('\n');
  },
});

/** Failures that are an answer about the copy: a report tells them. */
const FOUND: ReadonlySet<string> = new Set(['VERIFY_FAILED', 'DIVERGED', 'PENDING']);

interface Options {
  readonly ledger: Id | undefined;
  readonly sums: string | undefined;
  readonly onto: readonly string[];
  readonly at: KnownPlace | undefined;
  readonly against: string | undefined;
  readonly sample: number | undefined;
  readonly seed: string | undefined;
  readonly report: string | undefined;
  readonly full: boolean;
  readonly maxAge: Duration | undefined;
  readonly findings: boolean;
}

async function runCopy(context: Context, path: string | undefined, options: Options): Promise<Outcome<CopyResult>> {
  const { ledger, sums, onto, at, against, sample, seed = null, report, full, maxAge, findings } = options;
  const hints = { sums, onto: onto.map((folder) => context.resolve(folder)) };
  const copy = path === undefined ? homeCopy(context.home) : findCopy(context.resolve(path), hints);
  const now = context.now();
  const examined = await withProgress(context, (progress) =>
    examineCopy(copy, {
      told: ledger ?? null,
      at: at ?? null,
      // what somebody takes home does not rest on what this home remembers
      full: full || report !== undefined,
      now,
      maxAge: maxAge === undefined ? null : roughSeconds(maxAge),
      against: against === undefined ? null : findCopy(context.resolve(against)),
      sample: sample === undefined ? null : { size: sample, seed },
      progress,
    }),
  );
  const { verification, verdict, comparison, sample: drawn, word } = examined;
  if (report !== undefined)
    await writeReport(
      context,
      report,
      toVerifyReport(verification, verdict, { version: context.version, now, sample: drawn, comparison }),
    );
  return outcome(word === 'CHECKED' ? 'OK' : word, {
    ...verdict,
    sample: drawn,
    comparison,
    copies: { a: path ?? 'this home', b: against ?? '' },
    report: report ?? null,
    export: copy.folder,
    allNotes: findings,
  });
}

interface CopyResult extends Verdict {
  readonly sample: PackageSample | null;
  readonly comparison: CopyComparison | null;
  readonly copies: { readonly a: string; readonly b: string };
  readonly report: string | null;
  readonly export: Copy['folder'];
  readonly allNotes: boolean;
}

async function runReceipt(context: Context, file: ReceiptFile, options: Options): Promise<Outcome<ReceiptVerdict>> {
  const { ledger, sums, onto, at, against, sample, report, maxAge } = options;
  if (
    sums !== undefined ||
    onto.length > 0 ||
    at !== undefined ||
    sample !== undefined ||
    report !== undefined ||
    maxAge !== undefined
  )
    throw new JoulemarkError(
      'USAGE',
      'a receipt is of one entry: of the options only --ledger and --against speak of it',
      {
        hints: ['joulemark verify <receipt> --ledger <id> --against <copy>'],
      },
    );
  const result = await withProgress(context, (progress) =>
    checkReceiptFile(file, {
      told: ledger ?? null,
      home: homeOrNull(context),
      copy: against === undefined ? null : findCopy(context.resolve(against)),
      progress,
    }),
  );
  return outcome(isVoid(result) ? 'NOT_CERTIFIED' : 'OK', result);
}

async function withProgress<T>(context: Context, run: (progress: (blocks: number) => void) => Promise<T>): Promise<T> {
  const progress = context.progress('verifying', 0);
  let done = 0;
  try {
    return await run((blocks) => progress.update((done += blocks)));
  } finally {
    progress.done();
  }
}

/** A receipt needs no home. */
function homeOrNull(context: Context): string | null {
  try {
    return context.home;
  } catch (error) {
    if (error instanceof JoulemarkError && error.code === 'NO_LEDGER') return null;
    throw error;
  }
}

/** Before an hour of verification, not after it. */
function assertFree(context: Context, report: string): void {
  if (report !== '-' && kindOfPath(context.resolve(report)) !== 'absent')
    throw new JoulemarkError('USAGE', `cannot write '${report}': it exists already`, {
      hints: ['give another name, or remove the file first'],
    });
}

async function writeReport(context: Context, path: string, report: object): Promise<void> {
  await context.writeOutput(path, Buffer.from(`${JSON.stringify(report, null, 2)}\n`));
}
