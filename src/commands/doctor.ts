import { defineCommand, outcome } from '../cli/command.ts';
import { checkHome } from '../home/check-home.ts';
import { toSyncOptions, toTransportOptions } from '../home/sync-options.ts';

export const doctor = defineCommand({
  path: ['doctor'],
  summary: 'Check the home: files, keys, clock, lock, journal, ledger, remotes',
  description:
    'Looks at everything that this home rests on and changes nothing. With --online the remotes are asked too. The exit status is that of the first bad thing found.',
  examples: ['joulemark doctor', 'joulemark doctor --online', 'joulemark doctor --json'],
  args: [],
  options: { online: { description: 'ask the remotes too' } },
  effect: 'read',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'PENDING', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED'],
  async run(context, _args, { online }) {
    const checks = await checkHome(context.home, {
      now: context.now(),
      online,
      reach: toTransportOptions(toSyncOptions(context)),
    });
    const first = checks.find(({ outcome: found }) => found === 'bad');
    return outcome(first?.code ?? 'OK', {
      home: context.home,
      version: context.version,
      bad: checks.filter(({ outcome: found }) => found === 'bad').length,
      warnings: checks.filter(({ outcome: found }) => found === 'warning').length,
      checks: checks.map(({ check, outcome: found, found: text, hints }) => ({
        check,
        outcome: found,
        found: text,
        hints: [...hints],
      })),
    });
  },
  render: ({ home, version, bad, warnings, checks }, ui) => {
    const words = { good: ui.good('good'), warning: ui.warn('look'), bad: ui.bad('bad') };
    return [
      ui.table(
        checks.map(({ check, outcome: found, found: text, hints }) => [
          words[found],
          ui.strong(check),
          [text, ...hints.map((hint) => ui.dim(hint))].join('\n'),
        ]),
      ),
      '',
      `joulemark ${version}, ${home}: ${bad === 0 ? 'nothing bad' : `${bad} bad`}${warnings === 0 ? '' : `, ${warnings} to look at`}`,
    ].join('\n');
  },
});
