import { defineCommand } from '../cli/command.ts';
import { findChain } from '../home/find-chain.ts';
import { openSession } from '../home/session.ts';
import { showTime } from '../programme/calendar.ts';
import { keyHistory } from '../programme/key-history.ts';

export const keyList = defineCommand({
  path: ['key', 'list'],
  summary: 'List the signing keys of a chain, past and present',
  description:
    'Without an organisation: those of this home. The last line is the key announced as next: a rotation must reveal it.',
  examples: ['joulemark key list', 'joulemark key list guangnan-cement', 'joulemark key list programme --json'],
  args: ['[org]'],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'PENDING', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [text]) {
    const session = openSession(context, { decisions: 'as-signed' });
    const { name, chain } = findChain(session, text);
    return {
      chain: name,
      keys: keyHistory(chain.blocks).map(({ key, from, to }) => ({
        key,
        from: { ...from, shown: showTime(from.time, session.zone) },
        to,
      })),
      next: chain.state.keys.next,
    };
  },
  render: ({ chain, keys, next }, ui) =>
    [
      ui.strong(chain),
      ui.table([
        ...keys.map(({ key, from, to }) => [
          key.slice(0, 16),
          to === null ? ui.good('in force') : 'replaced',
          to === null ? `from block ${from.seq}` : `blocks ${from.seq} to ${to}`,
          from.shown,
        ]),
        [ui.dim(next.slice(0, 16)), ui.dim('next'), ui.dim('not revealed'), ''],
      ]),
    ].join('\n'),
});
