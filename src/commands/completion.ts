import { defineCommand } from '../cli/command.ts';
import { SHELLS, toCompletionLines } from '../cli/completion.ts';
import { JoulemarkError } from '../errors.ts';
import { SUMMARIES } from './summaries.ts';

export const completion = defineCommand({
  path: ['completion'],
  summary: 'Print a completion script for bash, zsh or fish',
  description: 'The script is static: pressing TAB starts no process. Print it again after an update.',
  examples: [
    'joulemark completion bash > ~/.local/share/bash-completion/completions/joulemark',
    'joulemark completion fish > ~/.config/fish/completions/joulemark.fish',
  ],
  args: ['<shell>'],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE'],
  async run(_context, [name]) {
    const shell = SHELLS.find((known) => known === name);
    if (shell === undefined)
      throw new JoulemarkError('USAGE', `unknown shell '${name}': expected ${SHELLS.join(', ')}`);
    return { shell, lines: toCompletionLines(shell, SUMMARIES) };
  },
  render: ({ lines }) => lines.join('\n'),
});
