import { compareDecimal, type Decimal, decimal, isZeroDecimal, ZERO_DECIMAL } from '../calc/decimal.ts';
import type { JoulemarkError } from '../errors.ts';
import type { Span } from '../programme/calendar.ts';
import { columnFinder, type CsvTable } from './csv.ts';
import { toEnrolledColumns } from './enrolled-columns.ts';
import { givesIntervals, type MeterDefinition } from './meter-definition.ts';
import { numberFormatText, numberReader } from './number-format.ts';
import type { ColumnMatcher, MeterProfile } from './profile.ts';
import { faultInFile, type Provenance, type ReadingFile } from './reading.ts';
import { append, type Readings, readingsOf } from './readings.ts';
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
 * The readings of a table, those of a meter in the order of its rows.
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
  const readings = new Map<string, Readings>();

  const { long } = profile;
  if (long === undefined) {
    const places = [...columns.values()].map(({ name, definition, party }) => ({
      at: find(name),
      definition,
      party,
      read: cellReader(profile, definition, name, fileName),
    }));
    for (const { fields, line } of table.rows) {
      if (dropped(fields)) continue;
      const provenance = provenanceOf(fields);
      for (const { at, definition, party, read } of places) {
        const span = spanOfRow(fields, line, definition.dayStarts);
        read(fields[at]!, span, provenance, line, readingsOf(readings, definition.meter, party));
      }
    }
    return { fileName, readings, notes: [] };
  }

  const meterAt = find(long.meter);
  const valueAt = find(long.value);
  const partyAt = long.party === undefined ? undefined : find(long.party);
  const named = new Map(
    [...columns].map(([name, column]) => [
      name,
      { ...column, read: cellReader(profile, column.definition, long.value, fileName) },
    ]),
  );
  const others = new Map<string, number>();
  for (const { fields, line } of table.rows) {
    if (dropped(fields)) continue;
    const name = fields[meterAt]!.trim();
    const column = named.get(name);
    if (column === undefined) {
      others.set(name, (others.get(name) ?? 0) + 1);
      continue;
    }
    const { definition, read } = column;
    const party =
      column.party ?? (partyAt === undefined || definition.kind !== 'shipment' ? undefined : fields[partyAt]!.trim());
    const span = spanOfRow(fields, line, definition.dayStarts, name);
    read(fields[valueAt]!, span, provenanceOf(fields), line, readingsOf(readings, definition.meter, party));
  }
  const notes = [...others].map(
    ([name, count]) =>
      `${count} ${count === 1 ? 'row' : 'rows'} of '${name}', which the profile does not name, not read`,
  );
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

/** Reads the cells of one column, each into the readings of its meter. */
type CellReader = (cell: string, span: Span, ofRow: Provenance, line: number, into: Readings) => void;

function cellReader(
  profile: MeterProfile,
  definition: MeterDefinition,
  columnName: string,
  fileName: string,
): CellReader {
  const { missing, blankIsIdle } = profile.cells;
  const figureOf = figureReader(profile, definition, columnName, fileName);
  // a stock or a calorific value does not stand still: idle is said of what is counted
  const canIdle = definition.reads !== 'level' && definition.kind !== 'quality';
  const idleValue = givesIntervals(definition) ? ZERO_DECIMAL : undefined;
  return (cell, { start, end }, ofRow, line, into) => {
    const written = cell.trim();
    const isBlank = written === '';
    const isIdle = canIdle && (ofRow === 'idle' || (blankIsIdle && isBlank));
    const isWithout = missing.has(written) || (isBlank && (isIdle || blankIsIdle));
    const without = isIdle ? idleValue : undefined;
    append(into, {
      start,
      end,
      value: isWithout ? without : figureOf(written, isIdle, cell, line),
      open: undefined,
      provenance: isIdle ? 'idle' : notIdle(ofRow),
      line,
    });
  };
}

const notIdle = (provenance: Provenance): Provenance => (provenance === 'idle' ? 'metered' : provenance);

function figureReader(
  { numbers }: MeterProfile,
  definition: MeterDefinition,
  columnName: string,
  fileName: string,
): (written: string, isIdle: boolean, cell: string, line: number) => Decimal {
  const readNumber = numberReader(numbers);
  const fault = (cell: string, line: number, failure: string, expected?: string, hint?: string): JoulemarkError =>
    faultInFile(
      failure,
      { file: fileName, line, column: columnName },
      {
        ...(expected === undefined ? {} : { expected }),
        value: cell,
        hints: hint === undefined ? [] : [hint],
      },
    );
  return (written, isIdle, cell, line) => {
    const value = readNumber(written);
    if (written === '')
      throw fault(
        cell,
        line,
        'empty cell',
        numberFormatText(numbers),
        'list it in cells.missing, or write blank: idle if it declares that the line stood still',
      );
    if (value === undefined) throw fault(cell, line, `not a number: '${written}'`, numberFormatText(numbers));
    const wrong = figureFault(value, definition);
    if (wrong !== undefined) throw fault(cell, line, `${wrong}: '${written}'`);
    if (isIdle && givesIntervals(definition) && !isZeroDecimal(value))
      throw fault(
        cell,
        line,
        `row declared idle has the figure '${written}' for '${definition.meter}'`,
        '0 or an empty cell',
      );
    return value;
  };
}
