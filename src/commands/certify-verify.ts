import { defineCommand, outcome } from '../cli/command.ts';
import type { ExitName } from '../errors.ts';
import { openSession } from '../home/session.ts';
import { findDecision } from '../programme/certification.ts';

export const certifyVerify = defineCommand({
  path: ['certify', 'verify'],
  summary: 'Recompute a decision from the signed packages and compare it byte for byte',
  description:
    'Without a number every decision of the ledger is recomputed, each at its own position. Needs no key and no network.',
  examples: ['joulemark certify verify JM-2022-0001', 'joulemark certify verify --json'],
  args: ['[number]'],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'PENDING', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [number]) {
    const { state } = openSession(context);
    const decisions = number === undefined ? state.decisions : [findDecision(state, number)];
    const rows = decisions.map(({ seq, entry, content, recomputed, revoked }) => {
      const found = state.findings.find(
        ({ place }) => place.chain === 'programme' && place.seq === seq && place.entry === entry,
      );
      return {
        number: content.number ?? null,
        block: seq,
        entry,
        applicant: state.organisations.get(content.applicant)?.name ?? '',
        status: content.status,
        verdict: verdictOf(recomputed, found?.code),
        revoked: revoked !== undefined,
        because: found?.message ?? null,
      };
    });
    return outcome(exitOf(rows.map((row) => row.verdict)), { decisions: rows });
  },
  render: ({ decisions }, ui) =>
    decisions.length === 0
      ? 'the ledger holds no decision'
      : decisions
          .map(({ number, block, applicant, status, verdict, because, revoked }) => {
            const answer =
              verdict === 'same'
                ? ui.good('the same bytes')
                : ui.bad(`${verdict === 'different' ? 'DIFFERENT' : 'NOT HERE'}: ${because ?? ''}`);
            return `${number ?? `block ${block}`}   ${applicant}   ${status}${revoked ? ' (revoked)' : ''}   recomputed: ${answer}`;
          })
          .join('\n'),
});

type Verdict = 'same' | 'different' | 'not-recomputed';

/** A copy that lacks what a decision rests on cannot say that it differs. */
function verdictOf(recomputed: boolean, code: string | undefined): Verdict {
  if (recomputed) return 'same';
  return code === 'decision-not-recomputed' ? 'not-recomputed' : 'different';
}

function exitOf(verdicts: readonly Verdict[]): ExitName {
  if (verdicts.includes('different')) return 'VERIFY_FAILED';
  return verdicts.includes('not-recomputed') ? 'PENDING' : 'OK';
}
