import type { Decimal } from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import { faultAt, oneOf, type Read, type Schema } from '../ledger/codec/schema.ts';
import { type CborValue, isCborMap } from '../ledger/codec/value.ts';
import type { Duration } from '../programme/calendar.ts';
import { readDocument } from '../programme/document.ts';
import type { CsvLayout } from './csv.ts';
import type { NumberFormat } from './number-format.ts';
import {
  type AccountOwner,
  type cellsSchema,
  type columnMatcher,
  type columnSchema,
  type fileSchema,
  meterSchema,
  recordSchema,
  type timeSchema,
} from './profile-schema.ts';
import type { TimeFormat } from './time-format.ts';

/** Rows whose cell in a column equals or contains a text. */
export interface ColumnMatcher {
  readonly column: string;
  readonly matches: (cell: string) => boolean;
}

export interface TimeProfile {
  readonly column?: string;
  readonly from?: string;
  readonly to?: string;
  readonly format: TimeFormat;
  readonly zone?: string;
  /** Seconds; undefined where the profile does not say. */
  readonly dayStarts?: number;
  readonly stamp: 'start' | 'end' | 'reading';
  /** The length of the interval that one stamp means: a day for a date alone, else stated. */
  readonly every?: Duration;
  /** An hour that the clocks showed twice; `by_order`: rows follow each other in time, so the second pass is the second. */
  readonly ambiguousHour: 'refuse' | 'first' | 'second' | 'by_order';
}

export interface CellProfile {
  readonly missing: ReadonlySet<string>;
  /** `blank: idle` in the profile: an empty cell declares that the line stood still. */
  readonly blankIsIdle: boolean;
  readonly idle?: ColumnMatcher;
  readonly estimated?: ColumnMatcher;
  readonly manual?: ColumnMatcher;
}

interface CommonProfile {
  readonly layout: CsvLayout;
  readonly numbers: NumberFormat;
  readonly dropRows: readonly ColumnMatcher[];
  readonly time: TimeProfile;
  readonly cells: CellProfile;
  /** The document as read: what the ledger's profile digest is taken of (a comment changes nothing). */
  readonly document: CborValue;
}

export type ColumnProfile = Read<typeof columnSchema>;

/** How a file of the applicant's meters is read. */
export interface MeterProfile extends CommonProfile {
  readonly reads: 'meters';
  /** undefined: wide, a column a meter; else long, the names of the columns that hold meter, figure and customer. */
  readonly long?: { readonly meter: string; readonly value: string; readonly party?: string };
  /** By column name (wide) or by what stands in the meter column (long). */
  readonly columns: ReadonlyMap<string, ColumnProfile>;
  readonly series: 'none' | 'keep';
  readonly conflicting: 'refuse_file' | 'append_the_rest';
}

/** How an auditor's own file of deliveries or receipts is read. */
export interface RecordProfile extends CommonProfile {
  readonly reads: 'deliveries' | 'receipts';
  readonly account?: string;
  readonly product?: string;
  readonly party?: string;
  readonly direction?: string;
  readonly value: string;
  readonly unit: string;
  /** What stands in the file -> the declared supply point (with its applicant where the file is of many), product label or organisation. */
  readonly accounts: ReadonlyMap<string, string | AccountOwner>;
  readonly products: ReadonlyMap<string, string>;
  readonly parties: ReadonlyMap<string, string>;
  /** Whether the applicant took it in or gave it off; empty: he took in all of it. */
  readonly directions: ReadonlyMap<string, 'import' | 'export'>;
  readonly accuracy: ReadonlyMap<string, Decimal>;
  readonly loss: 'as_declared' | 'none' | Decimal;
}

export type Profile = MeterProfile | RecordProfile;

