import { toAppendLine } from '../cli/append-line.ts';
import { defineCommand } from '../cli/command.ts';
import { parseWords } from '../cli/parse-words.ts';
import { JoulemarkError } from '../errors.ts';
import { appendUnlessThere } from '../home/append-entry.ts';
import { assertOrganisation, toEntry, withWriter } from '../home/session.ts';
import { findAudit, showPlace } from '../programme/audit-place.ts';
import { answerContent } from '../programme/entries.ts';

export const auditAnswer = defineCommand({
  path: ['audit', 'answer'],
  summary: 'Answer an audit that failed you',
  description:
    'For the applicant. The answer stands beside the audit for everybody and changes no count: the auditor may judge anew, or the certification body rules. ' +
    'Where the packages are wrong, correct them instead: that opens the audit again.',
  examples: [
    'joulemark audit answer csg-yingde/12 --text "your meter 2 was exchanged on 12 March, see its log"',
    'joulemark audit answer csg-yingde/12/1 --text "..." --dry-run',
  ],
  args: ['<audit>'],
  options: {
    text: {
      value: '<text>',
      description: 'what you answer; it stands on the ledger',
      required: true,
      parse: parseWords,
    },
  },
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context, [place], { text }) {
    return withWriter(
      context,
      (writer) => {
        assertOrganisation(writer.home, 'answer an audit');
        const audit = findAudit(writer.state, place);
        const shown = showPlace(writer.state, audit);
        if (audit.content.applicant !== writer.home.org)
          throw new JoulemarkError('USAGE', `the audit ${shown} is not about '${writer.home.config.name}'`);
        if (audit.content.verdict !== 'fail')
          throw new JoulemarkError(
            'USAGE',
            `the audit ${shown} says '${audit.content.verdict}': only a fail is answered`,
          );
        const { auditor, seq, entry } = audit;
        const appended = appendUnlessThere(
          writer,
          context.dryRun,
          'answer',
          toEntry('answer', answerContent, { auditor, seq, entry, text }),
          true,
        );
        return { audit: shown, auditor, seq, entry, text, ...appended };
      },
      { decisions: 'as-signed' },
    );
  },
  render: (result, ui) =>
    [`answer to ${ui.strong(result.audit)}`, toAppendLine(result, ui, '; not yet broadcast')].join('\n'),
});
