import { defineCommand, outcome } from '../cli/command.ts';
import { runCertification } from '../home/certify.ts';
import { exitOfDecision } from '../programme/certification.ts';
import { toDecisionView } from '../programme/decision-view.ts';
import { decisionLines } from '../programme/render-decision.ts';

export const certifyRun = defineCommand({
  path: ['certify', 'run'],
  summary: 'Compare a period with the history, decide, and put the decision on the ledger',
  description:
    'Computes energy per unit of product for each product type from the signed packages, compares it with the baseline, weighs the audits by the policy. A final ' +
    'answer, refusals too, becomes an entry; while the period is open or evidence can still come, nothing is appended and the status is 5. The exit status is the ' +
    'same on every run, whether something was appended or not.',
  examples: [
    'joulemark certify run northampton --period 2022',
    'joulemark certify run guangnan --period 2026 --dry-run',
    'joulemark certify run guangnan --period 2026 --json',
  ],
  args: ['<applicant>'],
  options: {
    period: { value: '<period>', description: 'the period: its year, its month, or its first date', required: true },
  },
  effect: 'append',
  exits: [
    'OK',
    'USAGE',
    'VERIFY_FAILED',
    'NOT_CERTIFIED',
    'PENDING',
    'NO_LEDGER',
    'LOCKED',
    'KEY_UNAVAILABLE',
    'DIVERGED',
  ],
  async run(context, [name], { period }) {
    const { state, zone, applicant, decided, standing, appended } = await runCertification(context, name, period);
    const view = toDecisionView(state, applicant.id, decided, zone);
    const exit = standing === null ? decided.exit : exitOfDecision(standing.content);
    return outcome(exit, {
      ...view,
      number: standing?.content.number ?? view.number,
      already: standing !== null,
      block: appended?.seq ?? standing?.seq ?? null,
      dryRun: context.dryRun,
    });
  },
  render: (result, ui) => {
    const lines = [...decisionLines(result, ui)];
    const word = result.status === 'CERTIFIED' ? ui.good(result.status) : ui.bad(result.status);
    const reasons = result.reasons.length === 0 ? '' : `: ${result.reasons.join(', ')}`;
    lines.push(
      `${word}${result.number === null ? '' : `   ${ui.strong(result.number)}`}${reasons}, at broadcast ${result.broadcast.seq} (${result.broadcast.time})`,
    );
    if (result.already) lines.push(ui.dim(`already in the ledger: block ${result.block}`));
    else if (!result.final) lines.push(ui.dim('not final: nothing was appended'));
    else
      lines.push(
        ui.dim(
          result.dryRun ? 'nothing was written' : `appended block ${result.block}; not yet published: joulemark sync`,
        ),
      );
    return lines.join('\n');
  },
});
