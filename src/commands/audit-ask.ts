import { toAppendLine } from '../cli/append-line.ts';
import { defineCommand } from '../cli/command.ts';
import { openHome } from '../home/home.ts';
import { openSession, toEntry, withWriter } from '../home/session.ts';
import { dueAsks } from '../programme/audit-calendar.ts';
import { showWindow } from '../programme/audit-window.ts';
import { showDate } from '../programme/calendar.ts';
import { type AskContent, askContent } from '../programme/entries.ts';
import type { ProgrammeState } from '../programme/state.ts';

export const auditAsk = defineCommand({
  path: ['audit', 'ask'],
  summary: 'Ask for the audits that the calendar says are due',
  description:
    'The certification body puts the asks on the ledger; broadcast does the same, so this is for once in between. Anybody else sees what would be asked ' +
    'now and appends nothing. Peers are drawn by a hash that everybody can compute again.',
  examples: ['joulemark audit ask', 'joulemark audit ask --dry-run', 'joulemark audit ask --json'],
  args: [],
  options: {},
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context) {
    if (!openHome(context.home).isBody) {
      const { state, zone } = openSession(context, { decisions: 'as-signed' });
      const asks = dueAsks(state, Math.max(context.now(), state.head.time));
      return {
        asks: viewAsks(state, asks, zone),
        block: null,
        already: asks.length === 0,
        appends: false,
        dryRun: context.dryRun,
      };
    }
    return withWriter(
      context,
      (writer) => {
        const asks = dueAsks(writer.state, Math.max(writer.now, writer.state.head.time));
        const [appended] = writer.append(asks.map((ask) => toEntry('ask', askContent, ask)));
        const block =
          appended === undefined ? null : { chain: 'programme', seq: appended.seq, id: String(appended.id) };
        return {
          asks: viewAsks(writer.state, asks, writer.zone),
          block,
          already: asks.length === 0,
          appends: true,
          dryRun: context.dryRun,
        };
      },
      { decisions: 'as-signed' },
    );
  },
  render: (result, ui) => {
    const rows = result.asks.map(({ window, applicantName, relation, auditorName, due }) => [
      window,
      applicantName,
      relation,
      auditorName,
      `due ${due}`,
    ]);
    if (rows.length === 0) return ui.dim('nothing to ask: every audit that is due was asked for');
    return [
      ui.table(rows),
      result.appends ? toAppendLine(result, ui) : ui.dim('the certification body asks; nothing was written'),
    ].join('\n');
  },
});

function viewAsks(state: ProgrammeState, asks: readonly AskContent[], zone: string) {
  return asks.map(({ applicant, relation, auditor, window, due }) => ({
    applicant,
    applicantName: state.organisations.get(applicant)?.name ?? '',
    relation,
    auditor,
    auditorName: state.organisations.get(auditor)?.name ?? '',
    window: showWindow({ start: window[0], end: window[1] }, zone),
    due: showDate(due, zone),
  }));
}