const profileSchema: Schema<Profile> = {
  read: (value, path) => {
    if (!isCborMap(value)) throw faultAt(path, 'a map', value);
    const reads = oneOf('meters', 'deliveries', 'receipts').read(value.get('reads') ?? '', `${path}.reads`);
    return reads === 'meters'
      ? toMeterProfile(meterSchema.read(value, path), value, path)
      : toRecordProfile(recordSchema.read(value, path), value, path);
  },
  write: ({ document }) => document,
};

/** Reads a profile (YAML). @throws JoulemarkError USAGE naming file, line and path. */
export function parseProfile(source: string, fileName: string): Profile {
  return readDocument(source, fileName, profileSchema, 'profile');
}

function toMeterProfile(read: Read<typeof meterSchema>, document: CborValue, path: string): MeterProfile {
  const common = toCommon(read, document, path);
  const { time } = common;
  if (time.stamp !== 'reading' && time.from === undefined && time.every === undefined) {
    throw fault(`${path}.time.every`, 'is missing: a stamp with a clock time does not say how long its interval is', [
      'add every: PT15M (or PT1H, ...) to time, or stamp: reading for register readings',
    ]);
  }
  if (time.from !== undefined && time.stamp === 'reading')
    throw fault(`${path}.time.stamp`, "cannot be 'reading' where rows have 'from' and 'to'");
  if (read.columns.size === 0) throw fault(`${path}.columns`, 'names no column');
  if (read.shape === 'wide') {
    return {
      reads: 'meters',
      ...common,
      columns: read.columns,
      series: read.package?.series ?? 'none',
      conflicting: read.package?.conflicting ?? 'refuse_file',
    };
  }
  return {
    reads: 'meters',
    ...common,
    long: read.shape,
    columns: read.columns,
    series: read.package?.series ?? 'none',
    conflicting: read.package?.conflicting ?? 'refuse_file',
  };
}

function toRecordProfile(read: Read<typeof recordSchema>, document: CborValue, path: string): RecordProfile {
  const { shape } = read;
  if (read.reads === 'deliveries' && (shape.account === undefined || read.account === undefined)) {
    throw fault(
      `${path}.account`,
      'is missing: deliveries need the column of the account and the accounts that are meant',
      ['shape: {account: <column>, value: <column>, unit: kWh} and account: {"<number>": <supply point>}'],
    );
  }
  if (read.reads === 'receipts' && (shape.product === undefined || read.product === undefined)) {
    throw fault(
      `${path}.product`,
      'is missing: receipts need the column of the product and the products that are meant',
      ['shape: {product: <column>, value: <column>, unit: t} and product: {"<article>": <product>}'],
    );
  }
  if ((shape.party === undefined) !== (read.party === undefined))
    throw fault(`${path}.party`, "must stand in both 'shape' and the profile, or in neither");
  if ((shape.direction === undefined) !== (read.direction === undefined))
    throw fault(`${path}.direction`, "must stand in both 'shape' and the profile, or in neither");
  if (read.reads === 'receipts' && read.direction !== undefined)
    throw fault(`${path}.direction`, 'is of deliveries: receipts have one direction');
  const common = toCommon(read, document, path);
  if (common.time.stamp === 'reading' && common.time.from === undefined)
    throw fault(`${path}.time.from`, "is missing: a bill needs the reading before it, in columns 'from' and 'to'");
  if (common.time.from === undefined && common.time.every === undefined)
    throw fault(
      `${path}.time.every`,
      "is missing: rows have no 'from' and 'to', so the length of a record must be stated",
    );
  return {
    reads: read.reads,
    ...common,
    ...shape,
    accounts: read.account ?? new Map(),
    products: read.product ?? new Map(),
    parties: read.party ?? new Map(),
    directions: read.direction ?? new Map(),
    accuracy: read.accuracy ?? new Map(),
    loss: read.loss ?? 'as_declared',
  };
}

