import { toAppendLine } from '../cli/append-line.ts';
import { defineCommand } from '../cli/command.ts';
import { parseWords } from '../cli/parse-words.ts';
import { appendUnlessThere } from '../home/append-entry.ts';
import { assertOrganisation, toEntry, withWriter } from '../home/session.ts';
import { chooseRelation } from '../programme/audit-plan.ts';
import { parseWindow, showWindow } from '../programme/audit-window.ts';
import { recuseContent } from '../programme/entries.ts';
import { findOrganisation } from '../programme/find-organisation.ts';

export const auditRecuse = defineCommand({
  path: ['audit', 'recuse'],
  summary: 'Withdraw from auditing an applicant for some time',
  description:
    'For an auditor who cannot judge without interest, or whom the figures of a competitor should not reach. A peer who withdraws before the audit is replaced by ' +
    'another draw. What you have signed already stands.',
  examples: [
    'joulemark audit recuse guangnan-cement --window 2026 --because "we are negotiating a merger"',
    'joulemark audit recuse 3f9c1a7e --relation peer --window 2026-03 --because "their chief engineer joined us" --dry-run',
  ],
  args: ['<applicant>'],
  options: {
    relation: {
      value: '<relation>',
      description: 'as what you audit, where you are admitted as several',
      choices: ['upstream', 'peer', 'downstream'],
    },
    window: {
      value: '<window>',
      description: 'a month such as 2026-03, a year, or days such as 2026-03-04..2026-12-31',
      required: true,
    },
    because: { value: '<text>', description: 'the reason; it stands on the ledger', required: true, parse: parseWords },
  },
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context, [text], { relation: wanted, window: windowText, because }) {
    return withWriter(
      context,
      (writer) => {
        assertOrganisation(writer.home, 'withdraw from an audit');
        const auditor = findOrganisation(writer.state, writer.home.org);
        const applicant = findOrganisation(writer.state, text);
        const relation = chooseRelation(auditor, applicant, { relation: wanted });
        const { start, end } = parseWindow(windowText, writer.zone);
        const entry = toEntry('recuse', recuseContent, {
          applicant: applicant.id,
          relation,
          window: [start, end],
          reason: because,
        });
        const appended = appendUnlessThere(writer, context.dryRun, 'recuse', entry, true);
        return {
          applicant: applicant.id,
          applicantName: applicant.name,
          relation,
          window: showWindow({ start, end }, writer.zone),
          reason: because,
          ...appended,
        };
      },
      { decisions: 'as-signed' },
    );
  },
  render: (result, ui) =>
    [
      `withdrawn as ${result.relation} auditor of ${ui.strong(result.applicantName)} for ${result.window}`,
      toAppendLine(result, ui, '; not yet broadcast'),
    ].join('\n'),
});
