import { defineCommand } from '../cli/command.ts';
import { parseWords } from '../cli/parse-words.ts';
import { JUDGED } from '../home/judged.ts';
import { assertBody, toEntry, withWriter } from '../home/session.ts';
import { findDecision } from '../programme/certification.ts';
import { revokeContent } from '../programme/entries.ts';

export const certifyRevoke = defineCommand({
  path: ['certify', 'revoke'],
  summary: 'Revoke a decision, with the reason; the period can then be decided anew',
  description:
    'Nothing is erased: the decision stays on the ledger with its revocation. A copy that ends before the revocation cannot show it.',
  examples: [
    'joulemark certify revoke JM-2022-0001 --because "meter 3 was exchanged unreported"',
    'joulemark certify revoke 121:0 --because "wrong boundary" --dry-run',
  ],
  args: ['<number>'],
  options: {
    because: { value: '<reason>', description: 'why; goes on the ledger', required: true, parse: parseWords },
  },
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED'],
  async run(context, [number], { because }) {
    return withWriter(
      context,
      (writer) => {
        assertBody(writer.home, 'revoke a decision');
        const { seq, entry, content, revoked } = findDecision(writer.state, number);
        const [appended] =
          revoked === undefined
            ? writer.append([toEntry('revoke', revokeContent, { seq, entry, reason: because })])
            : [];
        return {
          number: content.number ?? `${seq}:${entry}`,
          reason: revoked?.reason ?? because,
          already: revoked !== undefined,
          block: appended?.seq ?? null,
          dryRun: context.dryRun,
        };
      },
      JUDGED,
    );
  },
  render: ({ number, reason, already, block, dryRun }, ui) => {
    if (already) return `already in the ledger: ${number} is revoked: ${reason}`;
    return dryRun
      ? `would revoke ${number}; nothing was written`
      : `${ui.bad('revoked')} ${number}: ${reason}\nappended block ${block}; not yet published: joulemark sync`;
  },
});
