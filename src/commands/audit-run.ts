import { defineCommand } from '../cli/command.ts';
import { countOf } from '../cli/count-of.ts';
import type { Ui } from '../cli/ui.ts';
import { JoulemarkError } from '../errors.ts';
import { type AuditBench, type AuditRun, runAudit, runDueAudits } from '../home/audit-run.ts';
import { assertOrganisation, openSession } from '../home/session.ts';
import { parseProfile, type RecordProfile } from '../ingest/profile.ts';
import { readRecords } from '../ingest/records.ts';
import { countVerdicts, displayFigure, nameOfLine, showSample, viewFigures } from '../programme/audit-view.ts';
import { showWindow } from '../programme/audit-window.ts';
import { toDocumentText } from '../programme/document.ts';
import { findOrganisation } from '../programme/find-organisation.ts';

const splitList = (text: string): readonly string[] =>
  text
    .split(',')
    .map((label) => label.trim())
    .filter((label) => label !== '');

export const auditRun = defineCommand({
  path: ['audit', 'run'],
  summary: "Compare an applicant's packages with your own books and write a draft of the audit",
  description:
    'Upstream: your deliveries at your supply points, from your own file. Peer: energy per unit against the other makers of the same product. ' +
    'Downstream: your receipts against the shipments to you. Without --window or --period it takes the windows that you were asked for.\n\n' +
    'With --all-due it takes every audit that waits for you, of all applicants, over one file whose profile says whose each row is; one that cannot ' +
    'be compared is left and named. Without a file these are your audits as a peer.\n\n' +
    'What an applicant gave off at a supply point is compared by itself: a column of the direction in the profile says which rows are of that.\n\n' +
    'Nothing goes on the ledger: audit sign does that. Your file never leaves this machine, and the drafts stay in the home.',
  examples: [
    'joulemark audit run guangnan-cement --records bills.csv --profile deliveries.yaml --all-supply-points yes',
    'joulemark audit run guangnan-cement --relation peer --window 2026-03',
    'joulemark audit run guangnan-cement --records receipts.csv --profile receipts.yaml --period 2026 --json',
    'joulemark audit run --all-due --records billing.csv --profile billing.yaml --all-supply-points from-records',
  ],
  args: ['[applicant]'],
  options: {
    relation: {
      value: '<relation>',
      description: 'as what you audit, where you are admitted as several',
      choices: ['upstream', 'peer', 'downstream'],
    },
    window: { value: '<window>', description: 'a month such as 2026-03, or days such as 2026-03-04..2026-04-02' },
    period: { value: '<period>', description: 'all audit windows of a period' },
    records: { value: '<file.csv>', description: "your own deliveries or receipts, '-' for standard input" },
    profile: { value: '<profile.yaml>', description: 'how your file is read' },
    labels: { value: '<label,label>', description: 'only these supply points or products', parse: splitList },
    allSupplyPoints: {
      value: '<yes|no|from-records>',
      description:
        'upstream: are the supply points of the boundary all at which you supply the applicant; or look whether all accounts of your file are',
      choices: ['yes', 'no', 'from-records'],
    },
    allDue: { description: 'every audit that waits for you, of all applicants' },
  },
  effect: 'write',
  exits: ['OK', 'PENDING', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED', 'FAILED'],
  async run(context, [text], options) {
    const { relation, window, period, records: recordsPath, profile: profilePath, labels, allSupplyPoints } = options;
    if (options.allDue && (text ?? window ?? period ?? labels) !== undefined)
      throw new JoulemarkError('USAGE', 'all due audits, and an applicant, window or labels', {
        hints: ['give --all-due alone, or name the applicant'],
      });
    if ((recordsPath === undefined) !== (profilePath === undefined)) {
      throw new JoulemarkError(
        'USAGE',
        recordsPath === undefined ? 'a profile without records' : 'records without a profile',
        { hints: ['give --records and --profile together'] },
      );
    }
    const profile =
      profilePath === undefined ? undefined : toRecordProfile(await context.readInput(profilePath), profilePath);
    const file =
      recordsPath === undefined || profile === undefined
        ? { records: [], notes: [] }
        : readRecords(await context.readInput(recordsPath), recordsPath, profile);
    const session = openSession(context, { decisions: 'as-signed' });
    const { home, state, zone } = session;
    assertOrganisation(home, 'audit');
    const bench: AuditBench = {
      session,
      auditor: findOrganisation(state, home.org),
      books:
        profile === undefined ? undefined : { records: file.records, accuracy: profile.accuracy, loss: profile.loss },
      allSupplyPoints,
    };
    const from =
      profile === undefined ? undefined : ({ deliveries: 'upstream', receipts: 'downstream' } as const)[profile.reads];
    const common = { at: state.head.seq, allDue: options.allDue };
    if (text === undefined) {
      if (!options.allDue)
        throw new JoulemarkError('USAGE', 'no applicant is named', {
          hints: ['joulemark audit run <applicant>', 'for all that wait for you: joulemark audit run --all-due'],
        });
      const progress = context.progress('audits', 0);
      try {
        const kind = relation ?? from ?? 'peer';
        const run = runDueAudits(bench, kind, (done) => progress.update(done));
        return {
          ...common,
          applicant: null,
          applicantName: null,
          relation: kind,
          labels: null,
          ...view(run, file.notes, zone),
        };
      } finally {
        progress.done();
      }
    }
    const applicant = findOrganisation(state, text);
    const wish = { relation, labels, window, period, records: from };
    const run = runAudit(bench, applicant, wish, context.now());
    return {
      ...common,
      applicant: applicant.id,
      applicantName: applicant.name,
      relation: run.relation,
      labels: [...run.labels],
      ...view(run, file.notes, zone),
    };
  },
  render: (result, ui) => {
    // of thousands a person wants those that do not simply pass
    const shown = result.allDue
      ? result.audits.filter(({ figures }) => figures.proposal !== 'pass').slice(0, MOST_SHOWN)
      : result.audits;
    const name = (one: { readonly window: string; readonly applicantName: string }): string =>
      result.allDue ? `${one.applicantName} ${one.window}` : one.window;
    const rows = shown.flatMap((one) =>
      one.figures.lines.map((line) => [
        name(one),
        nameOfLine(line),
        line.unit,
        displayFigure(line.reported),
        displayFigure(line.own),
        line.differencePercent === null ? '-' : `${displayFigure(line.differencePercent)} %`,
        line.tolerancePercent === null ? '-' : `${displayFigure(line.tolerancePercent)} %`,
        line.en === null ? '-' : displayFigure(line.en),
        line.agrees ? ui.good('agrees') : ui.bad('differs'),
      ]),
    );
    const notes = shown.flatMap((one) =>
      one.figures.lines.flatMap((line) =>
        line.note === null ? [] : [ui.warn(`  ${name(one)} ${nameOfLine(line)}: ${line.note}`)],
      ),
    );
    const table = ui.table(rows, {
      head: [
        result.allDue ? 'audit' : 'window',
        'label',
        'unit',
        'reported',
        'own',
        'difference',
        'tolerance',
        'En',
        '',
      ],
      align: ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'right', 'left'],
    });
    const whose =
      result.applicant === null
        ? ui.strong(countOf(result.audits.length, 'audit'))
        : `${ui.strong(result.applicantName ?? '')} (${result.applicant.slice(0, 8)})`;
    return [
      `${whose}, ${result.relation}, packages up to broadcast ${result.at}`,
      ...(rows.length === 0 && result.allDue ? [] : [table]),
      ...notes,
      ...result.notes.map((note) => ui.dim(`  ${note}`)),
      ...(result.applicant === null
        ? dueLines(result, shown.length, ui)
        : [
            ...shown.flatMap((one) => sampleLines(one, ui)),
            ...shown.map(
              ({ window, packages, figures }) =>
                `${window}   proposes ${ui.strong(figures.proposal)}   ${countOf(packages, 'package')}`,
            ),
            ui.dim(`next: joulemark audit sign ${result.applicant.slice(0, 8)}`),
          ]),
    ].join('\n');
  },
});

