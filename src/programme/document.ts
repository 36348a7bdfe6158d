import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLParseError,
  type YAMLWarning,
} from 'yaml';
import { type Decimal, decimalToText, parseDecimal } from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import { converted, faultAt, oneOf, type Schema, text } from '../ledger/codec/schema.ts';
import type { CborValue } from '../ledger/codec/value.ts';
import { dayNumberOf, type Duration, isZone } from './calendar.ts';

/** The size and nesting that a document written by a person never reaches. */
const MOST_BYTES = 256 * 1024;
const MOST_DEPTH = 32;
/** Brackets may stand in texts and remarks too, so the scan before parsing allows more of them than there are levels. */
const MOST_OPEN = 500;

interface Walk {
  readonly fileName: string;
  readonly lines: LineCounter;
  /** path -> line, for messages of the schemas */
  readonly places: Map<string, number>;
}

/** The text of a document that a person wrote. @throws JoulemarkError USAGE for bytes that are not UTF-8. */
export function toDocumentText(bytes: Uint8Array, fileName: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new JoulemarkError('USAGE', `'${fileName}' is not UTF-8 text`, { cause: error });
  }
}

/**
 * Reads a YAML 1.2 document (failsafe schema: every scalar is text, so `0.10` stays 0.10 and `no` stays no) into text, lists
 * and maps. Anchors, aliases, tags, directives, several documents, duplicate keys, keys that are not text, more than 256 KiB
 * and more than 32 levels are refused.
 * @throws JoulemarkError USAGE naming `fileName:line`.
 */
export function parseDocument(source: string, fileName: string): CborValue {
  return parse(source, fileName, '').value;
}

/**
 * Reads a document and its shape in one go: a fault that `schema` finds names `fileName:line` beside its path.
 * `root`: the first word of the paths, for example 'policy'.
 * @throws JoulemarkError USAGE.
 */
export function readDocument<T>(source: string, fileName: string, schema: Pick<Schema<T>, 'read'>, root: string): T {
  const { value, places } = parse(source, fileName, root);
  try {
    return schema.read(value, root);
  } catch (error) {
    if (!(error instanceof JoulemarkError)) throw error;
    const line = lineOf(typeof error.details['path'] === 'string' ? error.details['path'] : root, places);
    throw new JoulemarkError(error.code, `${error.message}, in ${fileName}:${line}`, {
      hints: error.hints,
      details: { ...error.details, file: fileName, line },
      cause: error,
    });
  }
}

/** The line of a path, or of the nearest thing around it: a missing key has no line of its own. */
function lineOf(path: string, places: ReadonlyMap<string, number>): number {
  for (
    let around = path;
    around !== '';
    around = around.slice(0, Math.max(around.lastIndexOf('.'), around.lastIndexOf('['), 0))
  ) {
    const line = places.get(around);
    if (line !== undefined) return line;
  }
  return 1;
}

function parse(
  source: string,
  fileName: string,
  root: string,
): { readonly value: CborValue; readonly places: ReadonlyMap<string, number> } {
  // a UTF-16 unit is never less than a byte of UTF-8; the exact count is taken only when it matters
  if (source.length > MOST_BYTES || new TextEncoder().encode(source).length > MOST_BYTES) {
    throw refused(fileName, 1, `document too large, expected at most ${MOST_BYTES / 1024} KiB`);
  }
  refuseDeepNesting(source, fileName);
  const walk: Walk = { fileName, lines: new LineCounter(), places: new Map() };
  const documents = parseAllDocuments(source.replace(/^\uFEFF/, ''), {
    schema: 'failsafe',
    version: '1.2',
    uniqueKeys: false,
    strict: true,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: walk.lines,
  });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (document === undefined) throw refused(fileName, 1, 'empty document, expected keys and values');
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) throw refused(fileName, walk.lines.linePos(fault.pos[0]).line, toReason(fault));
  if (second !== undefined)
    throw refused(fileName, walk.lines.linePos(second.range[0]).line, 'second document in one file, expected one');
  if (document.directives?.yaml.explicit === true) throw refused(fileName, 1, "directive '%YAML' is not allowed");
  if (document.contents === null) throw refused(fileName, 1, 'empty document, expected keys and values');
  return { value: toValue(document.contents, root, 1, walk), places: walk.places };
}

// the composer of `yaml` recurses: a long row of "[" or "- " would exhaust the stack before the tree can be measured
function refuseDeepNesting(source: string, fileName: string): void {
  let open = 0;
  let inRow = 0;
  let line = 1;
  for (const [mark] of source.matchAll(/[[\]{}\n]|[-?:][ \t]+(?=[-?:][ \t])/g)) {
    if (mark === '\n') {
      line += 1;
      inRow = 0;
    } else if (mark === '[' || mark === '{') open += 1;
    else if (mark === ']' || mark === '}') open = Math.max(open - 1, 0);
    else inRow += 1;
    if (open > MOST_OPEN || inRow > MOST_OPEN)
      throw refused(fileName, line, `nested too deep, expected at most ${MOST_DEPTH} levels`);
  }
}

