import { defineCommand, outcome } from '../cli/command.ts';
import { countOf } from '../cli/count-of.ts';
import { broadcastOnce } from '../home/broadcast.ts';
import { openHome } from '../home/home.ts';
import { toSyncOptions } from '../home/sync-options.ts';
import { exitOfSync, syncRemotes } from '../home/sync-remotes.ts';

export const broadcast = defineCommand({
  path: ['broadcast'],
  summary: 'Sync, put the new heads of all chains and the asks that fell due on the ledger, publish',
  description:
    'For the certification body, from cron. What a broadcast lists is final and has its place and time. Run it at least once a day, with news or ' +
    'without: auditors offline see up to which broadcast their copy goes. Run again within the hour without news it appends nothing.',
  examples: ['joulemark broadcast', 'joulemark broadcast --dry-run', 'joulemark broadcast --offline --json'],
  args: [],
  options: { offline: { description: 'neither fetch nor publish' } },
  effect: 'append',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED'],
  async run(context, _args, { offline }) {
    const options = toSyncOptions(context);
    const fetched = offline ? [] : await syncRemotes(openHome(context.home), options, { fetch: true, publish: false });
    const { heads, asks, appended } = await broadcastOnce(context);
    const remotes =
      offline || context.dryRun
        ? fetched
        : await syncRemotes(openHome(context.home), options, { fetch: false, publish: true });
    const failed = [...fetched, ...remotes].filter((remote) => remote.error !== null);
    return outcome(exitOfSync(failed), {
      heads,
      asks: asks.map(({ applicant, relation, auditor, window, due }) => ({
        applicant,
        relation,
        auditor,
        window: [...window],
        due,
      })),
      block: appended === null ? null : { seq: appended.seq, id: appended.id },
      failed: failed.map(({ name, error }) => ({ name, message: error?.message ?? '' })),
      dryRun: context.dryRun,
    });
  },
  render: ({ heads, asks, block, failed, dryRun }, ui) => {
    const lines = heads.map(({ name, blocks, seq }) => `${name}  ${countOf(blocks, 'new block')}, up to ${seq}`);
    if (asks.length > 0) lines.push(`asked     ${countOf(asks.length, 'audit')}`);
    if (block === null) lines.push('already in the ledger: nothing new since the last broadcast');
    else
      lines.push(
        dryRun
          ? `would append broadcast ${block.seq}; nothing was written`
          : `${ui.good('broadcast')} ${ui.strong(String(block.seq))} (${block.id.slice(0, 8)})`,
      );
    for (const { name, message } of failed) lines.push(`${ui.bad('failed')}    ${name}: ${message}`);
    return lines.join('\n');
  },
});
