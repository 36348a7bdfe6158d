import { toAppendLine } from '../cli/append-line.ts';
import { defineCommand, outcome } from '../cli/command.ts';
import { parseWords } from '../cli/parse-words.ts';
import { JoulemarkError } from '../errors.ts';
import { ownChainName } from '../home/append-entry.ts';
import { readDrafts } from '../home/audit-draft.ts';
import { signDrafts } from '../home/audit-sign.ts';
import { assertOrganisation, withWriter } from '../home/session.ts';
import { parseWindow, showWindow } from '../programme/audit-window.ts';
import { findOrganisation } from '../programme/find-organisation.ts';

export const auditSign = defineCommand({
  path: ['audit', 'sign'],
  summary: 'Sign the drafts of audit run and put them on the ledger',
  description:
    'Signs what audit run proposed, for exactly the packages that it compared. You may judge otherwise with --verdict and --because: the proposal ' +
    'and your verdict are both recorded.\n\n' +
    'When packages of a window came or were corrected since the draft, that draft is not signed: run the audit again.',
  examples: [
    'joulemark audit sign guangnan-cement',
    'joulemark audit sign guangnan-cement --window 2026-03 --verdict pass_with_remarks --because "our meter was exchanged on 12 March"',
    'joulemark audit sign 3f9c1a7e --dry-run',
  ],
  args: ['<applicant>'],
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
  },
  effect: 'append',
  exits: ['OK', 'PENDING', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context, [text], { relation, window, verdict, because }) {
    return withWriter(
      context,
      (writer) => {
        const { home, state, zone } = writer;
        assertOrganisation(home, 'sign an audit');
        const auditor = findOrganisation(state, home.org);
        const applicant = findOrganisation(state, text);
        const span = window === undefined ? undefined : parseWindow(window, zone);
        const drafts = readDrafts(home.paths, applicant.id).filter(
          (draft) =>
            (relation === undefined || draft.relation === relation) &&
            (span === undefined || (draft.window[0] >= span.start && draft.window[1] <= span.end)),
        );
        if (drafts.length === 0) {
          throw new JoulemarkError(
            'USAGE',
            `no draft of an audit of '${applicant.name}'${window === undefined ? '' : ` in ${window}`}`,
            { hints: [`joulemark audit run ${applicant.id.slice(0, 8)}`] },
          );
        }
        const { audits, appended } = signDrafts(writer, auditor, applicant, drafts, { verdict, because });
        const chain = ownChainName(writer);
        const result = {
          applicant: applicant.id,
          applicantName: applicant.name,
          audits: audits.map(({ draft, verdict: given, standing, place }) => ({
            relation: draft.relation,
            window: showWindow({ start: draft.window[0], end: draft.window[1] }, zone),
            proposal: draft.figures.proposal,
            verdict: given,
            standing,
            place: place === null ? null : { chain, seq: place.seq, entry: place.entry },
          })),
          blocks: appended.map(({ seq, id }) => ({ chain, seq, id: String(id) })),
          already: appended.length === 0,
          dryRun: context.dryRun,
        };
        return outcome(result.audits.some(({ standing }) => standing === 'stale') ? 'PENDING' : 'OK', result);
      },
      { decisions: 'as-signed' },
    );
  },
  render: (result, ui) => {
    const rows = result.audits.map(({ window, relation, verdict, proposal, standing }) => [
      window,
      relation,
      standing === 'stale' ? ui.warn('not signed') : ui.strong(verdict),
      remarkOf(standing, verdict, proposal),
    ]);
    const stale = result.audits.some(({ standing }) => standing === 'stale');
    return [
      ui.table(rows),
      ...result.blocks.map((block) =>
        toAppendLine({ block, already: false, dryRun: result.dryRun }, ui, '; not yet broadcast'),
      ),
      ...(result.already && !stale ? [ui.dim('already in the ledger')] : []),
      ...(stale ? [ui.warn(`run it again: joulemark audit run ${result.applicant.slice(0, 8)}`)] : []),
    ].join('\n');
  },
});

function remarkOf(standing: string, verdict: string, proposal: string): string {
  if (standing === 'stale') return 'the packages of this window changed since the draft';
  const how = verdict === proposal ? 'as proposed' : `proposed was ${proposal}`;
  return standing === 'already' ? `${how}, already in the ledger` : how;
}
