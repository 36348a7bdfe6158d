import { defineCommand } from '../cli/command.ts';
import { JoulemarkError } from '../errors.ts';
import { changeConfig } from '../home/change-config.ts';
import { toRemoteUrl } from '../home/remote-url.ts';

export const remoteAdd = defineCommand({
  path: ['remote', 'add'],
  summary: 'Name a place to copy the ledger from and to',
  description:
    'A URL of a git host over https or ssh (ssh://host/path, host:path), a path to a folder with a bare repository (a shared disk, a stick), or a path to a ' +
    'bundle file, name.bundle, to send by mail. A password is never part of a URL: joulemark sync --help says where it comes from.',
  examples: [
    'joulemark remote add origin https://git.example.org/energy/ledger.git',
    'joulemark remote add origin git@git.example.org:energy/ledger.git',
    'joulemark remote add stick /media/stick/ledger.git',
    'joulemark remote add mail ledger.bundle',
  ],
  args: ['<name>', '<url>'],
  options: {},
  effect: 'write',
  exits: ['OK', 'USAGE', 'NO_LEDGER', 'LOCKED', 'FAILED'],
  async run(context, [name, text]) {
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/.test(name))
      throw new JoulemarkError(
        'USAGE',
        `'${name}' is not a name for a remote, expected letters, digits, '_', '.', '-'`,
      );
    const url = toRemoteUrl(text, context.resolve);
    let already = false;
    await changeConfig(context.home, context.wait, (config) => {
      const present = config.remotes?.get(name);
      already = present === url;
      if (already) return config;
      if (present !== undefined) {
        throw new JoulemarkError('USAGE', `the remote '${name}' is there already: ${present}`, {
          hints: [`to point it elsewhere: joulemark remote remove ${name}, then add it`, 'or give another name'],
        });
      }
      return { ...config, remotes: new Map([...(config.remotes ?? []), [name, url]]) };
    });
    return { name, url, already };
  },
  render: ({ name, url, already }, ui) =>
    already
      ? ui.dim(`the remote ${name} is there already: ${url}`)
      : `${ui.good('added')} the remote ${ui.strong(name)}: ${url}`,
});
