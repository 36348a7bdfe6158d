import { isLosslessNumber, parse } from 'lossless-json';
import {
  compareDecimal,
  type Decimal,
  decimalToText,
  isZeroDecimal,
  parseDecimal,
  subtractDecimal,
  ZERO_DECIMAL,
} from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import { toQuantity } from './draft.ts';
import { linePieces } from './line-pieces.ts';
import { givesIntervals, type MeterDefinition } from './meter-definition.ts';
import { faultInFile, type Provenance, type Reading, type ReadingFile } from './reading.ts';
import { addReading, type Readings } from './readings.ts';
import { figureFault } from './rows-to-readings.ts';
import { parseTimeFormat } from './time-format.ts';

const ISO = parseTimeFormat('ISO');
const KEYS: ReadonlySet<string> = new Set([
  'meter',
  'start',
  'end',
  'stamp',
  'value',
  'unit',
  'provenance',
  'register',
  'party',
]);
const REGISTER_KEYS: ReadonlySet<string> = new Set(['open', 'close']);
const PROVENANCES: readonly string[] = ['metered', 'manual', 'estimated', 'idle'] satisfies Provenance[];

type Json = Readonly<Record<string, unknown>>;
type Fail = (failure: string, expected?: string, value?: string) => JoulemarkError;

/**
 * Reads NDJSON, one object a line: `{meter, start, end | stamp, value, unit, provenance?, register?: {open, close}, party?}`.
 * Times are ISO 8601 with an offset; numbers are JSON numbers or text and keep the digits that are written. `value` is the
 * quantity of the interval, or with `stamp` the register or level read then.
 * @throws JoulemarkError USAGE naming file and line: also for duplicate and unknown keys.
 */
export function readNdjson(
  bytes: Uint8Array,
  fileName: string,
  meters: ReadonlyMap<string, MeterDefinition>,
): ReadingFile {
  const readings = new Map<string, Readings>();
  for (const piece of linePieces(bytes, 'utf-8', fileName)) {
    let { line } = piece;
    for (const source of piece.bytes.toString().split('\n')) {
      if (source.trim() !== '') addReading(readings, readLine(source, meters, fileName, line));
      line += 1;
    }
  }
  return { fileName, readings, notes: [] };
}

function readLine(
  source: string,
  meters: ReadonlyMap<string, MeterDefinition>,
  fileName: string,
  line: number,
): Reading {
  const fail: Fail = (failure, expected, value) =>
    faultInFile(
      failure,
      { file: fileName, line },
      { ...(expected === undefined ? {} : { expected }), ...(value === undefined ? {} : { value }) },
    );
  return toReading(parseObject(source, fail), meters, line, fail);
}

function parseObject(source: string, fail: Fail): Json {
  let value: unknown;
  try {
    value = parse(source);
  } catch (error) {
    throw fail(
      `not JSON: ${error instanceof Error ? error.message.charAt(0).toLowerCase() + error.message.slice(1) : 'unreadable'}`,
    );
  }
  if (!isObject(value)) throw fail('not an object', 'one JSON object a line');
  refuseDuplicates(source, value, fail);
  return value;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);

// lossless-json refuses a key given twice only where the values differ
function refuseDuplicates(source: string, value: Json, fail: Fail): void {
  let written = 0;
  for (const [, colon] of source.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)) written += colon === undefined ? 0 : 1;
  if (written !== countKeys(value)) throw fail('a key is there twice', 'every key once');
}

function countKeys(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countKeys(item), 0);
  return isObject(value) ? Object.values(value).reduce((sum: number, inner) => sum + 1 + countKeys(inner), 0) : 0;
}

