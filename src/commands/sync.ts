import { defineCommand, outcome } from '../cli/command.ts';
import { JoulemarkError } from '../errors.ts';
import { type Home, openHome } from '../home/home.ts';
import { toLeftLines } from '../home/newcomers.ts';
import { exitOfSync, type RemoteOutcome, syncRemotes } from '../home/sync-remotes.ts';
import { toSyncOptions } from '../home/sync-options.ts';
import { withHomeLock } from '../home/writer.ts';
import { type Id, parseId } from '../ledger/codec/id.ts';
import { organisationRef } from '../ledger/git/ref-name.ts';

export const sync = defineCommand({
  path: ['sync'],
  summary: 'Fetch from every remote, verify, and publish your own chain',
  description:
    'What comes in is verified in quarantine before it becomes visible. Only your own branch is pushed; into a bundle file goes all that you hold. ' +
    'A remote that has less than you is normal and no failure. Safe to repeat at any time, from cron too.\n\n' +
    'Of organisations that were never admitted nothing is fetched but what a broadcast lists: anybody may publish a branch. The certification body ' +
    'fetches some of the others each time, to list them. To fetch one of them, whoever you are, name it by its id with --newcomer.\n\n' +
    'A remote that fails does not keep the others from being served; the status is then 1, or that of the worst that one shows. Name remotes to ' +
    'leave out one that is not always there, a stick for example.\n\n' +
    'Where a host asks for a password over https, it comes from JOULEMARK_HTTP_USERNAME and JOULEMARK_HTTP_PASSWORD or JOULEMARK_HTTP_PASSWORD_FILE ' +
    '(with JOULEMARK_HTTP_HOST where remotes are on several hosts), else from the credential helpers of git. Over ssh it has to work without a question.',
  examples: [
    'joulemark sync',
    'joulemark sync --fetch-only --json',
    'joulemark sync origin --quiet',
    'joulemark sync --newcomer 3f9c1a7e0b2d44c1...',
  ],
  args: ['[remote...]'],
  options: {
    fetchOnly: { description: 'do not publish' },
    newcomer: {
      value: '<id>',
      description: 'fetch the branch of this organisation too, all 64 digits, whoever has listed or admitted it',
      parse: parseId,
    },
  },
  effect: 'write',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'DIVERGED'],
  async run(context, [only], { fetchOnly, newcomer }) {
    const home = openHome(context.home);
    if ((home.config.remotes?.size ?? 0) === 0) {
      throw new JoulemarkError('USAGE', 'no remote to sync with', {
        hints: ['joulemark remote add origin <url or folder>'],
      });
    }
    // an append that a crash cut short goes out with this sync
    await withHomeLock(home.paths, home.store, context.wait, () => undefined);
    const options = { ...toSyncOptions(context), named: newcomer === undefined ? [] : [newcomer] };
    const remotes = await syncRemotes(home, options, { fetch: true, publish: !fetchOnly, only });
    if (newcomer !== undefined && exitOfSync(remotes) === 'OK') assertFetched(home, newcomer, remotes);
    return outcome(exitOfSync(remotes), { remotes });
  },
  render: ({ remotes }, ui) =>
    remotes
      .map(({ name, url, taken = [], behind = [], refused = [], left, ownFork, published, error }) => {
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
        for (const { ref, because } of refused.slice(0, MOST_REFUSED))
          lines.push(`  ${ui.warn('refused')}   ${ref}: ${because}`);
        if (refused.length > MOST_REFUSED)
          lines.push(`  ${ui.warn('refused')}   ${refused.length - MOST_REFUSED} more branches; all of them: --json`);
        if (left) lines.push(...toLeftLines(left));
        if (ownFork?.leftOut === true)
          lines.push(
            `  ${ui.warn('left out')}  your blocks from ${ownFork.seq} on: the chain goes on with another block ${ownFork.seq}`,
            '  hint      to go on from there, your entries put back: joulemark key rotate',
          );
        if (ownFork?.decided === true && !ownFork.leftOut)
          lines.push(
            `  ${ui.warn('other')}     it holds another block ${ownFork.seq} of your chain, which the certification body has not taken; publish elsewhere`,
          );
        lines.push(published ? `  ${ui.good('published')} your chain` : '  published nothing new');
        return lines.join('\n');
      })
      .join('\n'),
});

/** Whoever publishes thousands of broken branches does not fill everybody's terminal and mail. */
const MOST_REFUSED = 10;

/** @throws JoulemarkError FAILED when the branch of `newcomer` is at no remote, or is refused. */
function assertFetched({ store }: Home, newcomer: Id, remotes: readonly RemoteOutcome[]): void {
  const ref = organisationRef(newcomer);
  if (store.readRef(ref) !== null) return;
  const refused = remotes.flatMap((remote) => remote.refused ?? []).find((one) => one.ref === ref);
  throw new JoulemarkError(
    'FAILED',
    refused === undefined
      ? `no remote has a branch of the organisation ${newcomer}`
      : `the branch of the organisation ${newcomer} is refused: ${refused.because}`,
    { hints: refused === undefined ? ['compare the id, digit by digit', 'joulemark remote list'] : [] },
  );
}
