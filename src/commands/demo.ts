import { defineCommand } from '../cli/command.ts';
import { runDemo } from '../home/demo.ts';

export const demo = defineCommand({
  path: ['demo'],
  summary: 'Show the whole job: five organisations, two years, audits, a certificate, an offline check',
  description:
    'Works in a temporary folder, with real homes, keys, signatures and a real git hub, and runs the commands that people would type. The only thing that is not ' +
    'real is the clock, which runs from December 2024 to March 2026 in seconds, and the data, which fixtures/demo/make.js makes.',
  examples: ['joulemark demo', 'joulemark demo --keep'],
  args: [],
  options: { keep: { description: 'keep the folder, to look around in it' } },
  effect: 'read',
  exits: ['OK', 'FAILED'],
  async run(context, _args, { keep }) {
    return runDemo(context, keep);
  },
  render: ({ folder, kept, commands, certificate }, ui) =>
    [
      '',
      `${ui.good('done')}: ${commands} commands, certificate ${ui.strong(certificate)}`,
      kept
        ? `the folder is kept: ${folder}`
        : ui.dim('the folder is removed; to look around in it: joulemark demo --keep'),
    ].join('\n'),
});