function toReading(object: Json, meters: ReadonlyMap<string, MeterDefinition>, line: number, fail: Fail): Reading {
  for (const key of Object.keys(object)) {
    if (!KEYS.has(key)) throw fail(`unknown key '${key}'`, `one of ${[...KEYS].join(', ')}`);
  }
  const definition = typeof object['meter'] === 'string' ? meters.get(object['meter']) : undefined;
  if (definition === undefined) throw fail(`no meter '${show(object['meter'])}' is enrolled`);
  if (object['unit'] !== definition.unit)
    throw fail(
      `unit of '${definition.meter}' is '${show(object['unit'])}'`,
      `'${definition.unit}' as enrolled`,
      show(object['unit']),
    );
  const provenance = toProvenance(object['provenance'], fail);
  const party = object['party'];
  if (party !== undefined && (typeof party !== 'string' || definition.kind !== 'shipment'))
    throw fail("'party' is for shipment meters", 'text, at a shipment meter');
  const span = toSpan(object, fail);
  const isReading = span.start === span.end;
  if (isReading && givesIntervals(definition))
    throw fail(
      `'stamp' for '${definition.meter}', which is enrolled with quantities of intervals`,
      "'start' and 'end'",
    );
  const register = toRegister(object['register'], definition, fail);
  const value = toFigure(object['value'], "'value'", definition, fail, definition.reads === 'register' && !isReading);
  const base = { meter: definition.meter, party, ...span, provenance, line };
  if (definition.reads !== 'register') {
    if (register !== undefined) throw fail(`'register' for '${definition.meter}', which is not enrolled as a register`);
    if (provenance === 'idle' && value !== undefined && !isZeroDecimal(value))
      throw fail(`declared idle with the figure '${show(object['value'])}'`, '0');
    return { ...base, value: value ?? (provenance === 'idle' ? ZERO_DECIMAL : undefined), open: undefined };
  }
  if (isReading) {
    if (register !== undefined)
      throw fail("'register' beside 'stamp'", "'value' alone, or 'start', 'end' and 'register'");
    return { ...base, value, open: undefined };
  }
  if (register === undefined) {
    if (provenance === 'idle' && (value === undefined || isZeroDecimal(value)))
      return { ...base, value: undefined, open: undefined };
    throw fail(
      `no readings of the register of '${definition.meter}'`,
      "'register': {'open', 'close'}, or 'stamp' and 'value'",
    );
  }
  const advanced = toQuantity(subtractDecimal(register.close, register.open), definition);
  // a register that ends below its beginning needs a recorded rollover or exchange, which is looked for with the events
  if (value !== undefined && advanced.mantissa >= 0n && compareDecimal(advanced, value) !== 0) {
    throw fail(
      `'value' is ${decimalToText(value)}, the register advanced by ${decimalToText(advanced)}`,
      'both the same, in the unit of the meter',
    );
  }
  return { ...base, value: register.close, open: register.open };
}

function toProvenance(value: unknown, fail: Fail): Provenance {
  if (value === undefined) return 'metered';
  if (typeof value === 'string' && PROVENANCES.includes(value)) return value as Provenance;
  throw fail(`unknown provenance '${show(value)}'`, PROVENANCES.join(', '), show(value));
}

function toSpan(object: Json, fail: Fail): { readonly start: number; readonly end: number } {
  const { stamp, start, end } = object;
  if (stamp !== undefined) {
    if (start !== undefined || end !== undefined) throw fail("'stamp' beside 'start' or 'end'", 'one of the two ways');
    const at = toInstant(stamp, 'stamp', fail);
    return { start: at, end: at };
  }
  const span = { start: toInstant(start, 'start', fail), end: toInstant(end, 'end', fail) };
  if (span.start >= span.end) throw fail(`'end' ${show(end)} is not after 'start' ${show(start)}`);
  return span;
}

function toInstant(value: unknown, key: string, fail: Fail): number {
  const stamp = typeof value === 'string' ? ISO.parse(value) : undefined;
  if (stamp?.offset === undefined)
    throw fail(
      `'${key}' is '${show(value)}'`,
      'an ISO 8601 time with an offset, such as 2026-03-10T08:00:00+08:00',
      show(value),
    );
  return stamp.local - stamp.offset;
}

function toRegister(
  value: unknown,
  definition: MeterDefinition,
  fail: Fail,
): { readonly open: Decimal; readonly close: Decimal } | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value) || Object.keys(value).some((key) => !REGISTER_KEYS.has(key)))
    throw fail("'register' is not {open, close}", 'an object of open and close');
  const open = toFigure(value['open'], "'register.open'", definition, fail);
  const close = toFigure(value['close'], "'register.close'", definition, fail);
  if (open === undefined || close === undefined) throw fail("'register' without open or close", 'both');
  return { open, close };
}

function toFigure(
  value: unknown,
  key: string,
  definition: MeterDefinition,
  fail: Fail,
  isQuantity = false,
): Decimal | undefined {
  if (value === undefined || value === null) return undefined;
  const written = isLosslessNumber(value) ? value.value : value;
  if (typeof written !== 'string' || !/^-?\d{1,40}(\.\d{1,40})?$/.test(written))
    throw fail(`${key} is '${show(value)}'`, 'plain digits such as 2935.600', show(value));
  const figure = parseDecimal(written);
  // the quantity of an interval may have more digits than the register
  const wrong = isQuantity ? undefined : figureFault(figure, definition);
  if (wrong !== undefined) throw fail(`${wrong}: ${written}`, undefined, written);
  return figure;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (isLosslessNumber(value)) return value.value;
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'unreadable');
}
