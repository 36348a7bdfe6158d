import { defineCommand } from '../cli/command.ts';
import { documentsOf, findDocument } from '../home/find-documents.ts';
import { openSession } from '../home/session.ts';
import { showTime } from '../programme/calendar.ts';
import { toDocumentLines, toPlainDocument } from '../programme/document-text.ts';
import { firstPeriodInForce } from '../programme/first-period.ts';
import { policyInForce } from '../programme/rules.ts';

export const policyShow = defineCommand({
  path: ['policy', 'show'],
  summary: 'Show the rules of the programme, and from which period they hold',
  description:
    'The newest policy, or the one named by --digest, as it was signed. Policies are prospective: one holds for the periods that begin after it.',
  examples: ['joulemark policy show', 'joulemark policy show --digest 1b2c', 'joulemark policy show --json'],
  args: [],
  options: { digest: { value: '<digits>', description: 'an earlier policy, by the first digits of its digest' } },
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context, _args, { digest }) {
    const { programme, state, zone } = openSession(context, { decisions: 'as-signed' });
    const documents = documentsOf(programme.blocks, 'policy');
    const found = findDocument(documents, digest, 'policy');
    const dated = state.policies.findLast((policy) => policy.digest === found.digest);
    const inForce = policyInForce(state.policies, context.now());
    return {
      digest: found.digest,
      edition: dated?.value.edition ?? null,
      block: { seq: found.seq, id: found.id },
      time: showTime(found.time, zone),
      from: dated === undefined ? null : firstPeriodInForce(dated.value, dated.time).label,
      inForce: inForce?.digest === found.digest,
      others: documents.map((document) => document.digest).filter((other) => other !== found.digest),
      document: toPlainDocument(found.document),
    };
  },
  render: (result, ui) =>
    [
      `policy ${ui.strong(result.digest.slice(0, 8))} edition ${result.edition ?? '?'}, programme block ${result.block.seq}, ${result.time}`,
      `${result.inForce ? ui.good('in force now') : ui.warn('not in force now')}; for periods from ${result.from ?? '?'} on${result.others.length === 0 ? '' : `; others: ${result.others.map((digest) => digest.slice(0, 8)).join(', ')}`}`,
      ...toDocumentLines(result.document),
    ].join('\n'),
});
