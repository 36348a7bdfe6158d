import { compareDecimal, type Decimal, decimalToText } from '../calc/decimal.ts';
import type { JoulemarkError } from '../errors.ts';
import { showTime, type Span } from '../programme/calendar.ts';
import { columnFinder, type CsvRow, readCsv } from './csv.ts';
import { numberFormatText, numberReader } from './number-format.ts';
import type { RecordProfile } from './profile.ts';
import type { AccountOwner } from './profile-schema.ts';
import { faultInFile } from './reading.ts';
import { rowMatchers } from './rows-to-readings.ts';
import { stampReader } from './stamps.ts';

/** One delivery or receipt of an auditor's own file, under the names of the programme. */
export interface AuditRecord {
  /** The supply point (deliveries). */
  readonly account?: string;
  /** The product (receipts). */
  readonly product?: string;
  /** From whom it was received, or to whom delivered, where the file says it. */
  readonly party?: string;
  /** Given off by the applicant, where the file says so; else he took it in. */
  readonly direction?: 'export';
  /** [from, to), epoch seconds. */
  readonly from: number;
  readonly to: number;
  readonly quantity: Decimal;
  readonly unit: string;
  readonly estimated: boolean;
  /** Of the meter of that account, where the profile says it for the account. */
  readonly accuracy?: Decimal;
  readonly line: number;
}

export interface RecordFile {
  readonly records: readonly AuditRecord[];
  readonly notes: readonly string[];
}

/**
 * Reads an auditor's own deliveries or receipts (CSV). Rows of accounts and products that the profile does not name are other
 * people's and are left out with a count. Reading dates of bills span from the day after one reading to the end of the day of
 * the next: read on 3 March and 2 April covers [4 March, 3 April).
 * @throws JoulemarkError USAGE naming file, line and column; for deliveries also where two rows of an account overlap.
 */
export function readRecords(bytes: Uint8Array, fileName: string, profile: RecordProfile): RecordFile {
  const table = readCsv(bytes, fileName, profile.layout);
  const find = columnFinder(table.header, fileName, profile.layout.skipLines + 1);
  const names = nameReaders(profile, find);
  const spanOf = recordSpans(profile, find, fileName);
  const isDropped = rowMatchers(profile.dropRows, find);
  const isEstimated = rowMatchers(profile.cells.estimated === undefined ? [] : [profile.cells.estimated], find);
  const quantityOf = quantityReader(profile, find, fileName);
  const directionOf = directionReader(profile, find, fileName);
  const records: AuditRecord[] = [];
  const notes: string[] = [];
  const others = new Map<string, number>();
  const namesOf = (row: Row, line: number): Named | undefined => {
    const named: Named = {};
    for (const { key, at, known } of names) {
      const written = row[at]!.trim();
      const mapped = known.get(written);
      if (mapped === undefined) {
        others.set(key, (others.get(key) ?? 0) + 1);
        return undefined;
      }
      takeName(named, key, mapped, () =>
        faultInFile(`'${written}' is another applicant's account`, { file: fileName, line }),
      );
    }
    return named;
  };
  for (const { fields: row, line } of table.rows) {
    const named = isDropped(row) ? undefined : namesOf(row, line);
    if (named === undefined) continue;
    const quantity = quantityOf(row, line);
    const { start, end } = spanOf(row, line);
    if (quantity === undefined) notes.push(`line ${line}: no figure for ${named.account ?? named.product}`);
    else {
      const given = { ...named, ...directionOf(row, line), from: start, to: end, quantity, unit: profile.unit };
      records.push({ ...given, estimated: isEstimated(row), line });
    }
  }
  for (const [key, count] of others)
    notes.push(`${count} ${count === 1 ? 'row' : 'rows'} with another ${key}, not named by the profile, not read`);
  if (profile.reads === 'receipts') return { records, notes };
  return { records: withoutRepeats(records, profile, fileName, notes), notes };
}

type Row = CsvRow['fields'];

/** The names of a row under those of the programme. */
interface Named {
  account?: string;
  product?: string;
  party?: string;
  accuracy?: Decimal;
}

function partyOf(key: 'account' | 'product' | 'party', meaning: string | AccountOwner): string | undefined {
  if (typeof meaning !== 'string') return meaning.applicant;
  return key === 'party' ? meaning : undefined;
}

/** Notes what a cell means; the applicant of an account and that of the column must be one. @throws what `contradiction` makes. */
function takeName(
  named: Named,
  key: 'account' | 'product' | 'party',
  meaning: string | AccountOwner,
  contradiction: () => JoulemarkError,
): void {
  const party = partyOf(key, meaning);
  if (party !== undefined && (named.party ?? party) !== party) throw contradiction();
  if (party !== undefined) named.party = party;
  if (key !== 'party') named[key] = typeof meaning === 'string' ? meaning : meaning.at;
  if (typeof meaning !== 'string' && meaning.accuracy !== undefined) named.accuracy = meaning.accuracy;
}

