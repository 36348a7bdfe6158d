import { defineCommand } from '../cli/command.ts';
import { JoulemarkError } from '../errors.ts';
import { documentsOf, findDocument } from '../home/find-documents.ts';
import { openSession } from '../home/session.ts';
import { showTime } from '../programme/calendar.ts';
import { toDocumentLines, toPlainDocument } from '../programme/document-text.ts';

export const tableShow = defineCommand({
  path: ['table', 'show'],
  summary: 'Show a table of conversion factors as it was signed',
  description: 'By its name, the newest edition, or by the first digits of its digest.',
  examples: ['joulemark table show gbt2589-2020', 'joulemark table show f9c02d07 --json'],
  args: ['<table>'],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [text]) {
    const { programme, state, zone } = openSession(context, { decisions: 'as-signed' });
    const documents = documentsOf(programme.blocks, 'table');
    const named = state.tables.findLast((table) => table.value.name === text);
    if (named === undefined && !/^[0-9a-f]{4,64}$/i.test(text)) {
      const names = [...new Set(state.tables.map((table) => table.value.name))].join(', ');
      throw new JoulemarkError(
        'USAGE',
        `no table '${text}', ${names === '' ? 'there is none' : `there are ${names}`}`,
        { hints: ['joulemark table list'] },
      );
    }
    const found = findDocument(documents, named?.digest ?? text, 'table');
    return {
      digest: found.digest,
      block: { seq: found.seq, id: found.id },
      time: showTime(found.time, zone),
      document: toPlainDocument(found.document),
    };
  },
  render: ({ digest, block, time, document }, ui) =>
    [
      `table ${ui.strong(digest.slice(0, 8))}, programme block ${block.seq}, ${time}`,
      ...toDocumentLines(document),
    ].join('\n'),
});
