import { toAppendLine } from '../cli/append-line.ts';
import { defineCommand } from '../cli/command.ts';
import { type Decimal, parseDecimal } from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import { correctPackage } from '../home/correct-package.ts';
import { showQuantity, showRegister } from '../programme/show-quantity.ts';

export const meterCorrect = defineCommand({
  path: ['meter', 'correct'],
  summary: 'Correct a package that is on the ledger',
  description:
    'Names the package by its meter and day, or by the time at which it begins. Old and new quantity and the reason stay on the ledger for everybody; audits of that window are asked again. Corrections count until the date that the policy sets after the period; later ones are adjustments.\n\n' +
    'Of a register the quantity must be what its readings make: give the right ones with --open and --close.',
  examples: [
    'joulemark meter correct coal-belt 2026-03-09 731.9 --because transcription',
    'joulemark meter correct kiln-power 2026-03-11 186240 --open 41208.60 --close 41239.64 --because meter_error --note "display misread"',
  ],
  args: ['<meter>', '<when>', '<quantity>'],
  options: {
    because: {
      value: '<reason>',
      description: 'why',
      required: true,
      choices: ['meter_error', 'transcription', 'unit_error', 'estimate_replaced', 'late_data', 'boundary_error'],
    },
    open: { value: '<figure>', description: 'register at the beginning', parse: parseDecimal },
    close: { value: '<figure>', description: 'register at the end', parse: parseDecimal },
    provenance: {
      value: '<word>',
      description: 'how the figure is known (default: as before)',
      choices: ['metered', 'manual', 'estimated', 'idle'],
    },
    note: {
      value: '<text>',
      description: 'a remark of up to 200 characters; travels in the package',
      parse: parseNote,
    },
  },
  effect: 'append',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED'],
  async run(context, [meter, when, quantity], { because, ...more }) {
    return correctPackage(context, { meter, when, quantity: parseQuantity(quantity), reason: because, ...more });
  },
  render: (result, ui) => {
    const register =
      result.register === null
        ? ''
        : `   register ${showRegister(parseDecimal(result.register.open), parseDecimal(result.register.close))}`;
    const change = result.already ? '' : `${showQuantity(parseDecimal(result.old))} -> `;
    return [
      `${result.meter} ${result.dates}   ${change}${showQuantity(parseDecimal(result.quantity))} ${result.unit}${register}   (${result.reason})`,
      ...(result.note === null ? [] : [ui.warn(`note: ${result.note}`)]),
      toAppendLine(result, ui, '; not yet broadcast'),
    ].join('\n');
  },
});

function parseQuantity(text: string): Decimal {
  try {
    return parseDecimal(text);
  } catch (error) {
    if (!(error instanceof JoulemarkError)) throw error;
    throw new JoulemarkError('USAGE', `argument 'quantity': ${error.message}`, { hints: error.hints, cause: error });
  }
}

function parseNote(text: string): string {
  if (text === '' || text.length > 200)
    throw new JoulemarkError('USAGE', `a remark has 1 to 200 characters, found ${text.length}`);
  return text;
}
