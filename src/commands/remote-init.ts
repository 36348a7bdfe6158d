import { defineCommand } from '../cli/command.ts';
import { initRemoteDirectory } from '../ledger/remote/directory.ts';

export const remoteInit = defineCommand({
  path: ['remote', 'init'],
  summary: 'Make an empty hub in a folder: a bare git repository that all can copy to',
  description:
    'For a shared disk, a stick, or the disk of a git server. It refuses rewound and deleted branches and broken objects. Does nothing to a hub that is there. ' +
    'Everybody then adds it with joulemark remote add.',
  examples: ['joulemark remote init /srv/git/ledger.git', 'joulemark remote init /media/stick/ledger.git'],
  args: ['<path>'],
  options: {},
  effect: 'write',
  exits: ['OK', 'USAGE', 'FAILED'],
  run: async (context, [path]) => {
    const folder = context.resolve(path);
    initRemoteDirectory(folder);
    return { path: folder };
  },
  render: ({ path }, ui) =>
    [`${ui.good('ready')}: a hub in ${path}`, ui.dim(`next: joulemark remote add origin '${path}'`)].join('\n'),
});
