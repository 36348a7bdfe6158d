import { defineCommand } from '../cli/command.ts';
import { openSession } from '../home/session.ts';
import { showDate } from '../programme/calendar.ts';

export const tableList = defineCommand({
  path: ['table', 'list'],
  summary: 'List the tables of conversion factors on the ledger',
  examples: ['joulemark table list', 'joulemark table list --json'],
  args: [],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context) {
    const { state, zone } = openSession(context, { decisions: 'as-signed' });
    const used = state.policies.at(-1)?.value.energy.table;
    const newest = new Map(state.tables.map((table) => [table.value.name, table]));
    return {
      tables: state.tables.map((table) => ({
        name: table.value.name,
        edition: table.value.edition,
        digest: table.digest,
        rows: table.value.rows.size,
        series: [...(table.value.series?.keys() ?? [])],
        published: showDate(table.time, zone),
        newest: newest.get(table.value.name) === table,
        usedByPolicy: table.value.name === used,
      })),
    };
  },
  render: ({ tables }, ui) =>
    tables.length === 0
      ? ui.dim('no tables yet; publish one: joulemark table publish fixtures/tables/gbt2589-2020.yaml')
      : ui.table(
          tables.map(({ name, edition, digest, rows, published, newest, usedByPolicy }) => [
            digest.slice(0, 8),
            ui.strong(name),
            edition,
            String(rows),
            published,
            [newest ? '' : ui.dim('replaced'), usedByPolicy ? 'named by the policy' : '']
              .filter((word) => word !== '')
              .join(', '),
          ]),
          { head: ['digest', 'name', 'edition', 'rows', 'published', ''], align: ['left', 'left', 'left', 'right'] },
        ),
});
