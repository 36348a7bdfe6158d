import { defineCommand } from '../cli/command.ts';
import { toAppendLine } from '../cli/append-line.ts';
import { countOf } from '../cli/count-of.ts';
import { alreadyThere, appendEntry } from '../home/append-entry.ts';
import { documentsOf } from '../home/find-documents.ts';
import { assertBody, toEntry, withWriter } from '../home/session.ts';
import { documentContent } from '../programme/entries.ts';
import { checkRowsNeeded } from '../programme/rows-needed.ts';
import { tableNamed } from '../programme/rules.ts';
import { parseSignedDocument } from '../programme/signed-document.ts';
import { tableSchema } from '../programme/table.ts';

export const tablePublish = defineCommand({
  path: ['table', 'publish'],
  summary: 'Publish a table of conversion factors',
  description:
    'For the certification body. A policy names a table and its rows by name; the newest edition known at a decision is used, for both periods ' +
    'compared, so that no improvement comes from a new table alone. Tables to start from are in fixtures/tables.',
  examples: [
    'joulemark table publish fixtures/tables/gbt2589-2020.yaml',
    'joulemark table publish energy-units.yaml --dry-run',
  ],
  args: ['<table.yaml>'],
  options: {},
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context, [path]) {
    const table = parseSignedDocument(await context.readInput(path), path, tableSchema, 'table');
    const { name, edition, rows } = table.value;
    return withWriter(
      context,
      (writer) => {
        assertBody(writer.home, 'publish a table');
        const same = tableNamed(writer.state.tables, name)?.digest === table.digest;
        const placed = same
          ? documentsOf(writer.programme.blocks, 'table').findLast(({ digest }) => digest === table.digest)
          : undefined;
        const appended =
          placed === undefined
            ? appendEntry(writer, context.dryRun, toEntry('table', documentContent, { document: table.document }))
            : alreadyThere(writer, placed, context.dryRun);
        const policy = writer.state.policies.at(-1)?.value;
        const notes = policy === undefined || policy.energy.table !== name ? [] : checkRowsNeeded(policy, table.value);
        return { name, edition, digest: table.digest, rows: rows.size, notes: [...notes], ...appended };
      },
      { decisions: 'as-signed' },
    );
  },
  render: (result, ui) =>
    [
      `table ${ui.strong(result.name)} edition ${result.edition}   ${countOf(result.rows, 'row')}   ${result.digest.slice(0, 8)}`,
      ...result.notes.map((note) => ui.warn(`  ${note}`)),
      toAppendLine(result, ui),
    ].join('\n'),
});
