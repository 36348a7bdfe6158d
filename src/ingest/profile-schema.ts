import type { Decimal } from '../calc/decimal.ts';
import {
  converted,
  faultAt,
  listOf,
  mapOf,
  oneOf,
  optional,
  type Read,
  record,
  type Schema,
  shortText,
  text,
} from '../ledger/codec/schema.ts';
import { isCborMap } from '../ledger/codec/value.ts';
import { textDecimal, textDuration, textTime, textUint, textZone } from '../programme/document.ts';
import { parseMark } from './csv.ts';
import { parseTimeFormat } from './time-format.ts';

/** The shapes of a profile document, as people write it; `profile.ts` makes of them what the readers use. */

const name = shortText(200);

export const columnMatcher = record({
  column: name,
  equals: optional(text),
  contains: optional(name),
  one_of: optional(listOf(text, 1, 100)),
});

export const fileSchema = record({
  encoding: optional(oneOf('utf-8', 'gb18030', 'utf-16le')),
  delimiter: optional(converted(text, "one character or 'tab'", parseMark, (mark) => mark)),
  quote: optional(converted(text, 'one character', parseMark, (mark) => mark)),
  decimal: optional(oneOf('.', ',')),
  thousands: optional(oneOf('', ',', '.', ' ', "'", '’', '\u00a0', '\u202f')),
  skip_lines: optional(textUint),
  drop_rows: optional(listOf(columnMatcher, 0, 100)),
});

export const timeSchema = record({
  column: optional(name),
  from: optional(name),
  to: optional(name),
  format: converted(
    name,
    'a time format such as yyyy-MM-dd, dd.MM.yyyy HH:mm or ISO',
    parseTimeFormat,
    (format) => format.pattern,
  ),
  zone: optional(textZone),
  day_starts: optional(textTime),
  stamp: optional(oneOf('start', 'end', 'reading')),
  every: optional(textDuration),
  ambiguous_hour: optional(oneOf('refuse', 'first', 'second', 'by_order')),
});

export const columnSchema = record({
  meter: name,
  unit: shortText(20),
  reads: optional(oneOf('register', 'interval', 'level', 'bill')),
  multiplier: optional(textDecimal),
  day_starts: optional(textTime),
  party: optional(name),
});

export const cellsSchema = record({
  missing: optional(listOf(text, 0, 100)),
  blank: optional(oneOf('missing', 'idle')),
  idle: optional(columnMatcher),
  estimated: optional(columnMatcher),
  manual: optional(columnMatcher),
});

const packageSchema = record({
  series: optional(oneOf('none', 'keep')),
  unfinished: optional(oneOf('hold')),
  conflicting: optional(oneOf('refuse_file', 'append_the_rest')),
});

export const meterSchema = record({
  joulemark: oneOf('profile/1'),
  reads: oneOf('meters'),
  file: fileSchema,
  time: timeSchema,
  shape: either('wide', record({ meter: name, value: name, party: optional(name) })),
  columns: mapOf(columnSchema),
  cells: optional(cellsSchema),
  package: optional(packageSchema),
});

/** An account of a file with those of many applicants: whose it is, at which of his supply points, and how accurate the meter there is. */
const accountOwner = record({ applicant: name, at: name, accuracy: optional(textDecimal) });
export type AccountOwner = Read<typeof accountOwner>;

/** The supply point, where all accounts are of one applicant; else with the applicant. */
const accountMeaning: Schema<string | AccountOwner> = {
  read: (value, path) => (isCborMap(value) ? accountOwner.read(value, path) : name.read(value, path)),
  write: (meaning) => (typeof meaning === 'string' ? meaning : accountOwner.write(meaning)),
};

export const recordSchema = record({
  joulemark: oneOf('profile/1'),
  reads: oneOf('deliveries', 'receipts'),
  file: fileSchema,
  time: timeSchema,
  shape: record({
    account: optional(name),
    product: optional(name),
    party: optional(name),
    direction: optional(name),
    value: name,
    unit: shortText(20),
  }),
  account: optional(mapOf(accountMeaning)),
  product: optional(mapOf(name)),
  party: optional(mapOf(name)),
  direction: optional(mapOf(oneOf('import', 'export'))),
  accuracy: optional(mapOf(textDecimal)),
  loss: optional(
    converted(text, "'as_declared', 'none' or a fraction", toLoss, (loss) =>
      typeof loss === 'string' ? loss : (textDecimal.write(loss) as string),
    ),
  ),
  cells: optional(cellsSchema),
});

function toLoss(written: string): 'as_declared' | 'none' | Decimal {
  return written === 'as_declared' || written === 'none' ? written : textDecimal.read(written, 'loss');
}

/** A word, or a map. */
function either<W extends string, T>(word: W, other: Schema<T>): Schema<W | T> {
  return {
    read: (value, path) => {
      if (isCborMap(value)) return other.read(value, path);
      if (value !== word) throw faultAt(path, `'${word}' or a map`, value);
      return word;
    },
    write: (value) => (value === word ? word : other.write(value as T)),
  };
}
