import { CsvError, type Options, parse } from 'csv-parse/sync';
import { JoulemarkError } from '../errors.ts';
import { faultInFile } from './reading.ts';

export type FileEncoding = 'utf-8' | 'gb18030' | 'utf-16le';

/** How the bytes of a file become a table. */
export interface CsvLayout {
  readonly encoding: FileEncoding;
  readonly delimiter: string;
  /** '' for none. */
  readonly quote: string;
  /** Title lines above the header. */
  readonly skipLines: number;
}

/** A table with one header; blank lines are not rows. */
export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The line of the file on which a row begins, from 1. */
  readonly lineOf: (row: number) => number;
}

/**
 * Text of a file in its declared encoding; a byte order mark is dropped, bytes that are not of the encoding are refused.
 * @throws JoulemarkError USAGE naming file and line.
 */
export function decodeText(bytes: Uint8Array, encoding: FileEncoding, fileName: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes).replace(/^\uFEFF/, '');
  } catch {
    throw faultInFile(
      `bytes that are not ${encoding}`,
      { file: fileName, line: firstBadLine(bytes, encoding) },
      {
        expected: `text in ${encoding}`,
        hints: [`set file.encoding of the profile to the encoding of this file: utf-8, gb18030 or utf-16le`],
      },
    );
  }
}

// 0x0A is a line end and nothing else in UTF-8 and in GB 18030; UTF-16 is counted by units
function firstBadLine(bytes: Uint8Array, encoding: FileEncoding): number {
  if (encoding === 'utf-16le') return 1;
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    try {
      new TextDecoder(encoding, { fatal: true }).decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end;
  }
  return line;
}

/** Reads a CSV table. Every row must have as many fields as the header. @throws JoulemarkError USAGE naming file and line. */
export function readCsv(bytes: Uint8Array, fileName: string, layout: CsvLayout): CsvTable {
  const decoded = decodeText(bytes, layout.encoding, fileName);
  const text = withoutTitle(
    decoded.includes('\r') ? decoded.replaceAll(/\r\n?/g, '\n') : decoded,
    layout.skipLines,
    fileName,
  );
  const records = parseRecords(text, fileName, layout);
  const line = lineFinder(text, records.length, layout);
  const header = records[0]?.map((name) => name.trim());
  if (header === undefined || (header.length === 1 && header[0] === ''))
    throw faultInFile(
      'no header',
      { file: fileName, line: layout.skipLines + 1 },
      { expected: 'a line of column names' },
    );
  const rows: (readonly string[])[] = [];
  const places: number[] = [];
  for (let index = 1; index < records.length; index += 1) {
    const fields = records[index]!;
    if (fields.length !== header.length) {
      if (fields.length === 1 && fields[0] === '') continue;
      throw faultInFile(
        `${fields.length} fields`,
        { file: fileName, line: line(index) },
        {
          expected: `${header.length} as in the header`,
          hints: [
            'a quoted field, a decimal comma or another delimiter? see file.quote, file.decimal and file.delimiter of the profile',
          ],
        },
      );
    }
    rows.push(fields);
    places.push(index);
  }
  return { header, rows, lineOf: (row) => line(places[row] ?? 0) };
}

function withoutTitle(text: string, lines: number, fileName: string): string {
  let start = 0;
  for (let skipped = 0; skipped < lines; skipped += 1) {
    const newline = text.indexOf('\n', start);
    if (newline < 0)
      throw faultInFile(
        'file ends above the header',
        { file: fileName, line: skipped + 1 },
        { expected: `a header after ${lines} lines` },
      );
    start = newline + 1;
  }
  return start === 0 ? text : text.slice(start);
}

function optionsOf({ delimiter, quote }: CsvLayout): Options {
  return {
    delimiter,
    quote: quote === '' ? false : quote,
    record_delimiter: '\n',
    relax_column_count: true,
    skip_empty_lines: false,
  };
}

function parseRecords(text: string, fileName: string, layout: CsvLayout): string[][] {
  try {
    return parse(text, optionsOf(layout));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const lines = (error as { readonly lines?: unknown }).lines;
    throw faultInFile(`not CSV: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`, {
      file: fileName,
      line: layout.skipLines + (typeof lines === 'number' ? lines : 1),
    });
  }
}

/**
 * Lines of records. Asking csv-parse for them costs three times its own time, so it is asked only when a quoted field holds a
 * line end, which shows in the counts, and then only when a line is wanted.
 */
function lineFinder(text: string, records: number, layout: CsvLayout): (record: number) => number {
  let lines = text === '' || text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  if (lines === records) return (record) => layout.skipLines + record + 1;
  let starts: readonly number[] | undefined;
  return (record) => {
    starts ??= recordStarts(text, layout);
    return starts[record] ?? layout.skipLines + record + 1;
  };
}

function recordStarts(text: string, layout: CsvLayout): readonly number[] {
  const records = parse(text, { ...optionsOf(layout), info: true }) as unknown as {
    readonly info: { readonly lines: number };
    readonly record: readonly string[];
  }[];
  // `lines` counts up to the end of the record
  return records.map(
    ({ info, record }) =>
      layout.skipLines + info.lines - record.reduce((sum, field) => sum + (field.match(/\n/g)?.length ?? 0), 0),
  );
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
