import { defineCommand } from '../cli/command.ts';
import { JoulemarkError } from '../errors.ts';
import { writeDraft } from '../home/audit-draft.ts';
import { assertOrganisation, openSession } from '../home/session.ts';
import { parseProfile, type RecordProfile } from '../ingest/profile.ts';
import { readRecords } from '../ingest/records.ts';
import { compareBooks } from '../programme/audit-compare.ts';
import { planAudit } from '../programme/audit-plan.ts';
import { auditedPackages, commitsRoot } from '../programme/audit-set.ts';
import { displayFigure, viewFigures } from '../programme/audit-view.ts';
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
    'Nothing goes on the ledger: audit sign does that. Your file never leaves this machine, and the drafts stay in the home.',
  examples: [
    'joulemark audit run guangnan-cement --records bills.csv --profile deliveries.yaml --all-supply-points yes',
    'joulemark audit run guangnan-cement --relation peer --window 2026-03',
    'joulemark audit run guangnan-cement --records receipts.csv --profile receipts.yaml --period 2026 --json',
  ],
  args: ['<applicant>'],
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
      value: '<yes|no>',
      description: 'upstream: are the supply points of the boundary all at which you supply the applicant',
      choices: ['yes', 'no'],
    },
  },
  effect: 'write',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED', 'FAILED'],
  async run(
    context,
    [text],
    { relation, window, period, records: recordsPath, profile: profilePath, labels, allSupplyPoints },
  ) {
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
    const auditor = findOrganisation(state, home.org);
    const applicant = findOrganisation(state, text);
    const from =
      profile === undefined ? undefined : ({ deliveries: 'upstream', receipts: 'downstream' } as const)[profile.reads];
    const plan = planAudit(
      state,
      auditor,
      applicant,
      { relation, labels, window, period, records: from },
      context.now(),
    );
    const books =
      profile === undefined ? undefined : { records: file.records, accuracy: profile.accuracy, loss: profile.loss };
    const audits = plan.windows.map(({ window: span, policy, boundary }) => {
      const figures = compareBooks({
        state,
        applicant,
        auditor,
        policy,
        boundary,
        window: span,
        relation: plan.relation,
        labels: plan.labels,
        ...(books === undefined ? {} : { books }),
        ...(allSupplyPoints === undefined ? {} : { allSupplyPoints: allSupplyPoints === 'yes' }),
      });
      const packages = auditedPackages(applicant, plan.relation, plan.labels, span);
      const draft = {
        joulemark: 'audit-draft/1' as const,
        applicant: applicant.id,
        relation: plan.relation,
        labels: plan.labels,
        window: [span.start, span.end] as const,
        at: state.head.seq,
        root: commitsRoot(packages),
        figures,
      };
      return { draft, packages: packages.length };
    });
    // written only when every window could be compared
    const written = audits.map(({ draft, packages }) => ({
      window: showWindow({ start: draft.window[0], end: draft.window[1] }, zone),
      packages,
      root: draft.root,
      figures: viewFigures(draft.figures),
      draft: writeDraft(home.paths, draft, zone),
    }));
    return {
      applicant: applicant.id,
      applicantName: applicant.name,
      relation: plan.relation,
      labels: [...plan.labels],
      at: state.head.seq,
      notes: [...file.notes],
      audits: written,
    };
  },
  render: (result, ui) => {
    const rows = result.audits.flatMap(({ window, figures }) =>
      figures.lines.map((line) => [
        window,
        line.label,
        line.unit,
        displayFigure(line.reported),
        displayFigure(line.own),
        line.differencePercent === null ? '-' : `${displayFigure(line.differencePercent)} %`,
        line.tolerancePercent === null ? '-' : `${displayFigure(line.tolerancePercent)} %`,
        line.en === null ? '-' : displayFigure(line.en),
        line.agrees ? ui.good('agrees') : ui.bad('differs'),
      ]),
    );
    const notes = result.audits.flatMap(({ window, figures }) =>
      figures.lines.flatMap(({ label, note }) => (note === null ? [] : [ui.warn(`  ${window} ${label}: ${note}`)])),
    );
    return [
      `${ui.strong(result.applicantName)} (${result.applicant.slice(0, 8)}), ${result.relation}, packages up to broadcast ${result.at}`,
      ui.table(rows, {
        head: ['window', 'label', 'unit', 'reported', 'own', 'difference', 'tolerance', 'En', ''],
        align: ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'right', 'left'],
      }),
      ...notes,
      ...result.notes.map((note) => ui.dim(`  ${note}`)),
      ...result.audits.map(
        ({ window, packages, figures }) => `${window}   proposes ${ui.strong(figures.proposal)}   ${packages} packages`,
      ),
      ui.dim(`next: joulemark audit sign ${result.applicant.slice(0, 8)}`),
    ].join('\n');
  },
});

function toRecordProfile(bytes: Uint8Array, path: string): RecordProfile {
  const profile = parseProfile(toDocumentText(bytes, path), path);
  if (profile.reads !== 'meters') return profile;
  throw new JoulemarkError('USAGE', `'${path}' reads meters: an auditor's profile reads deliveries or receipts`, {
    hints: ['reads: deliveries (a supplier), reads: receipts (a customer)'],
  });
}