function toCommon(
  read: {
    readonly file: Read<typeof fileSchema>;
    readonly time: Read<typeof timeSchema>;
    readonly cells?: Read<typeof cellsSchema>;
  },
  document: CborValue,
  path: string,
): CommonProfile {
  const { file } = read;
  const numbers: NumberFormat = { decimal: file.decimal ?? '.', thousands: file.thousands ?? '' };
  if (numbers.decimal === numbers.thousands)
    throw fault(`${path}.file.thousands`, `must differ from the decimal mark '${numbers.decimal}'`);
  return {
    layout: {
      encoding: file.encoding ?? 'utf-8',
      delimiter: file.delimiter ?? ',',
      quote: file.quote ?? '"',
      skipLines: file.skip_lines ?? 0,
    },
    numbers,
    dropRows: (file.drop_rows ?? []).map((matcher, index) => toMatcher(matcher, `${path}.file.drop_rows[${index}]`)),
    time: toTime(read.time, `${path}.time`),
    cells: toCells(read.cells ?? {}, `${path}.cells`),
    document,
  };
}

function toTime(read: Read<typeof timeSchema>, path: string): TimeProfile {
  if ((read.from === undefined) !== (read.to === undefined))
    throw fault(`${path}.${read.from === undefined ? 'from' : 'to'}`, 'is missing beside its pair');
  if ((read.column === undefined) === (read.from === undefined))
    throw fault(`${path}.column`, "or 'from' and 'to' must say where the time stands, one of them");
  if (read.zone === undefined && (read.format.offset === 'never' || read.format.isDate)) {
    throw fault(`${path}.zone`, `is missing: stamps of format '${read.format.pattern}' have no offset`, [
      'zone: Asia/Shanghai, or a fixed offset zone: "+08:00"',
    ]);
  }
  const every =
    read.every ??
    (read.format.isDate && read.from === undefined ? { years: 0, months: 0, days: 1, seconds: 0 } : undefined);
  return {
    ...(read.column === undefined ? {} : { column: read.column }),
    ...(read.from === undefined || read.to === undefined ? {} : { from: read.from, to: read.to }),
    format: read.format,
    ...(read.zone === undefined ? {} : { zone: read.zone }),
    ...(read.day_starts === undefined ? {} : { dayStarts: read.day_starts }),
    stamp: read.stamp ?? 'start',
    ...(every === undefined ? {} : { every }),
    ambiguousHour: read.ambiguous_hour ?? 'refuse',
  };
}

function toCells(read: Read<typeof cellsSchema>, path: string): CellProfile {
  if (read.blank === 'idle' && read.missing?.includes('') === true)
    throw fault(`${path}.blank`, "cannot be 'idle' while 'missing' lists the empty text");
  const matcher = (key: 'idle' | 'estimated' | 'manual'): { readonly [K in typeof key]?: ColumnMatcher } => {
    const found = read[key];
    return found === undefined ? {} : { [key]: toMatcher(found, `${path}.${key}`) };
  };
  const missing = new Set(read.missing ?? []);
  if (read.blank === 'missing' || (read.blank === undefined && read.missing === undefined)) missing.add('');
  return {
    missing,
    blankIsIdle: read.blank === 'idle',
    ...matcher('idle'),
    ...matcher('estimated'),
    ...matcher('manual'),
  };
}

function toMatcher(read: Read<typeof columnMatcher>, path: string): ColumnMatcher {
  const { column, equals, contains, one_of: words } = read;
  if ([equals, contains, words].filter((way) => way !== undefined).length !== 1)
    throw fault(path, "needs one of 'equals', 'contains', 'one_of'");
  if (equals !== undefined) return { column, matches: (cell) => cell === equals };
  if (contains !== undefined) return { column, matches: (cell) => cell.includes(contains) };
  return { column, matches: (cell) => words?.includes(cell) === true };
}

function fault(path: string, failure: string, hints: readonly string[] = []): JoulemarkError {
  return new JoulemarkError('USAGE', `'${path}' ${failure}`, { hints, details: { path } });
}
