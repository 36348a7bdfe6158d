import { compareDecimal, type Decimal, decimal, isZeroDecimal, ZERO_DECIMAL } from '../calc/decimal.ts';
import type { JoulemarkError } from '../errors.ts';
import type { Span } from '../programme/calendar.ts';
import { columnFinder, type CsvTable } from './csv.ts';
import { type EnrolledColumn, toEnrolledColumns } from './enrolled-columns.ts';
import { givesIntervals } from './meter-definition.ts';
import type { MeterDefinition } from './meter-definition.ts';
import { numberFormatText, numberReader } from './number-format.ts';
import type { ColumnMatcher, MeterProfile } from './profile.ts';
import { faultInFile, type Provenance, type Reading, type ReadingFile } from './reading.ts';
import { stampReader } from './stamps.ts';

type Row = readonly string[];

/** What a figure of an enrolled meter may not be. @returns what is wrong with it, or undefined. */
export function figureFault(value: Decimal, definition: MeterDefinition): string | undefined {
  if (value.mantissa < 0n && definition.counts !== 'export' && definition.kind !== 'variable')
    return `negative figure for '${definition.meter}', which does not count export`;
  if (definition.reads !== 'register' || definition.digits === undefined) return undefined;
  return compareDecimal(value, decimal(1n, definition.digits)) >= 0
    ? `register of '${definition.meter}' beyond its ${definition.digits} digits`
    : undefined;
}

/**
 * The readings of a table, in the order of its rows.
 * @throws JoulemarkError USAGE naming file, line, column, the value found and what was expected.
 */
export function rowsToReadings(
  table: CsvTable,
  profile: MeterProfile,
  meters: ReadonlyMap<string, MeterDefinition>,
  fileName: string,
): ReadingFile {
  const find = columnFinder(table.header, fileName, profile.layout.skipLines + 1);
  const columns = toEnrolledColumns(profile, meters);
  const spanOfRow = rowSpans(profile, find, fileName);
  const dropped = rowMatchers(profile.dropRows, find);
  const provenanceOf = provenances(profile, find);
  const readCell = cellReader(profile, fileName);
  const readings: Reading[] = [];
  const notes: string[] = [];

  const { long } = profile;
  if (long === undefined) {
    const places = [...columns.values()].map((column) => ({ column, at: find(column.name) }));
    for (let index = 0; index < table.rows.length; index += 1) {
      const row = table.rows[index]!;
      if (dropped(row)) continue;
      const line = table.lineOf(index);
      const provenance = provenanceOf(row);
      for (const { column, at } of places) {
        readings.push(
          readCell(
            row[at]!,
            column,
            column.name,
            column.party,
            spanOfRow(row, line, column.definition.dayStarts),
            provenance,
            line,
          ),
        );
      }
    }
    return { fileName, readings, notes };
  }

  const meterAt = find(long.meter);
  const valueAt = find(long.value);
  const partyAt = long.party === undefined ? undefined : find(long.party);
  const others = new Map<string, number>();
  for (let index = 0; index < table.rows.length; index += 1) {
    const row = table.rows[index]!;
    if (dropped(row)) continue;
    const name = row[meterAt]!.trim();
    const column = columns.get(name);
    if (column === undefined) {
      others.set(name, (others.get(name) ?? 0) + 1);
      continue;
    }
    const line = table.lineOf(index);
    const party =
      column.party ??
      (partyAt === undefined || column.definition.kind !== 'shipment' ? undefined : row[partyAt]!.trim());
    readings.push(
      readCell(
        row[valueAt]!,
        column,
        long.value,
        party,
        spanOfRow(row, line, column.definition.dayStarts, name),
        provenanceOf(row),
        line,
      ),
    );
  }
  for (const [name, count] of others)
    notes.push(`${count} ${count === 1 ? 'row' : 'rows'} of '${name}', which the profile does not name, not read`);
  return { fileName, readings, notes };
}

