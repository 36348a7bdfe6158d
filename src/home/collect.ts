import { JoulemarkError } from '../errors.ts';
import { ownPackageIn } from '../programme/own-packages.ts';
import type { ConflictReport, MeterReport, ReportedBlock, SubmissionReport } from '../programme/submission-report.ts';
import { moveToDone, moveToRefused, readSpooled, type Spool, type SpooledFile } from './spool.ts';
import { type Submission, submit, type Submitter } from './submit.ts';

/** What became of one file of a spool. JSON-safe. */
export interface CollectedFile {
  readonly name: string;
  /** `waiting`: intervals of it are not finished, so it stays until a later file completes them. */
  readonly outcome: 'done' | 'waiting' | 'refused';
  readonly packages: number;
  readonly repeats: number;
  readonly held: readonly string[];
  readonly blocks: readonly ReportedBlock[];
  /** Why it was refused: the failure, then what was found and expected. */
  readonly error: readonly string[];
}

interface Taken {
  readonly file: SpooledFile;
  readonly report: SubmissionReport;
}

/** A submission of one file; `keep` is called once it was taken. */
export type SpoolSubmission = Submission & { keep(): void };

/**
 * Submits the files of a spool one after the other and moves each away: to `done` once everything it holds is on the chain, to
 * `refused` where the file is wrong. Crash-safe: a file that was appended and not yet moved is all repeats for the next run.
 */
export function collectSpool(
  submitter: Submitter,
  spool: Spool,
  files: readonly SpooledFile[],
  open: (file: SpooledFile, bytes: Uint8Array) => SpoolSubmission,
): readonly CollectedFile[] {
  const results = new Map<string, CollectedFile>();
  const taken: Taken[] = [];
  for (const file of files) {
    const bytes = readSpooled(file);
    if (bytes === null) continue;
    try {
      const submission = open(file, bytes);
      const report = submit(submitter, submission);
      submission.keep();
      if (report.conflicts.length === 0) taken.push({ file, report });
      else results.set(file.name, refused(submitter, spool, file, conflictLines(report.conflicts), report));
    } catch (error) {
      if (!(error instanceof JoulemarkError) || error.code !== 'USAGE') throw error;
      results.set(
        file.name,
        refused(
          submitter,
          spool,
          file,
          [...error.message.split('\n'), ...error.hints.map((hint) => `hint: ${hint}`)],
          null,
        ),
      );
    }
  }
  for (const { file, report } of taken) {
    const isDone = report.meters.every((meter) => meter.held.every(({ start }) => isCovered(submitter, meter, start)));
    if (isDone && !submitter.dryRun) moveToDone(spool, file);
    results.set(file.name, toResult(file, isDone ? 'done' : 'waiting', report, []));
  }
  return files.flatMap(({ name }) => results.get(name) ?? []);
}

function refused(
  submitter: Submitter,
  spool: Spool,
  file: SpooledFile,
  lines: readonly string[],
  report: SubmissionReport | null,
): CollectedFile {
  if (!submitter.dryRun) moveToRefused(spool, file, lines.join('\n'));
  return toResult(file, 'refused', report, lines);
}

const conflictLines = (conflicts: readonly ConflictReport[]): readonly string[] => [
  ...conflicts.flatMap(({ lines, hint }) => [...lines, `hint: ${hint}`]),
  'everything else of this file was taken',
];

function isCovered({ own, meters }: Submitter, { meter }: MeterReport, start: number): boolean {
  const kind = meters.get(meter.split('/')[0] ?? meter)?.kind ?? '';
  return ownPackageIn(own.packages, meter, kind, start, start + 1) !== undefined;
}

function toResult(
  file: SpooledFile,
  outcome: CollectedFile['outcome'],
  report: SubmissionReport | null,
  error: readonly string[],
): CollectedFile {
  const meters = report?.meters ?? [];
  return {
    name: file.name,
    outcome,
    packages: meters.reduce((sum, { packages }) => sum + packages, 0),
    repeats: meters.reduce((sum, { repeats }) => sum + repeats, 0),
    held:
      outcome === 'done'
        ? []
        : meters.flatMap(({ meter, held }) =>
            held.map(({ day, because }) => `${meter} ${day} is not finished: ${because}`),
          ),
    blocks: report?.blocks ?? [],
    error,
  };
}
