import { defineCommand } from '../cli/command.ts';
import { readHomeConfig } from '../home/home.ts';

export const remoteList = defineCommand({
  path: ['remote', 'list'],
  summary: 'List the remotes of this home',
  examples: ['joulemark remote list', 'joulemark remote list --json'],
  args: [],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE', 'NO_LEDGER'],
  run: async (context) => ({
    remotes: [...(readHomeConfig(context.home).config.remotes ?? [])].map(([name, url]) => ({ name, url })),
  }),
  render: ({ remotes }, ui) =>
    remotes.length === 0
      ? ui.dim('no remotes; add one: joulemark remote add origin <url or folder>')
      : ui.table(remotes.map(({ name, url }) => [ui.strong(name), url])),
});
