import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JoulemarkError } from '../../../src/errors.ts';
import { columnFinder, type CsvLayout, decodeText, readCsv } from '../../../src/ingest/csv.ts';
import { bytesOf, toGb18030 } from './situation.ts';

const LAYOUT: CsvLayout = { encoding: 'utf-8', delimiter: ',', quote: '"', skipLines: 0 };
const table = (text: string, layout: Partial<CsvLayout> = {}) =>
  readCsv(bytesOf(text), 'f.csv', { ...LAYOUT, ...layout });

describe('encodings', () => {
  test('GB 18030', () => {
    const bytes = toGb18030('日期,熟料产量(t)\n2026-03-10,5104\n');
    expect(bytes.length).toBeLessThan(bytesOf('日期,熟料产量(t)\n2026-03-10,5104\n').length);
    expect(readCsv(bytes, 'f.csv', { ...LAYOUT, encoding: 'gb18030' }).header).toEqual(['日期', '熟料产量(t)']);
  });

  test('UTF-8 and UTF-16 with a byte order mark', () => {
    expect(table('\uFEFFa,b\n1,2\n').header).toEqual(['a', 'b']);
    const text = '\uFEFFa,煤\n1,2\n';
    const utf16 = Uint8Array.from([...text].flatMap((unit) => [unit.charCodeAt(0) & 0xff, unit.charCodeAt(0) >> 8]));
    expect(readCsv(utf16, 'f.csv', { ...LAYOUT, encoding: 'utf-16le' }).header).toEqual(['a', '煤']);
  });

  test('bytes of another encoding are refused with the line', () => {
    expect(() => decodeText(toGb18030('a,b\n1,2\n3,断线\n'), 'utf-8', 'f.csv')).toThrow(
      'bytes that are not utf-8, expected text in utf-8, in f.csv:3',
    );
    expect(() => decodeText(Uint8Array.of(0x61, 0x0a, 0x81, 0x20), 'gb18030', 'f.csv')).toThrow('in f.csv:2');
    expect(() => decodeText(Uint8Array.of(0x61, 0x00, 0x00), 'utf-16le', 'f.csv')).toThrow('not utf-16le');
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
    expect([0, 1, 2].map(read.lineOf)).toEqual([4, 6, 8]);
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
            readCsv(bytes, 'f.csv', { ...LAYOUT, encoding: encoding });
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
