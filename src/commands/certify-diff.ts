import { defineCommand } from '../cli/command.ts';
import { comparedDecisions, NOW } from '../home/compare-decisions.ts';
import { diffDecisions } from '../programme/diff-decisions.ts';
import { diffLines } from '../programme/render-diff.ts';

export const certifyDiff = defineCommand({
  path: ['certify', 'diff'],
  summary: 'Show what changed between two decisions, or between one and now',
  description:
    'Each is computed at its own place in the ledger: what it rests on (packages, factors, policy, method, boundary, audits) and the figures it comes to, exact and displayed. ' +
    'With one decision, the other is the answer that its applicant and period would get now: whether something on the ledger since would change it.',
  examples: [
    'joulemark certify diff JM-2022-0001',
    'joulemark certify diff JM-2021-0004 JM-2022-0001',
    'joulemark certify diff 121:0 now --json',
  ],
  args: ['<number>', '[other]'],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'PENDING', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [one, other]) {
    return diffDecisions(...comparedDecisions(context, one, other ?? NOW));
  },
  render: (diff, ui) => diffLines(diff, ui).join('\n'),
});
