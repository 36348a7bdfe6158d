import { defineCommand } from '../cli/command.ts';
import { toAppendLine } from '../cli/append-line.ts';
import { alreadyThere, appendEntry } from '../home/append-entry.ts';
import { documentsOf } from '../home/find-documents.ts';
import { assertBody, toEntry, withWriter } from '../home/session.ts';
import { showDate } from '../programme/calendar.ts';
import { documentContent } from '../programme/entries.ts';
import { firstPeriodInForce } from '../programme/first-period.ts';
import { policySchema } from '../programme/policy.ts';
import { checkRowsNeeded } from '../programme/rows-needed.ts';
import { tableNamed } from '../programme/rules.ts';
import { parseSignedDocument } from '../programme/signed-document.ts';

export const policySet = defineCommand({
  path: ['policy', 'set'],
  summary: 'Set new rules for the periods to come',
  description:
    'For the certification body. A policy holds for the periods that begin after it stands on the ledger, never for one that runs: nobody can change the rules after the numbers are known.',
  examples: ['joulemark policy set policy-2027.yaml', 'joulemark policy set policy-2027.yaml --dry-run'],
  args: ['<policy.yaml>'],
  options: {},
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context, [path]) {
    const policy = parseSignedDocument(await context.readInput(path), path, policySchema, 'policy');
    return withWriter(
      context,
      (writer) => {
        assertBody(writer.home, 'set a policy');
        const newest = documentsOf(writer.programme.blocks, 'policy').at(-1);
        const same = newest?.digest === policy.digest ? newest : undefined;
        const appended =
          same === undefined
            ? appendEntry(writer, context.dryRun, toEntry('policy', documentContent, { document: policy.document }))
            : alreadyThere(writer, same, context.dryRun);
        const time = same?.time ?? Math.max(writer.now, writer.programme.state.time);
        const period = firstPeriodInForce(policy.value, time);
        const table = tableNamed(writer.state.tables, policy.value.energy.table)?.value;
        const notes =
          table === undefined
            ? [`its table '${policy.value.energy.table}' is not published yet: joulemark table publish`]
            : checkRowsNeeded(policy.value, table);
        return {
          digest: policy.digest,
          edition: policy.value.edition,
          from: { label: period.label, date: showDate(period.start, policy.value.time.zone) },
          notes: [...notes],
          ...appended,
        };
      },
      { decisions: 'as-signed' },
    );
  },
  render: (result, ui) =>
    [
      `policy ${ui.strong(result.digest.slice(0, 8))} edition ${result.edition}, for periods from ${ui.strong(result.from.label)} on (${result.from.date})`,
      ...result.notes.map((note) => ui.warn(`  ${note}`)),
      toAppendLine(result, ui),
    ].join('\n'),
});
