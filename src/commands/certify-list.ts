import { defineCommand } from '../cli/command.ts';
import { JUDGED } from '../home/judged.ts';
import { openSession } from '../home/session.ts';
import { showDate } from '../programme/calendar.ts';
import { certificationRows } from '../programme/certification.ts';
import { counts } from '../programme/standing-decision.ts';

export const certifyList = defineCommand({
  path: ['certify', 'list'],
  summary: 'List the periods of every applicant and their decisions',
  examples: ['joulemark certify list', 'joulemark certify list --due', 'joulemark certify list --json'],
  args: [],
  options: { due: { description: 'only what can be decided now' } },
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context, _args, { due }) {
    const { state, zone } = openSession(context, JUDGED);
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
      /** Decisions on the ledger that came out otherwise: they have no effect, and stand in no row. */
      different: state.decisions.filter((decision) => !counts(decision)).length,
    };
  },
  render: ({ rows, due, different }, ui) => {
    const none = due ? 'nothing is due' : 'no period of an admitted applicant has begun yet';
    const differs = `${different === 1 ? '1 decision differs' : `${different} decisions differ`} from what the signed packages give and ${different === 1 ? 'has' : 'have'} no effect: joulemark certify verify`;
    const table = ui.table(
      rows.map((row) => [
        row.period,
        row.applicant,
        row.status ?? row.standing,
        row.number ?? '',
        row.standing === 'decided' ? `block ${row.block}` : `from ${row.from} until ${row.until}`,
      ]),
      { head: ['period', 'applicant', 'standing', 'number', ''] },
    );
    return [rows.length === 0 ? none : table, ...(different === 0 ? [] : [ui.bad(differs)])].join('\n');
  },
});
