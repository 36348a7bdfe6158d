import { defineCommand } from '../cli/command.ts';
import { countOf } from '../cli/count-of.ts';
import { JoulemarkError } from '../errors.ts';
import { findChain } from '../home/find-chain.ts';
import { countTypes, newestFirst, openWithCoverage } from '../home/ledger-blocks.ts';
import { showTime } from '../programme/calendar.ts';

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new JoulemarkError('USAGE', `'${text}' is not a whole number from 1`);
  return Number(text);
}

export const ledgerLog = defineCommand({
  path: ['ledger', 'log'],
  summary: 'List blocks, newest first',
  description:
    'All chains in ledger order, or one of them. The time is ledger time: that of the broadcast that covers the block. What no broadcast covers ' +
    'yet is shown on top as waiting, with the time that its signer wrote.',
  examples: [
    'joulemark ledger log',
    'joulemark ledger log programme --limit 5',
    'joulemark ledger log guangnan-cement --json',
  ],
  args: ['[chain]'],
  options: {
    limit: { value: '<count>', short: 'n', description: 'how many blocks at most', default: '20', parse: parseLimit },
  },
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'PENDING', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [text], { limit }) {
    const { session, blocks } = openWithCoverage(context);
    const wanted = text === undefined ? null : findChain(session, text);
    const chosen = newestFirst(
      blocks.filter(
        ({ chain }) => wanted === null || chain === (wanted.isProgramme ? 'programme' : wanted.chain.state.id),
      ),
    );
    return {
      total: chosen.length,
      blocks: chosen.slice(0, limit).map(({ chain, name, block, covered }) => ({
        chain,
        name,
        seq: block.body.seq,
        id: block.id,
        covered: covered === null ? null : { seq: covered.seq, time: covered.time },
        time: showTime(covered?.time ?? block.body.time, session.zone),
        entries: [...countTypes(block)],
      })),
    };
  },
  render: ({ total, blocks }, ui) => {
    const table = ui.table(
      blocks.map(({ name, seq, id, covered, time, entries }) => [
        id.slice(0, 8),
        ui.strong(name),
        String(seq),
        covered === null ? ui.warn('waiting') : String(covered.seq),
        covered === null ? ui.dim(time) : time,
        entries.map(({ type, count }) => (count === 1 ? type : `${count} ${type}`)).join(', '),
      ]),
      { head: ['block', 'chain', 'seq', 'programme', 'time', 'entries'], align: ['left', 'left', 'right', 'right'] },
    );
    return blocks.length < total
      ? `${table}\n${ui.dim(`${countOf(total - blocks.length, 'older block')}; --limit ${total} shows all`)}`
      : table;
  },
});
