import { defineCommand } from '../cli/command.ts';
import { toAppendLine } from '../cli/append-line.ts';
import { type ReportedFork, reportForks } from '../home/report-forks.ts';

export const orgReportFork = defineCommand({
  path: ['org', 'report-fork'],
  summary: 'Put kept evidence of forks on your chain, for all to check',
  description:
    'A home that sees two blocks which somebody signed in one place keeps both. This appends them to your own chain, so that the evidence is copied with ' +
    'the ledger and anybody can check both signatures. Evidence that any chain here holds already is not repeated, and what proves nothing is not ' +
    'appended. It changes no verdict; the certification body can answer with joulemark org suspend.',
  examples: ['joulemark org report-fork', 'joulemark org report-fork --dry-run', 'joulemark org report-fork --json'],
  args: [],
  options: {},
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context) {
    const { reported, known, unproved, block } = await reportForks(context);
    return {
      reported: reported.map(plain),
      known: known.map(plain),
      unproved: unproved.map(({ because, ...fork }) => ({ ...plain(fork), because })),
      block,
      already: reported.length === 0 && known.length > 0,
      dryRun: context.dryRun,
    };
  },
  render: (result, ui) => {
    const { reported, known, unproved } = result;
    if (reported.length + known.length + unproved.length === 0) return 'no evidence of a fork is kept here';
    const lines = [...reported, ...known].map(
      ({ org, name, seq, blocks: [a, b] }) =>
        `${ui.strong(name)} (${org.slice(0, 8)}) signed two blocks ${seq}: ${a.slice(0, 8)} and ${b.slice(0, 8)}`,
    );
    for (const { name, org, seq, because } of unproved)
      lines.push(`${ui.warn('unproved')}  ${name} (${org.slice(0, 8)}) block ${seq}: ${because}`);
    if (reported.length > 0 || known.length > 0) lines.push(toAppendLine(result, ui, '; not yet broadcast'));
    return lines.join('\n');
  },
});

const plain = ({ org, name, seq, blocks: [a, b] }: ReportedFork) => ({ org, name, seq, blocks: [a, b] as const });
