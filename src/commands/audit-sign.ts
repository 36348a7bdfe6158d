import { toAppendLine } from '../cli/append-line.ts';
import { defineCommand, outcome } from '../cli/command.ts';
import { parseWords } from '../cli/parse-words.ts';
import type { Ui } from '../cli/ui.ts';
import { JoulemarkError } from '../errors.ts';
import { ownChainName } from '../home/append-entry.ts';
import { type AuditDraft, readDrafts } from '../home/audit-draft.ts';
import { type LeftDraft, signDrafts, type SigningResult, signProposed } from '../home/audit-sign.ts';
import { assertOrganisation, type Session, withWriter, type Writer } from '../home/session.ts';
import { countVerdicts } from '../programme/audit-view.ts';
import { parseWindow, showWindow } from '../programme/audit-window.ts';
import type { AuditVerdict } from '../programme/entries.ts';
import { findOrganisation } from '../programme/find-organisation.ts';

export const auditSign = defineCommand({
  path: ['audit', 'sign'],
  summary: 'Sign the drafts of audit run and put them on the ledger',
  description:
    'Signs what audit run proposed, for exactly the packages that it compared. You may judge otherwise with --verdict and --because: the proposal ' +
    'and your verdict are both recorded.\n\n' +
    'When packages of a window came or were corrected since the draft, that draft is not signed: run the audit again.\n\n' +
    'With --all-proposed every draft that proposes this verdict is signed, of all applicants, in one append; the others are named and wait for you.',
  examples: [
    'joulemark audit sign guangnan-cement',
    'joulemark audit sign guangnan-cement --window 2026-03 --verdict pass_with_remarks --because "our meter was exchanged on 12 March"',
    'joulemark audit sign 3f9c1a7e --dry-run',
    'joulemark audit sign --all-proposed pass',
  ],
  args: ['[applicant]'],
  options: {
    relation: {
      value: '<relation>',
      description: 'only the drafts of this relation',
      choices: ['upstream', 'peer', 'downstream'],
    },
    window: {
      value: '<window>',
      description: 'only the drafts inside a month such as 2026-03, or days such as 2026-03-04..2026-04-02',
    },
    verdict: {
      value: '<verdict>',
      description: 'judge otherwise than proposed',
      choices: ['pass', 'pass_with_remarks', 'fail', 'cannot_judge'],
    },
    because: {
      value: '<text>',
      description: 'the reason; needed for a verdict other than the proposal',
      parse: parseWords,
    },
    allProposed: {
      value: '<verdict>',
      description: 'the drafts of all applicants that propose this; a fail is looked at one by one',
      choices: ['pass', 'pass_with_remarks', 'cannot_judge'],
    },
  },
  effect: 'append',
  exits: ['OK', 'PENDING', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context, [text], { allProposed, relation, window, verdict, because }) {
    if (allProposed !== undefined && (text ?? verdict ?? because) !== undefined)
      throw new JoulemarkError('USAGE', 'all that propose a verdict, and an applicant, a verdict or a reason', {
        hints: ['give --all-proposed, or name the applicant'],
      });
    return withWriter(
      context,
      (writer) => {
        const { home, state, zone } = writer;
        assertOrganisation(home, 'sign an audit');
        const auditor = findOrganisation(state, home.org);
        const span = window === undefined ? undefined : parseWindow(window, zone);
        const isMeant = (draft: AuditDraft): boolean =>
          (relation === undefined || draft.relation === relation) &&
          (span === undefined || (draft.window[0] >= span.start && draft.window[1] <= span.end));
        if (text === undefined) {
          if (allProposed === undefined)
            throw new JoulemarkError('USAGE', 'no applicant is named', {
              hints: ['joulemark audit sign <applicant>', 'joulemark audit sign --all-proposed pass'],
            });
          const drafts = readDrafts(home.paths).filter(isMeant);
          if (drafts.length === 0)
            throw new JoulemarkError('USAGE', 'no draft of an audit', { hints: ['joulemark audit run --all-due ...'] });
          const { left, ...signed } = signProposed(writer, auditor, drafts, allProposed);
          return finish(writer, null, signed, left, allProposed, context.dryRun);
        }
        const applicant = findOrganisation(state, text);
        const drafts = readDrafts(home.paths, applicant.id).filter(isMeant);
        if (drafts.length === 0) {
          throw new JoulemarkError(
            'USAGE',
            `no draft of an audit of '${applicant.name}'${window === undefined ? '' : ` in ${window}`}`,
            { hints: [`joulemark audit run ${applicant.id.slice(0, 8)}`] },
          );
        }
        const signed = signDrafts(writer, auditor, drafts, { verdict, because });
        return finish(writer, applicant, signed, [], null, context.dryRun);
      },
      { decisions: 'as-signed' },
    );
  },
  render: (result, ui) => {
    const stale = result.audits.filter(({ standing }) => standing === 'stale');
    return [
      ...(result.applicant === null
        ? proposedLines(result, ui)
        : [ui.table(result.audits.map((one) => auditRow(one, ui)))]),
      ...result.blocks.map((block) =>
        toAppendLine({ block, already: false, dryRun: result.dryRun }, ui, '; not yet broadcast'),
      ),
      ...(result.already && stale.length === 0 ? [ui.dim('already in the ledger')] : []),
      ...(stale.length > 0
        ? [ui.warn(`run it again: joulemark audit run ${result.applicant?.slice(0, 8) ?? '--all-due ...'}`)]
        : []),
    ].join('\n');
  },
});