/** So many lines of one kind people read; scripts have --json. */
const MOST_SHOWN = 20;

/** What somebody has to look at himself. */
function sampleLines(
  { window, figures, sampled }: ReturnType<typeof view>['audits'][number],
  ui: Ui,
): readonly string[] {
  if (figures.sample === null) return [];
  const more = sampled.length - MOST_SHOWN;
  return [
    `${window}   sample   ${showSample(figures.sample)}`,
    ...sampled.slice(0, MOST_SHOWN).map((one) => `  look at ${one}`),
    ...(more > 0 ? [ui.dim(`  and ${more} more: --json lists them`)] : []),
  ];
}

function dueLines({ audits, left, proposals }: ReturnType<typeof view>, shown: number, ui: Ui): readonly string[] {
  const others = audits.length - (proposals.pass ?? 0) - shown;
  const told = Object.entries(proposals).map(([verdict, count]) => `${ui.strong(verdict)} ${count}`);
  const more = left.length - MOST_SHOWN;
  return [
    ...(others > 0 ? [ui.dim(`  and ${others} more that do not simply pass: --json lists them`)] : []),
    ...left
      .slice(0, MOST_SHOWN)
      .map(({ applicantName, window, why }) => ui.warn(`  ${applicantName} ${window}: ${why}`)),
    ...(more > 0 ? [ui.dim(`  and ${more} more that were left: --json lists them`)] : []),
    `proposes ${told.join(', ') || 'nothing'}${left.length === 0 ? '' : `; ${left.length} left`}`,
    audits.length === 0 && left.length === 0
      ? ui.dim('no audit waits')
      : ui.dim('next: joulemark audit sign --all-proposed pass'),
  ];
}

function view({ drafted, left, notes }: AuditRun, fileNotes: readonly string[], zone: string) {
  return {
    notes: [...fileNotes, ...notes],
    proposals: countVerdicts(drafted.map(({ draft }) => draft.figures.proposal)),
    audits: drafted.map(({ applicant, draft, packages, path }) => ({
      applicant: applicant.id,
      applicantName: applicant.name,
      window: showWindow({ start: draft.window[0], end: draft.window[1] }, zone),
      packages,
      root: draft.root,
      figures: viewFigures(draft.figures),
      sampled: (draft.figures.sample?.packages ?? []).map(
        ([meter, [start, end]]) => `${meter} ${showWindow({ start, end }, zone)}`,
      ),
      draft: path,
    })),
    left: left.map(({ applicant, window, why }) => ({
      applicant: applicant.id,
      applicantName: applicant.name,
      window: showWindow(window, zone),
      why,
    })),
  };
}

function toRecordProfile(bytes: Uint8Array, path: string): RecordProfile {
  const profile = parseProfile(toDocumentText(bytes, path), path);
  if (profile.reads !== 'meters') return profile;
  throw new JoulemarkError('USAGE', `'${path}' reads meters: an auditor's profile reads deliveries or receipts`, {
    hints: ['reads: deliveries (a supplier), reads: receipts (a customer)'],
  });
}
