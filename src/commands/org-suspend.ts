import { defineCommand } from '../cli/command.ts';
import { toAppendLine } from '../cli/append-line.ts';
import { parseWords } from '../cli/parse-words.ts';
import { appendUnlessThere } from '../home/append-entry.ts';
import { findKnown } from '../home/known-organisations.ts';
import { assertBody, toEntry, withWriter } from '../home/session.ts';
import { suspendContent } from '../programme/entries.ts';

export const orgSuspend = defineCommand({
  path: ['org', 'suspend'],
  summary: 'Suspend an organisation: nothing it does from here on counts',
  description:
    'For the certification body. What counted before still counts, but for audits: those of a suspended auditor count in no later decision. joulemark org admit lifts a suspension.',
  examples: [
    'joulemark org suspend csg-yingde --because "two histories, see fork evidence"',
    'joulemark org suspend 3f9c1a7e --because "at its own request" --dry-run',
  ],
  args: ['<org>'],
  options: {
    because: {
      value: '<reason>',
      description: 'goes on the ledger, for all to read',
      required: true,
      parse: parseWords,
    },
  },
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  run: async (context, [text], { because }) =>
    withWriter(
      context,
      (writer) => {
        assertBody(writer.home, 'suspend');
        const { id, name } = findKnown(writer, text);
        const suspended = writer.state.organisations.get(id)?.suspended ?? null;
        const entry = toEntry('suspend', suspendContent, { org: id, reason: because });
        return {
          org: id,
          name,
          reason: because,
          ...appendUnlessThere(writer, context.dryRun, 'suspend', entry, suspended?.reason === because),
        };
      },
      { decisions: 'as-signed' },
    ),
  render: (result, ui) =>
    [
      `${ui.strong(result.name)} (${result.org.slice(0, 8)}) suspended: ${result.reason}`,
      toAppendLine(result, ui),
    ].join('\n'),
});