function nameReaders(
  profile: RecordProfile,
  find: (name: string) => number,
): readonly {
  readonly key: 'account' | 'product' | 'party';
  readonly at: number;
  readonly known: ReadonlyMap<string, string | AccountOwner>;
}[] {
  const readers = [
    { key: 'account', column: profile.account, known: profile.accounts },
    { key: 'product', column: profile.product, known: profile.products },
    { key: 'party', column: profile.party, known: profile.parties },
  ] as const;
  return readers.flatMap(({ key, column, known }) => (column === undefined ? [] : [{ key, at: find(column), known }]));
}

function recordSpans(
  { time }: RecordProfile,
  find: (name: string) => number,
  fileName: string,
): (row: Row, line: number) => Span {
  const stamps = stampReader(time, fileName);
  const dayStarts = time.dayStarts ?? 0;
  const { column, from, to } = time;
  if (column !== undefined) {
    const at = find(column);
    return (row, line) => stamps.spanOf({ text: row[at]!, line, column }, dayStarts);
  }
  const [fromName, toName] = [from ?? '', to ?? ''];
  const [fromAt, toAt] = [find(fromName), find(toName)];
  return (row, line) =>
    stamps.spanBetween(
      { text: row[fromAt]!, line, column: fromName },
      { text: row[toAt]!, line, column: toName },
      dayStarts,
    );
}

function quantityReader(
  { value, numbers, cells }: RecordProfile,
  find: (name: string) => number,
  fileName: string,
): (row: Row, line: number) => Decimal | undefined {
  const at = find(value);
  const readNumber = numberReader(numbers);
  return (row, line) => {
    const written = row[at]!.trim();
    if (cells.missing.has(written)) return undefined;
    const quantity = readNumber(written);
    const fault = (failure: string, expected: string, hints: readonly string[] = []): JoulemarkError =>
      faultInFile(failure, { file: fileName, line, column: value }, { expected, value: written, hints });
    if (quantity === undefined)
      throw fault(written === '' ? 'empty cell' : `not a number: '${written}'`, numberFormatText(numbers));
    if (quantity.mantissa < 0n)
      throw fault(`negative quantity '${written}'`, '0 or more', [
        'what the applicant gave off: shape: {direction: <column>} and direction: {"<text>": export} of the profile',
      ]);
    return quantity;
  };
}

/** What is given off is no less of what is taken in: two figures, each against its own meter. */
function directionReader(
  { direction: column, directions }: RecordProfile,
  find: (name: string) => number,
  fileName: string,
): (row: Row, line: number) => { readonly direction?: 'export' } {
  if (column === undefined) return () => ({});
  const at = find(column);
  return (row, line) => {
    const written = row[at]!.trim();
    const direction = directions.get(written);
    if (direction === undefined)
      throw faultInFile(
        `unknown direction '${written}'`,
        { file: fileName, line, column },
        { expected: `one of ${[...directions.keys()].map((word) => `'${word}'`).join(', ')}`, value: written },
      );
    return direction === 'export' ? { direction } : {};
  };
}

function withoutRepeats(
  records: readonly AuditRecord[],
  { time }: RecordProfile,
  fileName: string,
  notes: string[],
): readonly AuditRecord[] {
  const latest = new Map<string, AuditRecord>();
  const kept: AuditRecord[] = [];
  let repeats = 0;
  for (const record of [...records].sort((a, b) => a.from - b.from || a.to - b.to || a.line - b.line)) {
    const key = `${record.account} ${record.direction ?? 'import'} ${record.party ?? ''}`;
    const before = latest.get(key);
    if (before !== undefined && record.from < before.to) {
      const isSame =
        record.from === before.from &&
        record.to === before.to &&
        record.estimated === before.estimated &&
        compareDecimal(record.quantity, before.quantity) === 0;
      if (!isSame) throw overlap(before, record, time.zone ?? 'UTC', fileName);
      repeats += 1;
      continue;
    }
    latest.set(key, record);
    kept.push(record);
  }
  if (repeats > 0) notes.push(`${repeats} repeated ${repeats === 1 ? 'row' : 'rows'} counted once`);
  return kept;
}

function overlap(before: AuditRecord, record: AuditRecord, zone: string, fileName: string): JoulemarkError {
  const shown = ({ from, to, quantity, line }: AuditRecord): string =>
    `${decimalToText(quantity)} from ${showTime(from, zone)} to ${showTime(to, zone)} in line ${line}`;
  return faultInFile(
    `two deliveries for one time at '${record.account}': ${shown(before)}, ${shown(record)}`,
    { file: fileName, line: record.line },
    {
      hints: ['remove the row that was replaced, or drop such rows with file.drop_rows of the profile'],
    },
  );
}
