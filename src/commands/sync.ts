import { defineCommand, outcome } from '../cli/command.ts';
import { JoulemarkError } from '../errors.ts';
import { openHome } from '../home/home.ts';
import { exitOfSync, syncRemotes } from '../home/sync-remotes.ts';
import { withHomeLock } from '../home/writer.ts';

export const sync = defineCommand({
  path: ['sync'],
  summary: 'Fetch from every remote, verify, and publish your own chain',
  description:
    'What comes in is verified in quarantine before it becomes visible. Only your own branch is pushed. A remote that has less than you is ' +
    'normal and no failure; a remote that fails does not keep the others from being served. Safe to repeat at any time, from cron too.',
  examples: ['joulemark sync', 'joulemark sync --fetch-only --json', 'joulemark sync --quiet'],
  args: [],
  options: { fetchOnly: { description: 'do not publish' } },
  effect: 'write',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'DIVERGED'],
  async run(context, _args, { fetchOnly }) {
    const home = openHome(context.home);
    if ((home.config.remotes?.size ?? 0) === 0) {
      throw new JoulemarkError('USAGE', 'no remote to sync with', {
        hints: ['joulemark remote add origin <url or folder>'],
      });
    }
    // an append that a crash cut short goes out with this sync
    await withHomeLock(home.paths, home.store, context.wait, () => undefined);
    const remotes = await syncRemotes(
      home,
      { now: context.now(), wait: Math.max(context.wait, 10) },
      { fetch: true, publish: !fetchOnly },
    );
    return outcome(exitOfSync(remotes), { remotes });
  },
  render: ({ remotes }, ui) =>
    remotes
      .map(({ name, url, taken = [], behind = [], refused = [], published, error }) => {
        const lines = [`${ui.strong(name)}  ${url}`];
        if (error !== null)
          return [
            ...lines,
            `  ${ui.bad('failed')}    ${error.message}`,
            ...error.hints.map((hint) => `  hint      ${hint}`),
          ].join('\n');
        const blocks = taken.reduce((sum, one) => sum + one.blocks, 0);
        lines.push(
          taken.length === 0
            ? '  fetched   nothing new'
            : `  fetched   ${blocks} blocks in ${taken.length} chains, verified`,
        );
        if (behind.length > 0)
          lines.push(
            `  behind    it has less than you of ${behind.length} ${behind.length === 1 ? 'chain' : 'chains'}`,
          );
        for (const { ref, because } of refused) lines.push(`  ${ui.warn('refused')}   ${ref}: ${because}`);
        lines.push(published ? `  ${ui.good('published')} your chain` : '  published nothing new');
        return lines.join('\n');
      })
      .join('\n'),
});
