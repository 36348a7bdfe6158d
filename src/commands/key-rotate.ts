import { defineCommand } from '../cli/command.ts';
import { toAppendLine } from '../cli/append-line.ts';
import { rotateOnto } from '../home/rotate-onto.ts';
import { toSyncOptions } from '../home/sync-options.ts';
import { JoulemarkError } from '../errors.ts';
import { readHomeConfig } from '../home/home.ts';

export const keyRotate = defineCommand({
  path: ['key', 'rotate'],
  summary: 'Replace the signing key by the next key',
  description:
    'When a key is lost, stolen, or old. Only the next key, announced before, can do it; the thief of a signing key cannot. A fresh next key is ' +
    'made: move it to another place, offline.\n\n' +
    'When a thief published first, a remote takes no branch that leaves out what it has: --onto goes on from there. His blocks stay on record, to be ' +
    'put right by ordinary entries; what of your own was left out is appended again.\n\n' +
    'Safe to repeat: a rotation that was cut short is completed, not done twice.',
  examples: [
    'joulemark key rotate',
    'joulemark key rotate --next-key /media/safe/next.key',
    'joulemark key rotate --onto origin',
    'joulemark key rotate --dry-run',
  ],
  args: [],
  options: {
    nextKey: { value: '<file>', description: 'where the next key lies (default: keys/next.key in the home)' },
    onto: { value: '<remote>', description: 'on top of the branch of your chain that this remote holds' },
  },
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context, _args, { nextKey, onto }) {
    if (onto !== undefined && context.dryRun)
      throw new JoulemarkError('USAGE', '--onto takes over a branch before it rotates: there is no dry run of it');
    const { config, paths } = readHomeConfig(context.home);
    const { before, current, next, block, completed, putBack } = await rotateOnto(
      context,
      nextKey === undefined ? undefined : context.resolve(nextKey),
      onto === undefined ? null : { remote: onto, options: toSyncOptions(context) },
    );
    const chain = config.org === config.ledger ? 'programme' : config.name;
    return {
      before,
      current,
      next,
      completed,
      putBack,
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
      ...(result.putBack === 0 ? [] : [`put back      ${result.putBack} entries of yours that had been left out`]),
      `next key      ${result.next.slice(0, 8)}${result.dryRun ? '' : `, in ${result.nextKeyFile}: move it to another place, offline`}`,
    ].join('\n'),
});
