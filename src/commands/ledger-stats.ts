import { countPackages } from '../programme/packages.ts';
import { defineCommand } from '../cli/command.ts';
import { countOf } from '../cli/count-of.ts';
import { countTypes, openWithCoverage } from '../home/ledger-blocks.ts';
import { showTime } from '../programme/calendar.ts';

export const ledgerStats = defineCommand({
  path: ['ledger', 'stats'],
  summary: 'Count what the ledger holds here',
  description:
    'Blocks and bytes of every chain, entries by type, packages that count, and the findings of reading it: entries that have no effect.',
  examples: ['joulemark ledger stats', 'joulemark ledger stats --json'],
  args: [],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context) {
    const { session, blocks } = openWithCoverage(context);
    const { state } = session;
    const chains = new Map<string, { name: string; blocks: number; waiting: number; entries: number; bytes: number }>();
    const types = new Map<string, number>();
    for (const { chain, name, block, covered } of blocks) {
      const counted = chains.get(chain) ?? { name, blocks: 0, waiting: 0, entries: 0, bytes: 0 };
      counted.blocks += 1;
      counted.waiting += covered === null ? 1 : 0;
      counted.entries += block.items.length;
      counted.bytes +=
        block.bytes.length +
        block.items.reduce((sum, item) => sum + ('leaf' in item ? item.leaf.length : item.bytes.length), 0);
      chains.set(chain, counted);
      for (const { type, count } of countTypes(block)) types.set(type, (types.get(type) ?? 0) + count);
    }
    const findings = new Map<string, number>();
    for (const { code } of state.findings) findings.set(code, (findings.get(code) ?? 0) + 1);
    const first = session.programme.blocks[0]?.body.time;
    return {
      chains: [...chains].map(([chain, counted]) => ({ chain, ...counted })),
      blocks: blocks.length,
      entries: Object.fromEntries([...types].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      packages: [...state.organisations.values()].reduce((sum, { packages }) => sum + countPackages(packages), 0),
      audits: [...state.organisations.values()].reduce((sum, { audits }) => sum + audits.length, 0),
      decisions: state.decisions.length,
      findings: Object.fromEntries([...findings].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      from: first === undefined ? null : showTime(first, session.zone),
      to: showTime(state.head.time, session.zone),
    };
  },
  render: (stats, ui) => {
    const counts = (of: Readonly<Record<string, number>>): string =>
      Object.entries(of)
        .map(([word, count]) => `${count} ${word}`)
        .join(', ') || 'none';
    return [
      ui.table(
        stats.chains.map(({ name, blocks, waiting, entries, bytes }) => [
          ui.strong(name),
          String(blocks),
          String(entries),
          String(bytes),
          waiting === 0 ? '' : ui.warn(`${waiting} waiting`),
        ]),
        { head: ['chain', 'blocks', 'entries', 'bytes', ''], align: ['left', 'right', 'right', 'right'] },
      ),
      `entries    ${counts(stats.entries)}`,
      `counting   ${countOf(stats.packages, 'package')}, ${countOf(stats.audits, 'audit')}, ${countOf(stats.decisions, 'decision')}`,
      `findings   ${counts(stats.findings)}`,
      `from       ${stats.from ?? '-'} to ${stats.to}`,
    ].join('\n');
  },
});
