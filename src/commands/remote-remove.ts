import { defineCommand } from '../cli/command.ts';
import { JoulemarkError } from '../errors.ts';
import { changeConfig } from '../home/change-config.ts';

export const remoteRemove = defineCommand({
  path: ['remote', 'remove'],
  summary: 'Forget a remote',
  description: 'Only the name is forgotten: what was copied stays here, and what is there stays there.',
  examples: ['joulemark remote remove origin', 'joulemark remote remove stick --json'],
  args: ['<name>'],
  options: {},
  effect: 'write',
  exits: ['OK', 'USAGE', 'NO_LEDGER', 'LOCKED'],
  async run(context, [name]) {
    let url = '';
    await changeConfig(context.home, context.wait, (config) => {
      const remotes = new Map(config.remotes ?? []);
      const present = remotes.get(name);
      if (present === undefined) {
        const known = [...remotes.keys()].join(', ');
        throw new JoulemarkError(
          'USAGE',
          `no remote '${name}', ${known === '' ? 'there is none' : `there are ${known}`}`,
          { hints: ['joulemark remote list'] },
        );
      }
      url = present;
      remotes.delete(name);
      const { remotes: _, ...rest } = config;
      return remotes.size === 0 ? rest : { ...rest, remotes };
    });
    return { name, url };
  },
  render: ({ name, url }) => `removed the remote ${name}: ${url}`,
});
