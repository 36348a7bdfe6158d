import { isUtf8 } from 'node:buffer';
import { faultInFile } from './reading.ts';

export type FileEncoding = 'utf-8' | 'gb18030' | 'utf-16le';

/** Whole lines of a file: their text in UTF-8, every line end a '\n', and the line on which they begin, from 1. */
export interface LinePiece {
  readonly bytes: Buffer;
  readonly line: number;
}

/** So much of a file is looked at in one go: its rows are let go before the next are made. Even, for UTF-16. */
const PIECE_BYTES = 64 * 1024;
/** Longer lines, and longer rows, are no tables. */
export const MOST_ROW_BYTES = 16 * 1024 * 1024;

export const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/**
 * A file of a declared encoding in pieces of whole lines. A byte order mark is dropped; bytes that are not of the encoding are refused.
 * @throws JoulemarkError USAGE naming file and line.
 */
export function* linePieces(bytes: Uint8Array, encoding: FileEncoding, fileName: string): Generator<LinePiece> {
  let line = 1;
  for (let start = 0; start < bytes.length;) {
    const end = lineEnd(bytes, start + PIECE_BYTES, encoding);
    const part = bytes.subarray(start, end);
    if (part.length >= PIECE_BYTES + MOST_ROW_BYTES) {
      const before = linesBefore(part, encoding, (one) => one.length >= MOST_ROW_BYTES);
      throw faultInFile(
        'a line of more than 16 MiB',
        { file: fileName, line: line + before },
        { expected: 'lines of text' },
      );
    }
    const text = toText(part, encoding);
    if (text === undefined) {
      const before = linesBefore(part, encoding, (one) => toText(one, encoding) === undefined);
      throw faultInFile(
        `bytes that are not ${encoding}`,
        { file: fileName, line: line + before },
        {
          expected: `text in ${encoding}`,
          hints: [`set file.encoding of the profile to the encoding of this file: utf-8, gb18030 or utf-16le`],
        },
      );
    }
    const piece = start === 0 ? withoutMark(text) : text;
    yield { bytes: piece, line };
    line += countOf(piece, NEWLINE);
    start = end;
  }
}

/**
 * Where the line that holds a place ends; it is followed no further than it may be long. In UTF-8 and in GB 18030 the bytes of line ends are
 * nothing else; UTF-16 is read by units of two bytes.
 */
function lineEnd(bytes: Uint8Array, place: number, encoding: FileEncoding): number {
  const width = encoding === 'utf-16le' ? 2 : 1;
  const unitAt = (at: number): number | undefined => (width === 1 || bytes[at + 1] === 0 ? bytes[at] : undefined);
  const last = Math.min(bytes.length, place + MOST_ROW_BYTES);
  for (let at = place; at < last; at += width) {
    const unit = unitAt(at);
    if (unit === NEWLINE || (unit === RETURN && unitAt(at + width) !== NEWLINE)) return at + width;
  }
  return last;
}

/** How many lines stand before the first that is meant. */
function linesBefore(bytes: Uint8Array, encoding: FileEncoding, isMeant: (line: Uint8Array) => boolean): number {
  let lines = 0;
  for (let start = 0; start < bytes.length; lines += 1) {
    const end = lineEnd(bytes, start, encoding);
    if (isMeant(bytes.subarray(start, end))) break;
    start = end;
  }
  return lines;
}

/** Undefined for bytes that are not of the encoding. */
function toText(bytes: Uint8Array, encoding: FileEncoding): Buffer | undefined {
  if (encoding === 'utf-8' && !bytes.includes(RETURN))
    return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) : undefined;
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    return Buffer.from(text.replaceAll(/\r\n?/g, '\n'));
  } catch {
    return undefined;
  }
}

function withoutMark(text: Buffer): Buffer {
  let start = 0;
  while (text.indexOf(BYTE_ORDER_MARK, start) === start && start < text.length) start += BYTE_ORDER_MARK.length;
  return text.subarray(start);
}

/** How often a mark is there. */
export function countOf(text: Buffer, mark: number | Buffer): number {
  let count = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) count += 1;
  return count;
}
