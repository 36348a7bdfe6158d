import { defineCommand } from '../cli/command.ts';
import { toHex } from '../crypto/hash.ts';
import { findChain } from '../home/find-chain.ts';
import { openSession } from '../home/session.ts';
import { showId } from '../ledger/codec/id.ts';

export const keyShow = defineCommand({
  path: ['key', 'show'],
  summary: 'Show the key in force of a chain: public key, id, next, recipient',
  description: 'Without an organisation: that of this home. Nothing secret is ever shown.',
  examples: ['joulemark key show', 'joulemark key show guangnan-cement --json'],
  args: ['[org]'],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'PENDING', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [text]) {
    const { name, chain } = findChain(openSession(context, { decisions: 'as-signed' }), text);
    const { current, currentId, next, recipient, past } = chain.state.keys;
    return { chain: name, publicKey: toHex(current), key: currentId, next, recipient, rotations: past.length };
  },
  render: ({ chain, publicKey, key, next, recipient, rotations }, ui) =>
    [
      ui.strong(chain),
      ui.table([
        ['public key', publicKey],
        ['key id', showId(key)],
        ['next key id', showId(next)],
        ['recipient', recipient],
        ['rotations', String(rotations)],
      ]),
    ].join('\n'),
});
