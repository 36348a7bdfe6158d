import { parseDecimal } from '../calc/decimal.ts';
import { toAppendLine } from '../cli/append-line.ts';
import { defineCommand } from '../cli/command.ts';
import { parseWords } from '../cli/parse-words.ts';
import { JoulemarkError } from '../errors.ts';
import { appendUnlessThere } from '../home/append-entry.ts';
import { toEntry, withWriter, type Writer } from '../home/session.ts';
import { findAdjustment, showAdjustment } from '../programme/adjustment-place.ts';
import { parseWindow, showWindow } from '../programme/audit-window.ts';
import { type AdjustContent, adjustContent, adjustmentContent } from '../programme/entries.ts';
import { policyRuling } from '../programme/rules.ts';
import { decimalToText } from '../calc/decimal.ts';

const ASK = 'joulemark baseline adjust --product <product> --window <window> --energy <number> --because <text>';

interface Figures {
  readonly product: string | undefined;
  readonly window: string | undefined;
  readonly energy: string | undefined;
  readonly unit: string | undefined;
}

/** What an applicant asks for. @throws JoulemarkError USAGE for what is missing or that the policy does not know. */
function toAsked(writer: Writer, { product, window, energy, unit }: Figures, reason: string): AdjustContent {
  if (product === undefined || window === undefined || energy === undefined)
    throw new JoulemarkError('USAGE', "an applicant asks with '--product', '--window' and '--energy'", {
      hints: [ASK],
    });
  const { start, end } = parseWindow(window, writer.zone);
  const policy = policyRuling(writer.state.policies, end - 1)?.value;
  if (policy?.baseline.adjustment === undefined)
    throw new JoulemarkError('USAGE', `the policy of ${window} knows no adjustment`, {
      hints: ['joulemark policy show'],
    });
  if (!policy.products.has(product))
    throw new JoulemarkError(
      'USAGE',
      `no product '${product}', the policy has ${[...policy.products.keys()].join(', ')}`,
    );
  return { product, window: [start, end], energy: parseDecimal(energy), unit: unit ?? policy.energy.unit, reason };
}

function askFor(writer: Writer, dryRun: boolean, asked: AdjustContent) {
  const appended = appendUnlessThere(writer, dryRun, 'adjust', toEntry('adjust', adjustContent, asked), true);
  return { ...shown(writer, asked), applicant: writer.home.config.name, admitted: false, ...appended };
}

function admit(writer: Writer, dryRun: boolean, ask: string, reason: string) {
  const { applicant, asked } = findAdjustment(writer.state, ask);
  const { seq, entry } = asked.place;
  const content = { applicant: applicant.id, seq, entry, reason };
  const admitted = writer.state.adjustments.find(({ askedAt }) => askedAt === asked);
  if (admitted !== undefined && admitted.reason !== reason)
    throw new JoulemarkError(
      'USAGE',
      `the adjustment ${showAdjustment(applicant, asked)} is admitted already: ${admitted.reason}`,
    );
  const bytes = toEntry('adjustment', adjustmentContent, content);
  const appended = appendUnlessThere(writer, dryRun, 'adjustment', bytes, admitted !== undefined);
  return { ...shown(writer, asked.content), applicant: applicant.name, admitted: true, ...appended };
}

const shown = ({ zone }: Writer, { product, window: [start, end], energy, unit, reason }: AdjustContent) => ({
  product,
  window: showWindow({ start, end }, zone),
  energy: decimalToText(energy),
  unit,
  asked: reason,
});

export const baselineAdjust = defineCommand({
  path: ['baseline', 'adjust'],
  summary: 'Ask for an adjustment of energy, or as the certification body admit one',
  description:
    'What changed between two periods and is not the doing of the product (a new filter that a law asks for, an added shift) is charged or relieved as energy of a product in a window, with a reason. It takes two ' +
    'entries: the applicant asks, with --product, --window and --energy; the certification body admits what was asked, by its place. From then on it enters every decision, in a line of its own. ' +
    'One that lies in a period only in part counts whole where that is against the applicant, and else not at all.',
  examples: [
    'joulemark baseline adjust --product clinker --window 2026-03 --energy -1200 --because "a second shift on the same line"',
    'joulemark baseline adjust guangnan-cement/41 --because "seen on site on 3 April"',
    'joulemark baseline adjust guangnan-cement/41 --because "seen on site" --dry-run',
  ],
  args: ['[ask]'],
  options: {
    product: { value: '<product>', description: 'whose energy; asked by the applicant' },
    window: { value: '<window>', description: 'when: a month such as 2026-03, a year, days 2026-03-04..2026-04-02' },
    energy: { value: '<number>', description: "added to the product's energy of that window; below zero takes off" },
    unit: { value: '<unit>', description: "of the energy; the verdict's when absent" },
    because: { value: '<text>', description: 'the reason; it stands on the ledger', required: true, parse: parseWords },
  },
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context, [ask], { because, ...figures }) {
    return withWriter(
      context,
      (writer) => {
        if (!writer.home.isBody) {
          if (ask !== undefined)
            throw new JoulemarkError(
              'USAGE',
              `'${ask}' is admitted by the certification body, this home belongs to an organisation`,
              { hints: [ASK] },
            );
          return askFor(writer, context.dryRun, toAsked(writer, figures, because));
        }
        if (ask === undefined || Object.values(figures).some((value) => value !== undefined))
          throw new JoulemarkError('USAGE', 'the certification body admits what was asked, by its place alone', {
            hints: [
              'joulemark baseline show <applicant>',
              'joulemark baseline adjust <applicant>/<block> --because <text>',
            ],
          });
        return admit(writer, context.dryRun, ask, because);
      },
      { decisions: 'as-signed' },
    );
  },
  render: (result, ui) =>
    [
      `${ui.strong(result.product)} of ${result.applicant}, ${result.window}: ${ui.strong(result.energy)} ${result.unit} ${result.admitted ? 'admitted' : 'asked for'}`,
      `  ${result.asked}`,
      toAppendLine(result, ui, result.admitted ? '' : '; it enters figures when it is broadcast and admitted'),
    ].join('\n'),
});
