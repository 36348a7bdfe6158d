import { defineCommand } from '../cli/command.ts';
import { openToShow } from '../home/certify.ts';
import { showDate } from '../programme/calendar.ts';
import { certificationRows } from '../programme/certification.ts';

export const certifyList = defineCommand({
  path: ['certify', 'list'],
  summary: 'List the periods of every applicant and their decisions',
  examples: ['joulemark certify list', 'joulemark certify list --due', 'joulemark certify list --json'],
  args: [],
  options: { due: { description: 'only what can be decided now' } },
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context, _args, { due }) {
    const { state, zone } = openToShow(context);
    const now = Math.max(context.now(), state.head.time);
    const rows = certificationRows(state, now).filter(
      (row) => !due || row.standing === 'due' || row.standing === 'overdue',
    );
    return {
      rows: rows.map(({ applicant, period, from, until, decision, standing }) => ({
        applicant: applicant.name,
        applicantId: applicant.id,
        period: period.label,
        standing,
        from: showDate(from, zone),
        until: showDate(until, zone),
        status: decision?.content.status ?? null,
        number: decision?.content.number ?? null,
        revoked: decision?.revoked !== undefined,
        block: decision?.seq ?? null,
      })),
      due,
    };
  },
  render: ({ rows, due }, ui) => {
    if (rows.length === 0) return due ? 'nothing is due' : 'no period of an admitted applicant has begun yet';
    return ui.table(
      rows.map((row) => [
        row.period,
        row.applicant,
        row.status ?? row.standing,
        row.number ?? '',
        row.standing === 'decided' ? `block ${row.block}` : `from ${row.from} until ${row.until}`,
      ]),
      { head: ['period', 'applicant', 'standing', 'number', ''] },
    );
  },
});
