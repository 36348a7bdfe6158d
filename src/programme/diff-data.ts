import { addRatio, multiplyRatio, type Rational, ratioOfDecimal, subtractRatio, ZERO } from '../calc/ratio.ts';
import { tryConvert } from '../calc/try-convert.ts';
import type { Boundary } from './boundary.ts';
import type { Span } from './calendar.ts';
import { amount, type Figure } from './figure.ts';
import type { CountedPackage } from './packages.ts';
import type { Policy } from './policy.ts';
import { showInterval, showQuantity } from './show-quantity.ts';
import type { Organisation } from './state.ts';
import { packagesOfWindow } from './window-packages.ts';

/** The packages that a decision rests on in one of its windows. */
export interface WindowData {
  readonly window: Span;
  readonly packages: readonly CountedPackage[];
}

/** What changed of one meter in one window. */
export interface DataChange {
  readonly side: 'baseline' | 'reporting';
  readonly meter: string;
  readonly kind: string;
  /** False where the windows are of different times: then packages are counted, not held against each other. */
  readonly sameWindow: boolean;
  readonly packages: { readonly a: number; readonly b: number };
  /** In the same window: packages of a slot that only one has, and of one that both have with another content. */
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Sums in `unit`; null for what does not add up, levels and values a unit. */
  readonly quantity: { readonly a: Figure; readonly b: Figure; readonly difference: Figure } | null;
  readonly unit: string;
  /** The first of the slots that differ. */
  readonly slots: readonly SlotChange[];
}

interface SlotChange {
  readonly interval: string;
  readonly a: string | null;
  readonly b: string | null;
}

const MOST_SLOTS = 20;

/** Quantities of these kinds add up over time. */
const SUMMED: ReadonlySet<string> = new Set(['energy', 'product', 'value', 'shipment']);

export function dataOf(applicant: Organisation, policy: Policy, boundary: Boundary, window: Span): WindowData {
  return { window, packages: packagesOfWindow(applicant, policy, boundary, window) };
}

/** Meter by meter what the packages of two windows differ in; meters with the same packages in the same window are left out. */
export function diffData(
  side: DataChange['side'],
  a: WindowData | null,
  b: WindowData | null,
  zone: string,
): readonly DataChange[] {
  const [rowsA, rowsB] = [byMeter(a), byMeter(b)];
  const sameWindow = a === null || b === null || (a.window.start === b.window.start && a.window.end === b.window.end);
  return [...new Set([...rowsA.keys(), ...rowsB.keys()])].sort().flatMap((key) => {
    const change = diffMeter(side, rowsA.get(key) ?? [], rowsB.get(key) ?? [], sameWindow, zone);
    return change === null ? [] : [change];
  });
}

function byMeter(data: WindowData | null): ReadonlyMap<string, readonly CountedPackage[]> {
  const rows = new Map<string, CountedPackage[]>();
  for (const one of data?.packages ?? []) {
    const key = `${one.meter}\n${one.kind}`;
    const row = rows.get(key);
    if (row === undefined) rows.set(key, [one]);
    else row.push(one);
  }
  return rows;
}

function diffMeter(
  side: DataChange['side'],
  a: readonly CountedPackage[],
  b: readonly CountedPackage[],
  sameWindow: boolean,
  zone: string,
): DataChange | null {
  const any = a[0] ?? b[0];
  if (any === undefined) return null;
  const slots = sameWindow ? diffSlots(a, b, zone) : [];
  if (sameWindow && slots.length === 0) return null;
  const { unit } = any.payload;
  const [sumA, sumB] = SUMMED.has(any.kind) ? [sumIn(a, unit), sumIn(b, unit)] : [null, null];
  return {
    side,
    meter: any.meter,
    kind: any.kind,
    sameWindow,
    packages: { a: a.length, b: b.length },
    added: slots.filter((slot) => slot.a === null).length,
    removed: slots.filter((slot) => slot.b === null).length,
    changed: slots.filter((slot) => slot.a !== null && slot.b !== null).length,
    quantity: sumA === null || sumB === null ? null : toQuantity(sumA, sumB),
    unit,
    slots: slots.slice(0, MOST_SLOTS),
  };
}

function toQuantity(a: Rational, b: Rational): DataChange['quantity'] {
  const [left, right, difference] = [amount(a), amount(b), amount(subtractRatio(b, a))];
  return left === null || right === null || difference === null ? null : { a: left, b: right, difference };
}

/** Null where a unit does not fit the first one. */
function sumIn(packages: readonly CountedPackage[], unit: string): Rational | null {
  let sum = ZERO;
  for (const { payload } of packages) {
    const scale = tryConvert(payload.unit, unit);
    if (scale === null) return null;
    sum = addRatio(sum, multiplyRatio(ratioOfDecimal(payload.quantity), scale));
  }
  return sum;
}

function diffSlots(a: readonly CountedPackage[], b: readonly CountedPackage[], zone: string): readonly SlotChange[] {
  const slotOf = ({ start, end }: CountedPackage): string => `${start} ${end}`;
  const before = new Map(a.map((one) => [slotOf(one), one]));
  const after = new Map(b.map((one) => [slotOf(one), one]));
  return [...new Map([...before, ...after]).values()]
    .toSorted((left, right) => left.start - right.start || left.end - right.end)
    .map((any) => ({ any, old: before.get(slotOf(any)), now: after.get(slotOf(any)) }))
    .filter(({ old, now }) => old?.commit !== now?.commit)
    .map(({ any, old, now }) => ({
      interval: showInterval(any.start, any.end, zone),
      a: textOf(old),
      b: textOf(now),
    }));
}

function textOf(one: CountedPackage | undefined): string | null {
  if (one === undefined) return null;
  const { quantity, unit, provenance } = one.payload;
  return `${showQuantity(quantity)} ${unit}, ${provenance}`;
}
