import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JoulemarkError } from '../../../src/errors.ts';
import { columnFinder, type CsvLayout, readCsv } from '../../../src/ingest/csv.ts';
import { linePieces } from '../../../src/ingest/line-pieces.ts';
import { bytesOf, toGb18030 } from './situation.ts';

const LAYOUT: CsvLayout = { encoding: 'utf-8', delimiter: ',', quote: '"', skipLines: 0 };
const tableOf = (bytes: Uint8Array, layout: Partial<CsvLayout> = {}) => {
  const { header, rows } = readCsv(bytes, 'f.csv', { ...LAYOUT, ...layout });
  const read = [...rows];
  return { header, rows: read.map(({ fields }) => fields), lines: read.map(({ line }) => line) };
};
const table = (text: string, layout: Partial<CsvLayout> = {}) => tableOf(bytesOf(text), layout);
const textOf = (bytes: Uint8Array, encoding: CsvLayout['encoding']): string =>
  [...linePieces(bytes, encoding, 'f.csv')].map((piece) => piece.bytes.toString()).join('');
const toUtf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf16le'));

describe('encodings', () => {
  test('GB 18030', () => {
    const bytes = toGb18030('日期,熟料产量(t)\n2026-03-10,5104\n');
    expect(bytes.length).toBeLessThan(bytesOf('日期,熟料产量(t)\n2026-03-10,5104\n').length);
    expect(tableOf(bytes, { encoding: 'gb18030' }).header).toEqual(['日期', '熟料产量(t)']);
  });

  test('UTF-8 and UTF-16 with a byte order mark', () => {
    expect(table('\uFEFFa,b\n1,2\n').header).toEqual(['a', 'b']);
    const text = '\uFEFFa,煤\n1,2\n';
    expect(tableOf(toUtf16(text), { encoding: 'utf-16le' }).header).toEqual(['a', '煤']);
  });

  test('bytes of another encoding are refused with the line', () => {
    expect(() => textOf(toGb18030('a,b\n1,2\n3,断线\n'), 'utf-8')).toThrow(
      'bytes that are not utf-8, expected text in utf-8, in f.csv:3',
    );
    expect(() => textOf(Uint8Array.of(0x61, 0x0a, 0x81, 0x20), 'gb18030')).toThrow('in f.csv:2');
    expect(() => textOf(Uint8Array.of(0x61, 0x00, 0x00), 'utf-16le')).toThrow('not utf-16le');
  });
});

describe('tables', () => {
  test('lines of rows, with title lines, blank lines and quoted line ends', () => {
    const read = table('title, "of it\nmore\na,b\n1,2\n\n"x\ny",3\n4,5', { skipLines: 2 });
    expect(read.rows).toEqual([
      ['1', '2'],
      ['x\ny', '3'],
      ['4', '5'],
    ]);
    expect(read.lines).toEqual([4, 6, 8]);
  });

  test('a table of many pieces is the one of a single piece', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.array(fc.constantFrom('12.5', '"1\n2"', '""', '"a""b"', '煤', ''), { minLength: 2, maxLength: 2 }),
          {
            minLength: 1,
            maxLength: 12,
          },
        ),
        fc.constantFrom('utf-8', 'gb18030', 'utf-16le'),
        fc.constantFrom('\n', '\r\n', '\r'),
        (records, encoding, end) => {
          const text = ['a,b', ...records.map((fields) => fields.join(','))].map((line) => `${line}\n`).join('');
          const times = 1 + Math.ceil(150_000 / text.length);
          const encode = { 'utf-8': bytesOf, gb18030: toGb18030, 'utf-16le': toUtf16 }[encoding];
          const [one, many] = [1, times].map((count) =>
            tableOf(encode(`a,b\n${text.slice(4).repeat(count)}`.replaceAll('\n', end)), { encoding }),
          );
          const rounds = Array.from({ length: times }, (_, round) => round * (text.split('\n').length - 2));
          expect(JSON.stringify(many!.rows)).toBe(JSON.stringify(rounds.flatMap(() => one!.rows)));
          expect(many!.lines.join()).toBe(rounds.flatMap((before) => one!.lines.map((line) => before + line)).join());
        },
      ),
      { numRuns: 20 },
    );
  });

  test('a fault far down is named with its line', () => {
    const rows = '12,"3\n4"\n'.repeat(20_000);
    expect(() => table(`a,b\n${rows}1,2,3\n`)).toThrow('3 fields, expected 2 as in the header, in f.csv:40002');
    expect(() => table(`a,b\n${rows}1,"2"x\n`)).toThrow(/^not CSV: .* at line 40002 .*, in f\.csv:40002$/);
    expect(() => table(`title\na,b\n1,"2"x\n`, { skipLines: 1 })).toThrow(/ at line 3 .*, in f\.csv:3$/);
    expect(() => tableOf(Buffer.concat([bytesOf(`a,b\n${rows}`), Buffer.of(0xff)]))).toThrow(
      'bytes that are not utf-8, expected text in utf-8, in f.csv:40002',
    );
    expect(() => table(`a,b\n${rows}1,"2\n${'3,4\n'.repeat(20_000)}`)).toThrow(
      'not CSV: quote Not Closed: the parsing is finished with an opening quote at line 60002, in f.csv:60002',
    );
  });

  test('a line without an end is refused, whatever its encoding', () => {
    const endless = (unit: string) => bytesOf(`a,b\n1,2\n${unit.repeat(17 * 1024 * 1024)}`);
    expect(() => tableOf(endless('7'))).toThrow('a line of more than 16 MiB, expected lines of text, in f.csv:3');
    expect(() => tableOf(endless('\0'), { encoding: 'gb18030' })).toThrow('a line of more than 16 MiB');
  });

  test('line ends of every kind', () => {
    for (const end of ['\n', '\r\n', '\r'])
      expect(table(['a,b', '1,2', '3,4', ''].join(end)).rows).toEqual([
        ['1', '2'],
        ['3', '4'],
      ]);
  });

  test('other marks', () => {
    expect(table("a;b\n'1;5';2\n", { delimiter: ';', quote: "'" }).rows).toEqual([['1;5', '2']]);
    expect(table('a\tb\n"1\t2\n', { delimiter: '\t', quote: '' }).rows).toEqual([['"1', '2']]);
  });

  test.each([
    ['a,b\n1,2\n3\n', '1 fields, expected 2 as in the header, in f.csv:3'],
    ['a,b\n1,2,\n', '3 fields, expected 2 as in the header, in f.csv:2'],
    ['', 'no header, expected a line of column names, in f.csv:1'],
    ['a,b\n1,"2\n', 'not CSV'],
    ['a,b\n1,"2"x\n', 'not CSV'],
  ])('refuses %#', (text, message) => {
    expect(() => table(text)).toThrow(message);
  });

  test('columns by name', () => {
    const find = columnFinder(['a', 'b', 'a'], 'f.csv', 3);
    expect(find('b')).toBe(1);
    expect(() => find('c')).toThrow("no column 'c', expected one of 'a', 'b', 'a', in f.csv:3");
    expect(() => find('a')).toThrow("two columns 'a'");
  });

  test('any bytes give a table or the error of a file', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom('utf-8', 'gb18030', 'utf-16le'),
        (bytes, encoding) => {
          try {
            tableOf(bytes, { encoding });
          } catch (error) {
            expect(error).toBeInstanceOf(JoulemarkError);
            expect((error as JoulemarkError).code).toBe('USAGE');
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
