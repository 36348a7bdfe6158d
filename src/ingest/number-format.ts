import { type Decimal, parseDecimal } from '../calc/decimal.ts';

/** How a file writes numbers. */
export interface NumberFormat {
  readonly decimal: '.' | ',';
  /** The mark between groups of three digits, '' for none. */
  readonly thousands: string;
}

/** Longer figures than this are no meter readings. */
const MOST_CHARACTERS = 60;

/**
 * A reader of numbers of one format. It gives undefined for everything else: an exponent, a leading plus, groups that are not
 * of three digits, a wrong mark. `1.234` is 1234 or 1.234 by the format alone, never by guess.
 */
export function numberReader({ decimal, thousands }: NumberFormat): (text: string) => Decimal | undefined {
  const group = thousands.replaceAll('.', String.raw`\.`);
  const point = decimal === '.' ? String.raw`\.` : ',';
  const grouped = thousands === '' ? '' : String.raw`|\d{1,3}(?:${group}\d{3})+`;
  const shape = new RegExp(String.raw`^-?(?:\d+${grouped})(?:${point}\d+)?$`);
  return (text) => {
    if (text.length > MOST_CHARACTERS || !shape.test(text)) return undefined;
    const plain = thousands === '' ? text : text.replaceAll(thousands, '');
    return parseDecimal(decimal === ',' ? plain.replace(',', '.') : plain);
  };
}

/** The format in words, for messages. */
export function numberFormatText({ decimal, thousands }: NumberFormat): string {
  return `a number such as ${thousands === '' ? '1234' : `1${thousands}234`}${decimal}5`;
}
