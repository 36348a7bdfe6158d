import { defineCommand, outcome } from '../cli/command.ts';
import { beforeDecision, openToShow } from '../home/certify.ts';
import { showTime } from '../programme/calendar.ts';
import { exitOfDecision, findDecision } from '../programme/certification.ts';
import { toDecisionView } from '../programme/decision-view.ts';
import { decisionLines } from '../programme/render-decision.ts';

export const certifyShow = defineCommand({
  path: ['certify', 'show'],
  summary: 'Show a decision with its figures, audits and evidence',
  examples: ['joulemark certify show JM-2022-0001', 'joulemark certify show 121:0 --json'],
  args: ['<number>'],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NOT_CERTIFIED', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [number]) {
    const session = openToShow(context);
    const decision = findDecision(session.state, number);
    const { state, applicant, decided } = beforeDecision(session, decision);
    const { content } = decision;
    return outcome(exitOfDecision(content), {
      ...toDecisionView(state, applicant.id, decided, session.zone),
      status: content.status,
      number: content.number ?? null,
      decided: showTime(decision.time, session.zone),
      revoked:
        decision.revoked === undefined
          ? null
          : { reason: decision.revoked.reason, time: showTime(decision.revoked.time, session.zone) },
      evidence: {
        ledger: session.home.ledger,
        block: decision.seq,
        entry: decision.entry,
        policy: content.policy,
        boundary: content.boundary,
        tables: content.tables,
        packages: content.packages,
        audits: content.audits.map(({ auditor, seq, entry }) => `${auditor}:${seq}:${entry}`),
        evaluation: content.evaluation,
      },
    });
  },
  render: (result, ui) => {
    const word = result.status === 'CERTIFIED' ? ui.good(result.status) : ui.bad(result.status);
    const { evidence } = result;
    return [
      `${ui.strong(result.number ?? `block ${evidence.block}`)}   ${word}   ${result.applicant}, ${result.period}`,
      ...(result.revoked === null ? [] : [ui.bad(`REVOKED   ${result.revoked.time}: ${result.revoked.reason}`)]),
      ...decisionLines(result, ui),
      `decided     ${result.decided}, block ${evidence.block} entry ${evidence.entry}`,
      `ledger      ${evidence.ledger}`,
      `policy      ${evidence.policy}`,
      `boundary    ${evidence.boundary ?? 'none'}`,
      ...evidence.tables.map((table) => `table       ${table}`),
      `packages    baseline ${evidence.packages.baseline}`,
      `            period   ${evidence.packages.reporting}`,
      `evaluation  ${evidence.evaluation}`,
      ui.dim(`check it: joulemark certify verify ${result.number ?? `${evidence.block}:${evidence.entry}`}`),
    ].join('\n');
  },
});
