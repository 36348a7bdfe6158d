import { explain } from '../calc/explain.ts';
import { defineCommand } from '../cli/command.ts';
import { explainedDecision } from '../home/certify.ts';
import { cusumLines, monthlySavings } from '../programme/cusum.ts';

export const certifyExplain = defineCommand({
  path: ['certify', 'explain'],
  summary: 'Show each step of a decision so that a person can redo it by hand',
  description:
    'Every step names its inputs, the formula with its clause, the exact result and the displayed one. With an applicant and --period it explains what the answer would be now.\n\n' +
    'With --monthly it shows instead since when something is saved: of each product type the output, the energy and the saving of each month, and their cumulative sum. The last sum is the saving of the decision.',
  examples: [
    'joulemark certify explain JM-2022-0001',
    'joulemark certify explain northampton --period 2022',
    'joulemark certify explain JM-2022-0001 --monthly',
    'joulemark certify explain JM-2022-0001 --json',
  ],
  args: ['<number>'],
  options: {
    period: { value: '<period>', description: 'with an applicant instead of a number: the period to explain' },
    monthly: { description: 'the savings month by month and their cumulative sum, instead of the steps' },
  },
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'PENDING', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [subject], { period, monthly }) {
    const { evaluation, rules, title, state, applicant, decided } = explainedDecision(context, subject, period);
    const until = state.lastBroadcast?.time ?? state.head.time;
    return {
      title,
      unit: evaluation.verdictUnit,
      steps: monthly ? [] : explain(evaluation, rules),
      monthly: monthly ? monthlySavings(state, applicant, decided, until) : null,
    };
  },
  render: ({ title, steps, monthly }, ui) => {
    if (monthly !== null)
      return [
        ui.strong(title),
        ...(monthly.length === 0 ? ['no product type has figures'] : []),
        ...monthly.flatMap((product) => ['', ...cusumLines(product, ui)]),
      ].join('\n');
    return [
      ui.strong(title),
      ...steps.flatMap(({ title: name, formula, clause, inputs, exact, displayed, unit }, index) => [
        '',
        `${index + 1}. ${ui.strong(name)}   ${ui.dim(clause)}`,
        ...inputs.map((input) => `     ${input.name} = ${input.value} ${input.unit}   ${ui.dim(input.from)}`),
        `     ${formula} = ${ui.strong(displayed)} ${unit}   ${ui.dim(`exactly ${exact}`)}`,
      ]),
    ].join('\n');
  },
});
