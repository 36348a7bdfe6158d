import { defineCommand, outcome } from '../cli/command.ts';
import { beforeDecision } from '../home/certify.ts';
import { coveredAnswers } from '../home/covered-answers.ts';
import { JUDGED } from '../home/judged.ts';
import { openSession } from '../home/session.ts';
import { showTime } from '../programme/calendar.ts';
import { toCertificateView } from '../programme/certificate-view.ts';
import { exitOfDecision, findDecision } from '../programme/certification.ts';
import { toDecisionView } from '../programme/decision-view.ts';
import { decisionLines } from '../programme/render-decision.ts';
import { certificateEnd, certificateLines } from '../report/certificate-lines.ts';

export const certifyShow = defineCommand({
  path: ['certify', 'show'],
  summary: 'Show a decision with its figures, audits and evidence',
  description:
    'It is recomputed first: one that comes out otherwise is not shown, and the status is 3. One that was revoked says so, and the status is 4, whatever it was.',
  examples: ['joulemark certify show JM-2022-0001', 'joulemark certify show 121:0 --json'],
  args: ['<number>'],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NOT_CERTIFIED', 'PENDING', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [number]) {
    const session = openSession(context, JUDGED);
    const decision = findDecision(session.state, number);
    const { state, applicant, decided } = beforeDecision(session, decision);
    const { content } = decision;
    const answers = coveredAnswers(session, state, applicant.id);
    return outcome(decision.revoked === undefined ? exitOfDecision(content) : 'NOT_CERTIFIED', {
      ...toDecisionView(state, applicant.id, decided, session.zone),
      certificate: toCertificateView(state, applicant, decided, decision, answers),
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
      ...certificateLines(result.certificate, result).map((line) => ui.dim(line)),
      `decided     ${result.decided}, block ${evidence.block} entry ${evidence.entry}`,
      `ledger      ${evidence.ledger}`,
      `policy      ${evidence.policy}`,
      `boundary    ${evidence.boundary ?? 'none'}`,
      ...evidence.tables.map((table) => `table       ${table}`),
      `packages    baseline ${evidence.packages.baseline}`,
      `            period   ${evidence.packages.reporting}`,
      `evaluation  ${evidence.evaluation}`,
      ...evidence.audits.map((audit) => `audit       ${audit}`),
      ...certificateEnd(result.number ?? `${evidence.block}:${evidence.entry}`, evidence.ledger).map((line) =>
        ui.dim(line),
      ),
    ].join('\n');
  },
});
