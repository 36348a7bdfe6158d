import { defineCommand } from '../cli/command.ts';
import { createProgramme } from '../home/create-programme.ts';
import { showId } from '../ledger/codec/id.ts';
import { policySchema } from '../programme/policy.ts';
import { parseSignedDocument } from '../programme/signed-document.ts';

export const programmeCreate = defineCommand({
  path: ['programme', 'create'],
  summary: 'Found a certification programme: the genesis block and its first policy',
  description:
    'For the certification body, in a home made by init. The genesis block holds the name and key of the body and the policy; its hash is the ' +
    'ledger id. Give that id to every organisation by a way that nobody else can alter: a letter, a contract, a telephone call.\n\n' +
    'Safe to repeat: with the same policy it prints the same ledger id.',
  examples: [
    'joulemark programme create policy.yaml',
    'joulemark programme create policy.yaml --dry-run',
    'joulemark programme create policy.yaml --json',
  ],
  args: ['<policy.yaml>'],
  options: {},
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context, [path]) {
    const policy = parseSignedDocument(await context.readInput(path), path, policySchema, 'policy');
    const { ledger, already } = await createProgramme(context, policy);
    return {
      ledger,
      shown: showId(ledger),
      policy: policy.digest,
      edition: policy.value.edition,
      already,
      dryRun: context.dryRun,
    };
  },
  render: ({ ledger, shown, edition, already, dryRun }, ui) => {
    const groups = shown.split(' ');
    const rows = [0, 4, 8, 12].map((from) => `  ${ui.strong(groups.slice(from, from + 4).join(' '))}`);
    if (dryRun && !already)
      return [`would found a ledger with the policy edition ${edition}; nothing was written`].join('\n');
    return [
      already
        ? ui.dim('already in the ledger: this programme was founded before')
        : `${ui.good('founded')} a programme with the policy edition ${edition}`,
      'ledger id',
      ...rows,
      'give it to every organisation by letter, contract or telephone; each joins with',
      `  joulemark join <remote> --ledger ${ledger}`,
      ui.dim('next: joulemark remote add origin <url or folder>, then joulemark sync'),
    ].join('\n');
  },
});
