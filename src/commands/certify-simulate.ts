import { defineCommand, outcome } from '../cli/command.ts';
import { countOf } from '../cli/count-of.ts';
import { simulateDecision } from '../home/simulate-decision.ts';
import { showDate } from '../programme/calendar.ts';
import { toDecisionView } from '../programme/decision-view.ts';
import { decisionLines } from '../programme/render-decision.ts';
import type { Answer } from '../programme/simulate.ts';

export const certifySimulate = defineCommand({
  path: ['certify', 'simulate'],
  summary: 'Show what the decision on a period would be now; nothing is appended',
  description:
    "Anybody's question, with no key: computes the answer from what broadcasts cover, as certify run would, and says what is pending here and what the answer would be if the next broadcast covered it. " +
    'A period that is still open is judged as if nothing more came: the days to come are gaps, filled against the claimant.\n\n' +
    'The exit status is that of the verdict from what is covered, with --pending that of the verdict with what is pending. Without --period it is the period to be decided next.',
  examples: [
    'joulemark certify simulate guangnan',
    'joulemark certify simulate northampton --period 2022 --json',
    'joulemark certify simulate northampton --pending',
  ],
  args: ['<applicant>'],
  options: {
    period: { value: '<period>', description: 'the period: its year, its month, or its first date' },
    pending: { description: 'end with the status of the answer that counts what is pending' },
  },
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NOT_CERTIFIED', 'PENDING', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [name], { period: label, pending: countPending }) {
    const { zone, period, opens, covered, pending, withPending, standing } = simulateDecision(context, name, label);
    const viewOf = ({ state, applicant, decided }: Answer) => toDecisionView(state, applicant.id, decided, zone);
    const deciding = countPending ? (withPending ?? covered) : covered;
    return outcome(deciding.decided.exit, {
      applicant: covered.applicant.name,
      applicantId: covered.applicant.id,
      period: period.label,
      opens: opens === null ? null : showDate(opens, zone),
      covered: viewOf(covered),
      pending,
      withPending: withPending === null ? null : viewOf(withPending),
      standing:
        standing === null
          ? null
          : {
              number: standing.content.number ?? null,
              block: standing.seq,
              entry: standing.entry,
              status: standing.content.status,
            },
    });
  },
  render: ({ applicant, period, opens, covered, pending, withPending, standing }, ui) => {
    const verdict = ({ status, reasons }: typeof covered): string =>
      `${status === 'CERTIFIED' ? ui.good(status) : ui.bad(status)}${reasons.length === 0 ? '' : `: ${reasons.join(', ')}`}`;
    const lines = [
      ui.strong(`${applicant}, ${period}: what the decision would be; nothing is appended`),
      ...(opens === null ? [] : [ui.dim(`the period can be decided from ${opens} on; judged as if nothing more came`)]),
      '',
      `${ui.strong('covered')}   up to broadcast ${covered.broadcast.seq} (${covered.broadcast.time})`,
      ...decisionLines(covered, ui),
      verdict(covered),
      '',
    ];
    if (withPending === null) lines.push(ui.dim('nothing is pending here'));
    else
      lines.push(
        `${ui.strong('pending')}   in no broadcast yet, as this home holds it:`,
        ...pending.map(({ organisation, id, blocks, packages, corrections, audits, others }) => {
          const parts = [
            [packages, 'package'],
            [corrections, 'correction'],
            [audits, 'audit'],
            [others, 'other'],
          ] as const;
          const what = parts
            .filter(([count]) => count > 0)
            .map(([count, word]) => countOf(count, word))
            .join(', ');
          return `  ${organisation === '' ? id.slice(0, 8) : organisation}: ${countOf(blocks, 'block')}${what === '' ? '' : ` with ${what}`}`;
        }),
        'if the next broadcast covered it now:',
        ...decisionLines(withPending, ui),
        verdict(withPending),
      );
    if (standing !== null)
      lines.push(
        ui.dim(
          `a decision stands already: ${standing.number ?? `block ${standing.block}`}, ${standing.status}; what changed: joulemark certify diff ${standing.number ?? `${standing.block}:${standing.entry}`}`,
        ),
      );
    return lines.join('\n');
  },
});