/** So many lines of one kind people read; scripts have --json. */
const MOST_SHOWN = 20;

function finish(
  writer: Writer,
  applicant: { readonly id: string; readonly name: string } | null,
  { audits, appended }: SigningResult,
  left: readonly LeftDraft[],
  allProposed: AuditVerdict | null,
  dryRun: boolean,
) {
  const chain = ownChainName(writer);
  const result = {
    allProposed,
    applicant: applicant?.id ?? null,
    applicantName: applicant?.name ?? null,
    signed: countVerdicts(audits.filter(({ standing }) => standing === 'signed').map(({ verdict }) => verdict)),
    audits: audits.map(({ draft, verdict, standing, place }) => ({
      ...viewDraft(writer, draft),
      verdict,
      standing,
      place: place === null ? null : { chain, seq: place.seq, entry: place.entry },
    })),
    left: left.map(({ draft, why }) => ({ ...viewDraft(writer, draft), why })),
    blocks: appended.map(({ seq, id }) => ({ chain, seq, id: String(id) })),
    already: appended.length === 0,
    dryRun,
  };
  return outcome(audits.some(({ standing }) => standing === 'stale') ? 'PENDING' : 'OK', result);
}

function viewDraft({ state, zone }: Pick<Session, 'state' | 'zone'>, draft: AuditDraft) {
  return {
    applicant: draft.applicant,
    applicantName: state.organisations.get(draft.applicant)?.name ?? draft.applicant.slice(0, 8),
    relation: draft.relation,
    window: showWindow({ start: draft.window[0], end: draft.window[1] }, zone),
    proposal: draft.figures.proposal,
  };
}

type Result = ReturnType<typeof finish>['result'];

function auditRow(
  { window, relation, verdict, proposal, standing }: Result['audits'][number],
  ui: Ui,
): readonly string[] {
  return [
    window,
    relation,
    standing === 'stale' ? ui.warn('not signed') : ui.strong(verdict),
    remarkOf(standing, verdict, proposal),
  ];
}

/** Of many: how many were signed, and those that were not, one by one. */
function proposedLines({ audits, left, allProposed, dryRun }: Result, ui: Ui): readonly string[] {
  const count = (wanted: string): number => audits.filter(({ standing }) => standing === wanted).length;
  const stale = audits.filter(({ standing }) => standing === 'stale');
  const waiting = [
    ...stale.map((one) => [
      one.applicantName,
      one.window,
      one.relation,
      ui.warn('its packages changed since the draft'),
    ]),
    ...left.map((one) => [one.applicantName, one.window, one.relation, ui.warn(one.why)]),
  ];
  const more = waiting.length - MOST_SHOWN;
  return [
    `${ui.strong(allProposed ?? '')}   ${count('signed')} ${dryRun ? 'to be signed' : 'signed'}, ${count('already')} ${count('already') === 1 ? 'was' : 'were'} signed before, ${waiting.length} not signed`,
    ...(waiting.length === 0 ? [] : [ui.table(waiting.slice(0, MOST_SHOWN))]),
    ...(more > 0 ? [ui.dim(`and ${more} more: --json lists them`)] : []),
  ];
}

function remarkOf(standing: string, verdict: string, proposal: string): string {
  if (standing === 'stale') return 'the packages of this window changed since the draft';
  const how = verdict === proposal ? 'as proposed' : `proposed was ${proposal}`;
  return standing === 'already' ? `${how}, already in the ledger` : how;
}
