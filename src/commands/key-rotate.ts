import { defineCommand } from '../cli/command.ts';
import { toAppendLine } from '../cli/append-line.ts';
import { rotateKey } from '../home/rotate-key.ts';
import { readHomeConfig } from '../home/home.ts';

export const keyRotate = defineCommand({
  path: ['key', 'rotate'],
  summary: 'Replace the signing key by the next key',
  description:
    'When a key is lost, stolen, or old. Only the next key, announced before, can do it; the thief of a signing key cannot. A fresh next key is ' +
    'made: move it to another place, offline.\n\n' +
    'Safe to repeat: a rotation that was cut short is completed, not done twice.',
  examples: [
    'joulemark key rotate',
    'joulemark key rotate --next-key /media/safe/next.key',
    'joulemark key rotate --dry-run',
  ],
  args: [],
  options: {
    nextKey: { value: '<file>', description: 'where the next key lies (default: keys/next.key in the home)' },
  },
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context, _args, { nextKey }) {
    const { config, paths } = readHomeConfig(context.home);
    const { before, current, next, block, completed } = await rotateKey(
      context,
      nextKey === undefined ? undefined : context.resolve(nextKey),
    );
    const chain = config.org === config.ledger ? 'programme' : config.name;
    return {
      before,
      current,
      next,
      completed,
      nextKeyFile: paths.nextKeyFile,
      block: { chain, ...block },
      already: false,
      dryRun: context.dryRun,
    };
  },
  render: (result, ui) =>
    [
      result.completed
        ? `${ui.good('completed')} a rotation that was cut short`
        : toAppendLine(result, ui, result.block.chain === 'programme' ? '' : '; not yet broadcast'),
      `signing key   ${result.before.slice(0, 8)} -> ${ui.strong(result.current.slice(0, 8))}`,
      `next key      ${result.next.slice(0, 8)}${result.dryRun ? '' : `, in ${result.nextKeyFile}: move it to another place, offline`}`,
    ].join('\n'),
});
