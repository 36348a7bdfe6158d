import { defineCommand } from '../cli/command.ts';
import type { Ui } from '../cli/ui.ts';
import { JoulemarkError } from '../errors.ts';
import type { CborMap } from '../ledger/codec/value.ts';
import { entriesOf } from '../home/find-entry.ts';
import { openSession, type Session } from '../home/session.ts';
import { countAudits } from '../programme/audit-count.ts';
import { findAudit, showPlace } from '../programme/audit-place.ts';
import { isSetAside } from '../programme/audit-ruling.ts';
import { auditedPackages, commitsRoot } from '../programme/audit-set.ts';
import { isSampleAsDrawn } from '../programme/audit-items.ts';
import { displayFigure, type FiguresView, nameOfLine, showSample, viewFigures } from '../programme/audit-view.ts';
import { showWindow } from '../programme/audit-window.ts';
import { showTime } from '../programme/calendar.ts';
import { answerContent, type AnswerContent } from '../programme/entries.ts';
import { openFigures } from '../programme/figures.ts';
import type { AuditRecord } from '../programme/state.ts';

export const auditShow = defineCommand({
  path: ['audit', 'show'],
  summary: 'Show an audit: its comparison, verdict, answer and ruling, and whether it counts',
  examples: ['joulemark audit show csg-yingde/12', 'joulemark audit show csg-yingde/12/1 --json'],
  args: ['<audit>'],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED', 'FAILED'],
  async run(context, [text]) {
    const session = openSession(context, { decisions: 'as-signed' });
    const { state, zone } = session;
    const audit = findAudit(state, text);
    const { content } = audit;
    const applicant = state.organisations.get(content.applicant);
    if (applicant === undefined)
      throw new JoulemarkError(
        'USAGE',
        `the audit ${showPlace(state, audit)} is about an organisation that is not on this ledger`,
      );
    const { counted, findings } = countAudits(state, applicant);
    const window = { start: content.window[0], end: content.window[1] };
    const figures = openFigures(audit.auditor, content);
    const set = auditedPackages(applicant, content.relation, content.labels, window);
    const ruling = state.rulings.findLast(
      (one) => one.auditor === audit.auditor && one.seq === audit.seq && one.entry === audit.entry,
    );
    return {
      audit: showPlace(state, audit),
      applicant: applicant.id,
      applicantName: applicant.name,
      auditor: audit.auditor,
      auditorName: state.organisations.get(audit.auditor)?.name ?? '',
      relation: content.relation,
      labels: [...content.labels],
      window: showWindow(window, zone),
      verdict: content.verdict,
      reason: content.reason ?? null,
      at: content.at,
      root: content.root,
      packagesNow: set.length,
      covered: showTime(audit.time, zone),
      counts: counted.includes(audit) && !isSetAside(state, applicant, audit, counted),
      whyNot: whyNot(audit, findings),
      figures: figures === undefined ? null : viewFigures(figures),
      // of other packages another sample is drawn
      sampleAsDrawn: commitsRoot(set) === content.root ? isSampleAsDrawn(state, applicant, audit, set, figures) : null,
      answers: answersTo(session, audit, zone),
      ruling:
        ruling === undefined
          ? null
          : {
              ruling: ruling.ruling,
              reason: ruling.reason,
              time: showTime(ruling.time, zone),
              effective: ruling.ruling === 'upheld' || isSetAside(state, applicant, audit, counted),
            },
    };
  },
  render: (result, ui) => {
    const lines = (result.figures?.lines ?? []).map((line) => [
      nameOfLine(line),
      line.unit,
      displayFigure(line.reported),
      displayFigure(line.own),
      line.differencePercent === null ? '-' : `${displayFigure(line.differencePercent)} %`,
      line.tolerancePercent === null ? '-' : `${displayFigure(line.tolerancePercent)} %`,
      line.en === null ? '-' : displayFigure(line.en),
      line.note ?? '',
    ]);
    const proposal =
      result.figures === null || result.figures.proposal === result.verdict
        ? ''
        : `, proposed was ${result.figures.proposal}`;
    const table = ui.table(lines, {
      head: ['label', 'unit', 'reported', 'own', 'difference', 'tolerance', 'En', ''],
      align: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'left'],
    });
    return [
      `${ui.strong(result.audit)}   ${result.auditorName}, ${result.relation} of ${result.applicantName}, ${result.window}`,
      `verdict   ${ui.strong(result.verdict)}${proposal}${result.reason === null ? '' : `: ${result.reason}`}`,
      `covered   ${result.covered}, packages up to broadcast ${result.at}, ${result.packagesNow} of them now`,
      result.counts
        ? `counts    ${ui.good('yes')}`
        : `counts    ${ui.bad('no')}${result.whyNot === null ? '' : `: ${result.whyNot}`}`,
      ...(table === '' ? [ui.dim('figures are sealed or none')] : [table]),
      ...sampleLines(result, ui),
      ...result.answers.map(({ text, time }) => `answer    ${text} (${time})`),
      ...(result.ruling === null
        ? []
        : [
            `ruling    ${result.ruling.ruling}: ${result.ruling.reason} (${result.ruling.time})${result.ruling.effective ? '' : '; waits for a second auditor to pass the same packages'}`,
          ]),
    ].join('\n');
  },
});

function sampleLines(
  { figures, sampleAsDrawn }: { readonly figures: FiguresView | null; readonly sampleAsDrawn: boolean | null },
  ui: Ui,
): readonly string[] {
  const sample = figures?.sample ?? null;
  if (sample === null)
    return sampleAsDrawn === false ? [`sample    ${ui.bad('none, and the policy asks for one')}`] : [];
  return [`sample    ${showSample(sample)}${sampleAsDrawn === false ? ui.bad('; not what anybody else draws') : ''}`];
}

function whyNot(audit: AuditRecord, findings: ReturnType<typeof countAudits>['findings']): string | null {
  if (audit.refused !== null) return audit.refused;
  return (
    findings.find(
      ({ place }) => place.chain === audit.auditor && place.seq === audit.seq && place.entry === audit.entry,
    )?.message ?? null
  );
}

/** The applicant's covered answers to an audit, oldest first. */
function answersTo(
  { state, chains }: Session,
  audit: AuditRecord,
  zone: string,
): readonly { readonly text: string; readonly time: string }[] {
  const applicant = audit.content.applicant;
  const covered = state.organisations.get(applicant)?.covered.seq ?? -1;
  const found: { readonly text: string; readonly time: string }[] = [];
  for (const placed of entriesOf((chains.get(applicant)?.blocks ?? []).slice(0, covered + 1), 'answer')) {
    const answer = readAnswer(placed.content);
    if (answer?.auditor === audit.auditor && answer.seq === audit.seq && answer.entry === audit.entry)
      found.push({ text: answer.text, time: showTime(placed.time, zone) });
  }
  return found;
}

/** An entry that is malformed has no effect (ledger-v1 section 4.1). */
function readAnswer(content: CborMap): AnswerContent | undefined {
  try {
    return answerContent.read(content, 'answer');
  } catch (error) {
    if (error instanceof JoulemarkError) return undefined;
    throw error;
  }
}
