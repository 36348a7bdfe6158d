import { decimalToText } from '../calc/decimal.ts';
import { toHex } from '../crypto/hash.ts';
import { JoulemarkError } from '../errors.ts';
import { decodeCbor } from '../ledger/codec/decode.ts';
import { decimal } from '../ledger/codec/quantity.ts';
import { type CborMap, type CborValue, isCborMap } from '../ledger/codec/value.ts';
import { showTime } from './calendar.ts';

/** An instant for machines and for people. */
export interface ShownTime {
  readonly epoch: number;
  readonly shown: string;
}

/** An entry as JSON has it: bytes in hex, decimals and rationals as text, times with what a clock shows. */
export type ShownValue =
  | string
  | number
  | boolean
  | null
  | ShownTime
  | readonly ShownValue[]
  | { readonly [key: string]: ShownValue };

/** Keys whose numbers are not plain: nothing in the encoding tells a decimal from a pair of counts. */
const DECIMALS: ReadonlySet<string> = new Set(['quantity', 'open', 'close', 'old', 'new', 'energy']);
const INTERVALS: ReadonlySet<string> = new Set(['interval', 'window', 'period', 'baseline', 'reporting']);
const TIMES: ReadonlySet<string> = new Set(['time', 'until', 'due', 'start', 'end']);
const LAST_SECOND = 253_402_300_799;

/** Shows the content of an entry. Pure display: a shape that is not the expected one is shown as it stands. */
export function showEntry(type: string, content: CborMap, zone: string): { readonly [key: string]: ShownValue } {
  const times = type === 'meter-event' ? new Set([...TIMES, 'at']) : TIMES;
  return showMap(content, { zone, times });
}

interface Scene {
  readonly zone: string;
  readonly times: ReadonlySet<string>;
}

function showMap(map: CborMap, scene: Scene): { readonly [key: string]: ShownValue } {
  return Object.fromEntries(
    [...map].map(([key, value]) => [key, key === 'document' ? showPlain(value) : showUnder(key, value, scene)]),
  );
}

function showUnder(key: string, value: CborValue, scene: Scene): ShownValue {
  if (key === 'payload' && value instanceof Uint8Array) return showPayload(value, scene);
  if (scene.times.has(key) && isTime(value)) return toShownTime(value, scene.zone);
  if (isPair(value)) {
    const [first, second] = value;
    if (INTERVALS.has(key) && isTime(first) && isTime(second))
      return [toShownTime(first, scene.zone), toShownTime(second, scene.zone)];
    if (DECIMALS.has(key)) return showDecimal(value);
    if (isDigits(first) && isDigits(second)) return second === '1' ? first : `${first}/${second}`;
  }
  if (isCborMap(value)) return showMap(value, scene);
  if (Array.isArray(value)) return value.map((element: CborValue) => showUnder('', element, scene));
  return showPlain(value);
}

function showPlain(value: CborValue): ShownValue {
  if (value instanceof Uint8Array) return toHex(value);
  if (isCborMap(value)) return Object.fromEntries([...value].map(([key, element]) => [key, showPlain(element)]));
  if (Array.isArray(value)) return value.map(showPlain);
  return value as string | number | boolean | null;
}

/** Sealed or foreign payloads are no CBOR of the profile: bytes, then. */
function showPayload(bytes: Uint8Array, scene: Scene): ShownValue {
  try {
    const value = decodeCbor(bytes);
    return isCborMap(value) ? showMap(value, scene) : showPlain(value);
  } catch (error) {
    if (error instanceof JoulemarkError) return toHex(bytes);
    throw error;
  }
}

function showDecimal(value: CborValue): ShownValue {
  try {
    return decimalToText(decimal.read(value, ''));
  } catch (error) {
    if (error instanceof JoulemarkError) return showPlain(value);
    throw error;
  }
}

const isPair = (value: CborValue): value is readonly [CborValue, CborValue] =>
  Array.isArray(value) && value.length === 2;
const isTime = (value: CborValue): value is number => typeof value === 'number' && value >= 0 && value <= LAST_SECOND;
const isDigits = (value: CborValue): value is string => typeof value === 'string' && /^-?\d{1,4096}$/.test(value);

/** An instant with what the clocks of a zone show. */
export function toShownTime(epoch: number, zone: string): ShownTime {
  return { epoch, shown: showTime(epoch, zone) };
}

/** A shown value as indented lines. */
export function toLines(value: ShownValue, indent = ''): readonly string[] {
  if (isScalar(value)) return [`${indent}${toWord(value)}`];
  const entries: readonly (readonly [string, ShownValue])[] = Array.isArray(value)
    ? value.map((element: ShownValue) => ['-', element] as const)
    : Object.entries(value).map(([key, element]) => [`${key}:`, element] as const);
  return entries.flatMap(([label, element]) => {
    if (isScalar(element)) return [`${indent}${label} ${toWord(element)}`];
    if (Array.isArray(element) && element.length > 0 && element.every(isScalar))
      return [`${indent}${label} ${element.map(toWord).join(', ')}`];
    const inner = toLines(element, `${indent}  `);
    return inner.length === 0
      ? [`${indent}${label} ${Array.isArray(element) ? '[]' : '{}'}`]
      : [`${indent}${label}`, ...inner];
  });
}

type Scalar = string | number | boolean | null | ShownTime;

function isScalar(value: ShownValue): value is Scalar {
  return typeof value !== 'object' || value === null || ('epoch' in value && 'shown' in value);
}

function toWord(value: Scalar): string {
  return typeof value === 'object' && value !== null ? value.shown : String(value);
}
