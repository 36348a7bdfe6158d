import { explain } from '../calc/explain.ts';
import { defineCommand } from '../cli/command.ts';
import { explainedDecision } from '../home/certify.ts';

export const certifyExplain = defineCommand({
  path: ['certify', 'explain'],
  summary: 'Show each step of a decision so that a person can redo it by hand',
  description:
    'Every step names its inputs, the formula with its clause, the exact result and the displayed one. With an applicant and --period it explains what the answer would be now.',
  examples: [
    'joulemark certify explain JM-2022-0001',
    'joulemark certify explain northampton --period 2022',
    'joulemark certify explain JM-2022-0001 --json',
  ],
  args: ['<number>'],
  options: {
    period: { value: '<period>', description: 'with an applicant instead of a number: the period to explain' },
  },
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'PENDING', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [subject], { period }) {
    const { evaluation, rules, title } = explainedDecision(context, subject, period);
    return { title, unit: evaluation.verdictUnit, steps: explain(evaluation, rules) };
  },
  render: ({ title, steps }, ui) =>
    [
      ui.strong(title),
      ...steps.flatMap(({ title: name, formula, clause, inputs, exact, displayed, unit }, index) => [
        '',
        `${index + 1}. ${ui.strong(name)}   ${ui.dim(clause)}`,
        ...inputs.map((input) => `     ${input.name} = ${input.value} ${input.unit}   ${ui.dim(input.from)}`),
        `     ${formula} = ${ui.strong(displayed)} ${unit}   ${ui.dim(`exactly ${exact}`)}`,
      ]),
    ].join('\n'),
});
