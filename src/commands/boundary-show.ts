import { defineCommand } from '../cli/command.ts';
import { JoulemarkError } from '../errors.ts';
import { documentsOf, findDocument } from '../home/find-documents.ts';
import { findKnown } from '../home/known-organisations.ts';
import { openSession } from '../home/session.ts';
import { showTime } from '../programme/calendar.ts';
import { toDocumentLines, toPlainDocument } from '../programme/document-text.ts';

export const boundaryShow = defineCommand({
  path: ['boundary', 'show'],
  summary: 'Show the boundary of an organisation: supply points, meters, products',
  description:
    'Its newest boundary, or the one named by --digest, as it was signed. Without an organisation: that of this home.',
  examples: [
    'joulemark boundary show',
    'joulemark boundary show guangnan-cement',
    'joulemark boundary show guangnan-cement --digest 7d02 --json',
  ],
  args: ['[org]'],
  options: { digest: { value: '<digits>', description: 'an earlier boundary, by the first digits of its digest' } },
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [text], { digest }) {
    const session = openSession(context, { decisions: 'as-signed' });
    if (text === undefined && session.home.isBody)
      throw new JoulemarkError('USAGE', 'the certification body has no boundary', {
        hints: ['joulemark boundary show <org>', 'joulemark org list'],
      });
    const { id, name } = findKnown(session, text ?? session.home.org);
    const found = findDocument(
      documentsOf(session.chains.get(id)?.blocks ?? [], 'boundary'),
      digest,
      `boundary of '${name}'`,
    );
    const organisation = session.state.organisations.get(id);
    const declared = organisation?.declared.findLast((dated) => dated.digest === found.digest);
    const accepted = organisation?.boundaries.findLast((dated) => dated.digest === found.digest);
    const shown = (time: number | undefined): string | null =>
      time === undefined ? null : showTime(time, session.zone);
    return {
      org: id,
      name,
      digest: found.digest,
      block: { seq: found.seq, id: found.id },
      covered: shown(declared?.time),
      accepted: shown(accepted?.time),
      inForce: accepted !== undefined && organisation?.boundaries.at(-1)?.digest === found.digest,
      document: toPlainDocument(found.document),
    };
  },
  render: (result, ui) => {
    const accepted =
      result.accepted === null
        ? ui.warn(result.covered === null ? 'not broadcast yet' : 'not accepted yet')
        : `accepted ${result.accepted}${result.inForce ? '' : ', replaced since'}`;
    return [
      `boundary ${ui.strong(result.digest.slice(0, 8))} of ${ui.strong(result.name)}, block ${result.block.seq}; ${accepted}`,
      ...toDocumentLines(result.document),
    ].join('\n');
  },
});
