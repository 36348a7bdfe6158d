import { defineCommand, outcome } from '../cli/command.ts';
import { openSession } from '../home/session.ts';
import { findDecision } from '../programme/certification.ts';

export const certifyVerify = defineCommand({
  path: ['certify', 'verify'],
  summary: 'Recompute a decision from the signed packages and compare it byte for byte',
  description: 'Without a number every decision of the ledger is recomputed, each at its own position. Needs no key and no network.',
  examples: ['joulemark certify verify JM-2022-0001', 'joulemark certify verify --json'],
  args: ['[number]'],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [number]) {
    const { state } = openSession(context);
    const decisions = number === undefined ? state.decisions : [findDecision(state, number)];
    const rows = decisions.map(({ seq, entry, content, recomputed, revoked }) => ({
      number: content.number ?? null,
      block: seq,
      entry,
      applicant: state.organisations.get(content.applicant)?.name ?? '',
      status: content.status,
      recomputed,
      revoked: revoked !== undefined,
      because: state.findings.find((finding) => finding.place.chain === 'programme' && finding.place.seq === seq && finding.place.entry === entry)?.message ?? null,
    }));
    return outcome(rows.every((row) => row.recomputed) ? 'OK' : 'VERIFY_FAILED', { decisions: rows });
  },
  render: ({ decisions }, ui) =>
    decisions.length === 0
      ? 'the ledger holds no decision'
      : decisions
          .map(({ number, block, applicant, status, recomputed, because, revoked }) => {
            const verdict = recomputed ? ui.good('the same bytes') : ui.bad(`DIFFERENT: ${because ?? ''}`);
            return `${number ?? `block ${block}`}   ${applicant}   ${status}${revoked ? ' (revoked)' : ''}   recomputed: ${verdict}`;
          })
          .join('\n'),
});
