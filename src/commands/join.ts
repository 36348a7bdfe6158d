import { defineCommand, outcome } from '../cli/command.ts';
import { readHomeConfig } from '../home/home.ts';
import { joinLedger } from '../home/join-ledger.ts';
import { toRemoteUrl } from '../home/remote-url.ts';
import { toSyncOptions } from '../home/sync-options.ts';
import { parseId, showId } from '../ledger/codec/id.ts';
import { showTime } from '../programme/calendar.ts';

export const join = defineCommand({
  path: ['join'],
  summary: "Join a ledger: fetch it, pin it, publish this organisation's first block",
  description:
    'The remote is a URL, a path to a folder or a bundle file, or the name of a remote of this home. The ledger id must come from the certification body by ' +
    'a way that nobody else can alter: a remote that serves another ledger is refused.\n\n' +
    'Joining asks nobody. What the organisation may do is for the certification body to say: joulemark org admit.\n\n' +
    'Safe to repeat: what a lost connection cut short is completed, and an organisation never joins twice.',
  examples: [
    'joulemark join https://git.example.org/energy/ledger.git --ledger 3f9c1a7e0b2d44c1...',
    'joulemark join /media/stick/ledger.git --ledger 3f9c1a7e0b2d44c1... --name stick',
    'joulemark join origin --ledger 3f9c1a7e0b2d44c1... --dry-run',
  ],
  args: ['<remote>'],
  options: {
    ledger: {
      value: '<id>',
      description: 'the ledger id, all 64 digits, as the certification body gave it',
      parse: parseId,
      required: true,
    },
    name: { value: '<name>', description: 'how this home calls the remote', default: 'origin' },
  },
  effect: 'append',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED'],
  async run(context, [text], { ledger, name }) {
    const { config } = readHomeConfig(context.home);
    const known = config.remotes?.get(text);
    const remote = known === undefined ? { name, url: toRemoteUrl(text, context.resolve) } : { name: text, url: known };
    const joined = await joinLedger(context, { ledger, remote, options: toSyncOptions(context, [remote.url]) });
    const { org, seen, programmeName, already, unpublished } = joined;
    const result = {
      org,
      shown: showId(org),
      name: config.name,
      ledger,
      programme: programmeName,
      seen: { ...seen, shown: showTime(seen.time, 'UTC') },
      remote,
      already,
      unpublished,
      dryRun: context.dryRun,
    };
    return outcome(unpublished === null ? 'OK' : 'FAILED', result);
  },
  render: ({ org, name, programme, seen, remote, already, unpublished, dryRun, shown }, ui) => {
    const ledger = `the ledger of ${ui.strong(programme)}, up to programme block ${seen.seq} of ${seen.shown}`;
    if (dryRun && !already) return `${ui.warn('would join')} ${ledger}, as ${name}; nothing was written`;
    return [
      already ? ui.dim(`already in the ledger: ${name} has joined ${programme}`) : `${ui.good('joined')} ${ledger}`,
      `${ui.strong(name)} is ${org.slice(0, 8)}: ${shown}`,
      ...(unpublished === null
        ? [`published to ${remote.name}; next: ask the certification body to admit you`]
        : [ui.bad(`not published to ${remote.name}: ${unpublished}`), ui.dim('to try again: joulemark sync')]),
    ].join('\n');
  },
});