function toValue(node: Node, path: string, depth: number, walk: Walk): CborValue {
  const line = walk.lines.linePos(node.range?.[0] ?? 0).line;
  walk.places.set(path, line);
  if (depth > MOST_DEPTH) throw refused(walk.fileName, line, `nested too deep, expected at most ${MOST_DEPTH} levels`);
  if (isAlias(node)) throw refused(walk.fileName, line, `alias '*${node.source}' is not allowed, write the value out`);
  if (isScalar(node) || isMap(node) || isSeq(node)) {
    if (node.anchor !== undefined)
      throw refused(walk.fileName, line, `anchor '&${node.anchor}' is not allowed, write the value out`);
    if (node.tag !== undefined)
      throw refused(walk.fileName, line, `tag '${node.tag}' is not allowed, every value is text`);
  }
  if (isScalar(node)) return typeof node.value === 'string' ? node.value : '';
  if (isSeq<Node>(node)) return node.items.map((item, index) => toValue(item, `${path}[${index}]`, depth + 1, walk));
  if (!isMap<Node, Node | null>(node)) throw refused(walk.fileName, line, 'value of an unknown kind');
  const map = new Map<string, CborValue>();
  for (const { key, value } of node.items) {
    const name = toValue(key, `${path}.?`, depth + 1, walk);
    const keyLine = walk.lines.linePos(key.range?.[0] ?? 0).line;
    if (typeof name !== 'string') throw refused(walk.fileName, keyLine, `key of '${path}' is not text`);
    const inner = path === '' ? name : `${path}.${name}`;
    if (map.has(name))
      throw refused(walk.fileName, keyLine, `duplicate key '${inner}', first on line ${walk.places.get(inner)}`);
    map.set(name, value === null ? '' : toValue(value, inner, depth + 1, walk));
    walk.places.set(inner, keyLine);
  }
  return map;
}

function refused(fileName: string, line: number, message: string): JoulemarkError {
  return new JoulemarkError('USAGE', `${message}, in ${fileName}:${line}`, { details: { file: fileName, line } });
}

function toReason(fault: YAMLParseError | YAMLWarning): string {
  if (fault.code === 'TAG_RESOLVE_FAILED') return `tag is not allowed, every value is text (${fault.message})`;
  return `not YAML: ${fault.message.charAt(0).toLowerCase()}${fault.message.slice(1)}`;
}

/** A schema for text that `into` understands: it throws or returns undefined on what it does not. */
function spelled<T>(expected: string, into: (value: string) => T | undefined, back: (value: T) => string): Schema<T> {
  return {
    read: (value, path) => {
      const result = into(text.read(value, path));
      if (result === undefined) throw faultAt(path, expected, value);
      return result;
    },
    write: (value) => back(value),
  };
}

/** An exact decimal written with a point: '0.10'. */
export const textDecimal: Schema<Decimal> = converted(text, "a decimal such as '0.10'", parseDecimal, decimalToText);

/** A whole number from 0 without leading zeros. */
export const textUint: Schema<number> = spelled(
  'a whole number from 0',
  (value) => (/^(0|[1-9]\d{0,15})$/.test(value) && Number.isSafeInteger(Number(value)) ? Number(value) : undefined),
  String,
);

/** An ISO 8601 duration without fractions: P3D, PT12H, P1M, P1Y, P1Y6M; a week is seven days. */
export const textDuration: Schema<Duration> = spelled(
  'an ISO 8601 duration such as P1D, P1M or PT12H',
  toDuration,
  durationToText,
);

/** A day of the calendar: '2026-01-31'. */
export const textDate: Schema<string> = spelled(
  'a date such as 2026-01-31',
  (value) => (dayNumberOf(value) === undefined ? undefined : value),
  (value) => value,
);

/** A clock time "08:00" as seconds of the day. */
export const textTime: Schema<number> = spelled('a clock time such as "08:00"', toClock, clockToText);

/** An IANA time zone known here, or a fixed offset such as "+08:00". */
export const textZone: Schema<string> = spelled(
  'a time zone such as Asia/Shanghai or "+08:00"',
  (value) => (isZone(value) ? value : undefined),
  (value) => value,
);

/** The words yes and no. */
export const yesNo: Schema<boolean> = converted(
  oneOf('yes', 'no'),
  "'yes' or 'no'",
  (value) => value === 'yes',
  (value) => (value ? 'yes' : 'no'),
);

function toDuration(value: string): Duration | undefined {
  const match =
    /^P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/.exec(
      value,
    );
  if (match === null || value === 'P') return undefined;
  const [years, months, weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { years, months, days: weeks * 7 + days, seconds: hours * 3600 + minutes * 60 + seconds };
}

/** The shortest ISO 8601 form of a duration: P1Y, P10D, PT12H, PT1H30M; nothing is PT0S. */
export function durationToText({ years, months, days, seconds }: Duration): string {
  const part = (count: number, letter: string): string => (count === 0 ? '' : `${count}${letter}`);
  const date = part(years, 'Y') + part(months, 'M') + part(days, 'D');
  const clock =
    part(Math.floor(seconds / 3600), 'H') + part(Math.floor(seconds / 60) % 60, 'M') + part(seconds % 60, 'S');
  if (clock !== '') return `P${date}T${clock}`;
  return date === '' ? 'PT0S' : `P${date}`;
}

function toClock(value: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(value);
  return match === null ? undefined : Number(match[1]) * 3600 + Number(match[2]) * 60;
}

/** Seconds of the day as "08:00". */
export function clockToText(seconds: number): string {
  return `${String(Math.floor(seconds / 3600)).padStart(2, '0')}:${String(Math.floor(seconds / 60) % 60).padStart(2, '0')}`;
}
