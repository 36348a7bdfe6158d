import { CsvError, type Options, parse } from 'csv-parse/sync';
import { JoulemarkError } from '../errors.ts';
import { countOf, type FileEncoding, type LinePiece, linePieces, MOST_ROW_BYTES, NEWLINE } from './line-pieces.ts';
import { faultInFile } from './reading.ts';

/** How the bytes of a file become a table. */
export interface CsvLayout {
  readonly encoding: FileEncoding;
  readonly delimiter: string;
  /** '' for none. */
  readonly quote: string;
  /** Title lines above the header. */
  readonly skipLines: number;
}

/** A row and the line of the file on which it begins, from 1. */
export interface CsvRow {
  readonly fields: readonly string[];
  readonly line: number;
}

/** A table with one header; blank lines are not rows. */
export interface CsvTable {
  readonly header: readonly string[];
  /** Read as they are asked for, once: no more than a piece of the file is held in rows. @throws JoulemarkError USAGE naming file and line. */
  readonly rows: Iterable<CsvRow>;
}

/** Reads a CSV table. Every row must have as many fields as the header. @throws JoulemarkError USAGE naming file and line. */
export function readCsv(bytes: Uint8Array, fileName: string, layout: CsvLayout): CsvTable {
  const lines = withoutTitle(linePieces(bytes, layout.encoding, fileName), layout.skipLines, fileName);
  const rows = rowsOf(wholeRecords(lines, layout.quote), fileName, layout);
  const first = rows.next();
  const header = first.done === true ? [] : first.value.fields.map((name) => name.trim());
  if (header.length === 0 || (header.length === 1 && header[0] === ''))
    throw faultInFile(
      'no header',
      { file: fileName, line: layout.skipLines + 1 },
      { expected: 'a line of column names' },
    );
  return { header, rows };
}

function* withoutTitle(pieces: Iterable<LinePiece>, lines: number, fileName: string): Generator<LinePiece> {
  let skipped = 0;
  for (const { bytes, line } of pieces) {
    let start = 0;
    for (; skipped < lines; skipped += 1) {
      const newline = bytes.indexOf('\n', start);
      if (newline < 0) break;
      start = newline + 1;
    }
    if (skipped === lines) yield { bytes: bytes.subarray(start), line: Math.max(line, lines + 1) };
  }
  if (skipped < lines)
    throw faultInFile(
      'file ends above the header',
      { file: fileName, line: skipped + 1 },
      { expected: `a header after ${lines} lines` },
    );
}

/** Pieces joined where a quoted field goes on from one to the next: what is valid has an even number of quotes in every whole record. */
function* wholeRecords(pieces: Iterable<LinePiece>, quote: string): Generator<LinePiece> {
  if (quote === '') return yield* pieces;
  const mark = Buffer.from(quote);
  let open: LinePiece[] = [];
  let quotes = 0;
  let size = 0;
  for (const piece of pieces) {
    open.push(piece);
    quotes += countOf(piece.bytes, mark);
    size += piece.bytes.length;
    // a field that never ends is left to the parser to refuse
    if (quotes % 2 === 1 && size < MOST_ROW_BYTES) continue;
    yield joined(open);
    open = [];
    quotes = 0;
    size = 0;
  }
  if (open.length > 0) yield joined(open);
}

function joined(pieces: readonly LinePiece[]): LinePiece {
  const [first] = pieces;
  if (first === undefined || pieces.length === 1) return first!;
  return { bytes: Buffer.concat(pieces.map(({ bytes }) => bytes)), line: first.line };
}

/** The header and the rows under it. */
function* rowsOf(pieces: Iterable<LinePiece>, fileName: string, layout: CsvLayout): Generator<CsvRow> {
  const options: Options = {
    delimiter: layout.delimiter,
    quote: layout.quote === '' ? false : layout.quote,
    record_delimiter: '\n',
    relax_column_count: true,
    skip_empty_lines: false,
  };
  let width: number | undefined;
  for (const piece of pieces) {
    const records = parseRecords(piece, fileName, options);
    // a record takes more than a line only where a quoted field holds line ends, which shows in the counts
    const hasLongRecords = records.length < lineCount(piece.bytes);
    let { line } = piece;
    for (const fields of records) {
      width ??= fields.length;
      if (fields.length === width) yield { fields, line };
      else if (!isBlank(fields)) throw wrongWidth(fields.length, width, { file: fileName, line });
      line += hasLongRecords ? fields.reduce((lines, field) => lines + field.split('\n').length - 1, 1) : 1;
    }
  }
}

const isBlank = (fields: readonly string[]): boolean => fields.length === 1 && fields[0] === '';

const wrongWidth = (
  has: number,
  expected: number,
  place: { readonly file: string; readonly line: number },
): JoulemarkError =>
  faultInFile(`${has} fields`, place, {
    expected: `${expected} as in the header`,
    hints: [
      'a quoted field, a decimal comma or another delimiter? see file.quote, file.decimal and file.delimiter of the profile',
    ],
  });

const lineCount = (bytes: Buffer): number => countOf(bytes, NEWLINE) + (bytes.at(-1) === NEWLINE ? 0 : 1);

function parseRecords({ bytes, line }: LinePiece, fileName: string, options: Options): string[][] {
  try {
    return parse(bytes, options);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as { readonly lines?: unknown };
    const within = typeof lines === 'number' ? lines : 1;
    const at = line + within - 1;
    const failure = error.message.replace(`at line ${within}`, `at line ${at}`);
    throw faultInFile(`not CSV: ${failure.charAt(0).toLowerCase()}${failure.slice(1)}`, { file: fileName, line: at });
  }
}

/** The places of columns by name. @throws JoulemarkError USAGE for a name that is not in the header, or there twice. */
export function columnFinder(
  header: readonly string[],
  fileName: string,
  headerLine: number,
): (name: string) => number {
  return (name) => {
    const at = header.indexOf(name);
    if (at < 0) {
      throw faultInFile(
        `no column '${name}'`,
        { file: fileName, line: headerLine },
        { expected: `one of ${header.map((known) => `'${known}'`).join(', ')}`, value: name },
      );
    }
    if (header.includes(name, at + 1))
      throw faultInFile(
        `two columns '${name}'`,
        { file: fileName, line: headerLine },
        { expected: 'names that differ', value: name },
      );
    return at;
  };
}

/** A delimiter or quote as a profile writes it. @throws JoulemarkError USAGE. */
export function parseMark(written: string): string {
  if (written === 'tab' || written === String.raw`\t`) return '\t';
  if (written.length === 1 && written !== '\n' && written !== '\r') return written;
  throw new JoulemarkError('USAGE', `not one character: '${written}'`);
}
