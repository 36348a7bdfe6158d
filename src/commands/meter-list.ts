import { defineCommand } from '../cli/command.ts';
import { parseDecimal } from '../calc/decimal.ts';
import { toMeterLines, viewMeters } from '../home/meter-list.ts';
import { openSession } from '../home/session.ts';
import { windowFinder } from '../ingest/windows.ts';
import { showQuantity } from '../programme/show-quantity.ts';

export const meterList = defineCommand({
  path: ['meter', 'list'],
  summary: "List an organisation's meters with their last packages",
  description:
    "Of this organisation, or of the one named. One's own packages that are not broadcast yet are counted too.",
  examples: ['joulemark meter list', 'joulemark meter list guangnan-cement --json'],
  args: ['[organisation]'],
  options: {},
  effect: 'read',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [organisation]) {
    const session = openSession(context, { decisions: 'as-signed' });
    return toMeterLines(viewMeters(session, organisation, context.now()), windowFinder);
  },
  render: ({ organisation, boundary, meters }, ui) => {
    const rows = meters.map(({ meter, kind, of, unit, packages, pending, last, retired }) => [
      meter,
      kind,
      of,
      String(packages),
      pending === 0 ? '' : `${pending}`,
      last === null ? '' : last.dates,
      last === null ? '' : `${showQuantity(parseDecimal(last.quantity))} ${unit}`,
      typeof last?.register === 'string' ? showQuantity(parseDecimal(last.register)) : '',
      retired === null ? '' : `retired ${retired.slice(0, 10)}`,
    ]);
    return [
      ui.strong(organisation.name),
      ui.table(rows, {
        head: ['meter', 'kind', 'of', 'packages', 'pending', 'last', 'quantity', 'register', ''],
        align: ['left', 'left', 'left', 'right', 'right', 'left', 'right', 'right', 'left'],
      }),
      ...(boundary === 'accepted' ? [] : [ui.warn('the boundary is declared and not accepted yet')]),
    ].join('\n');
  },
});