function rowSpans(
  profile: MeterProfile,
  find: (name: string) => number,
  fileName: string,
): (row: Row, line: number, dayStarts: number, series?: string) => Span {
  const { time } = profile;
  const stamps = stampReader(time, fileName);
  let lastRow: Row | undefined;
  let lastStart = -1;
  let lastSpan: Span = { start: 0, end: 0 };
  // the columns of a wide row share one time: it is read once for each day start among them
  const once =
    (read: (row: Row, line: number, dayStarts: number, series?: string) => Span) =>
    (row: Row, line: number, dayStarts: number, series = ''): Span => {
      if (row === lastRow && dayStarts === lastStart) return lastSpan;
      lastSpan = read(row, line, dayStarts, series);
      lastRow = row;
      lastStart = dayStarts;
      return lastSpan;
    };
  const { column, from, to } = time;
  if (column !== undefined) {
    const at = find(column);
    return once((row, line, dayStarts, series = '') =>
      stamps.spanOf({ text: row[at]!, line, column, series }, dayStarts),
    );
  }
  const [fromName, toName] = [from ?? '', to ?? ''];
  const [fromAt, toAt] = [find(fromName), find(toName)];
  return once((row, line, dayStarts, series = '') =>
    stamps.spanBetween(
      { text: row[fromAt]!, line, column: fromName, series },
      { text: row[toAt]!, line, column: toName, series },
      dayStarts,
    ),
  );
}

/** True for a row that any of the matchers means. */
export function rowMatchers(matchers: readonly ColumnMatcher[], find: (name: string) => number): (row: Row) => boolean {
  const placed = matchers.map(({ column, matches }) => ({ at: find(column), matches }));
  return (row) => placed.some(({ at, matches }) => matches(row[at]!.trim()));
}

function provenances({ cells }: MeterProfile, find: (name: string) => number): (row: Row) => Provenance {
  const matcher = (one: ColumnMatcher | undefined): ((row: Row) => boolean) =>
    rowMatchers(one === undefined ? [] : [one], find);
  const isIdle = matcher(cells.idle);
  const isEstimated = matcher(cells.estimated);
  const isManual = matcher(cells.manual);
  return (row) => {
    if (isIdle(row)) return 'idle';
    if (isEstimated(row)) return 'estimated';
    return isManual(row) ? 'manual' : 'metered';
  };
}

type CellReader = (
  cell: string,
  column: EnrolledColumn,
  columnName: string,
  party: string | undefined,
  span: Span,
  provenance: Provenance,
  line: number,
) => Reading;

function cellReader(profile: MeterProfile, fileName: string): CellReader {
  const { cells, numbers } = profile;
  const readNumber = numberReader(numbers);
  return (cell, { definition }, columnName, party, span, rowProvenance, line) => {
    const written = cell.trim();
    const fault = (failure: string, expected?: string, hints: readonly string[] = []): JoulemarkError =>
      faultInFile(
        failure,
        { file: fileName, line, column: columnName },
        { ...(expected === undefined ? {} : { expected }), value: cell, hints },
      );
    const reading = (value: Decimal | undefined, provenance: Provenance): Reading => ({
      meter: definition.meter,
      party,
      start: span.start,
      end: span.end,
      value,
      open: undefined,
      provenance,
      line,
    });
    // a stock or a calorific value does not stand still: idle is said of what is counted
    const canIdle = definition.reads !== 'level' && definition.kind !== 'quality';
    const missing = cells.missing.has(written);
    const isIdle = canIdle && (rowProvenance === 'idle' || (cells.blankIsIdle && written === ''));
    const provenance = rowProvenance === 'idle' ? 'metered' : rowProvenance;
    if (missing || (written === '' && (isIdle || cells.blankIsIdle))) {
      if (!isIdle) return reading(undefined, provenance);
      return reading(givesIntervals(definition) ? ZERO_DECIMAL : undefined, 'idle');
    }
    const value = readNumber(written);
    if (value === undefined)
      throw fault(
        written === '' ? 'empty cell' : `not a number: '${written}'`,
        numberFormatText(numbers),
        written === ''
          ? ['list it in cells.missing, or write blank: idle if it declares that the line stood still']
          : [],
      );
    const wrong = figureFault(value, definition);
    if (wrong !== undefined) throw fault(`${wrong}: '${written}'`);
    if (isIdle && givesIntervals(definition) && !isZeroDecimal(value))
      throw fault(`row declared idle has the figure '${written}' for '${definition.meter}'`, '0 or an empty cell');
    return reading(value, isIdle ? 'idle' : provenance);
  };
}
