import { toAppendLine } from '../cli/append-line.ts';
import { defineCommand } from '../cli/command.ts';
import { parseWords } from '../cli/parse-words.ts';
import { JoulemarkError } from '../errors.ts';
import { appendUnlessThere } from '../home/append-entry.ts';
import { assertBody, toEntry, withWriter } from '../home/session.ts';
import { countAudits } from '../programme/audit-count.ts';
import { findAudit, showPlace } from '../programme/audit-place.ts';
import { secondPass } from '../programme/audit-ruling.ts';
import { rulingContent } from '../programme/entries.ts';

export const auditRule = defineCommand({
  path: ['audit', 'rule'],
  summary: 'Rule on an audit that failed an applicant and is disputed',
  description:
    "For the certification body. 'upheld' says that the fail stands. 'set_aside' takes it out of the count, but only once a second auditor has passed the same " +
    'packages: the body alone cannot do it. The fail, the answer and the ruling are all printed on the certificate.',
  examples: [
    'joulemark audit rule csg-yingde/12 --ruling upheld --because "the meter log shows no exchange"',
    'joulemark audit rule csg-yingde/12 --ruling set_aside --because "the grid operator confirms the applicant" --dry-run',
  ],
  args: ['<audit>'],
  options: {
    ruling: {
      value: '<ruling>',
      description: 'what becomes of the fail',
      choices: ['upheld', 'set_aside'],
      required: true,
    },
    because: { value: '<text>', description: 'the reason; it stands on the ledger', required: true, parse: parseWords },
  },
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context, [place], { ruling, because }) {
    return withWriter(
      context,
      (writer) => {
        assertBody(writer.home, 'rule on an audit');
        const { state } = writer;
        const audit = findAudit(state, place);
        const shown = showPlace(state, audit);
        if (audit.content.verdict !== 'fail')
          throw new JoulemarkError(
            'USAGE',
            `the audit ${shown} says '${audit.content.verdict}': only a fail is ruled on`,
          );
        const { auditor, seq, entry } = audit;
        const last = state.rulings.findLast((one) => one.auditor === auditor && one.seq === seq && one.entry === entry);
        const holds = last?.ruling === ruling && last.reason === because;
        const appended = appendUnlessThere(
          writer,
          context.dryRun,
          'ruling',
          toEntry('ruling', rulingContent, { auditor, seq, entry, ruling, reason: because }),
          holds,
        );
        const applicant = state.organisations.get(audit.content.applicant);
        const second =
          applicant === undefined
            ? undefined
            : secondPass(state, applicant, audit, countAudits(state, applicant).counted);
        return {
          audit: shown,
          auditor,
          seq,
          entry,
          ruling,
          reason: because,
          secondPass: second === undefined ? null : showPlace(state, second),
          ...appended,
        };
      },
      { decisions: 'as-signed' },
    );
  },
  render: (result, ui) => {
    const waits = result.ruling === 'set_aside' && result.secondPass === null;
    return [
      `${ui.strong(result.audit)} ${result.ruling === 'upheld' ? 'is upheld' : 'is set aside'}${result.secondPass === null ? '' : `, beside the pass ${result.secondPass}`}`,
      ...(waits ? [ui.warn('it counts on until a second auditor has passed the same packages')] : []),
      toAppendLine(result, ui),
    ].join('\n');
  },
});
