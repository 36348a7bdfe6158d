import type { MeterInput } from './evaluation-input.ts';
import type { Reason } from './evaluation.ts';
import { isDeduction } from './gap-fill.ts';
import { reason } from './reason.ts';

/** A meter in its place: what it measures and whose sub-meter it is. */
export interface MeterNode {
  readonly input: MeterInput;
  /** Own or, for a sub-meter, its parent's. */
  readonly carrier: string | null;
  /** Own or its parent's; null on an energy meter = shared. */
  readonly product: string | null;
  /** Its energy is made on the site from energy that counts already: it or a meter above says so. */
  readonly converted: boolean;
  /** The meter it is subtracted from; null for a root, for deductions, and for converted energy under another. */
  readonly parent: string | null;
  /** Sub-meters that are subtracted from it, sorted. */
  readonly children: readonly string[];
}

export interface MeterTree {
  readonly nodes: ReadonlyMap<string, MeterNode>;
  readonly reasons: readonly Reason[];
}

interface Builder {
  readonly meters: ReadonlyMap<string, MeterInput>;
  readonly reasons: Reason[];
}

/** The meters above `meter`, nearest first; stops, with a reason, at one that is missing or comes round again. */
function ancestors({ meters, reasons }: Builder, meter: MeterInput): readonly MeterInput[] {
  const seen = new Set([meter.meter]);
  const above: MeterInput[] = [];
  let under = meter.under;
  while (under !== undefined) {
    const parent = meters.get(under);
    if (parent === undefined) {
      reasons.push(
        reason(
          'meter-tree',
          'critical',
          `'${meter.meter}' is under '${under}', which is not a meter of this boundary`,
          null,
          meter.meter,
        ),
      );
      return above;
    }
    if (seen.has(under)) {
      reasons.push(reason('meter-tree', 'critical', `'${meter.meter}' is under itself`, null, meter.meter));
      return above;
    }
    seen.add(under);
    above.push(parent);
    under = parent.under;
  }
  return above;
}

function firstOf<T>(
  meter: MeterInput,
  above: readonly MeterInput[],
  field: (meter: MeterInput) => T | undefined,
): T | null {
  for (const candidate of [meter, ...above]) {
    const value = field(candidate);
    if (value !== undefined) return value;
  }
  return null;
}

/**
 * Puts meters in their places. Critical reasons, of no single product: a name twice, a parent that is missing, circular, of
 * another kind or of another carrier, a product meter without a product, an energy meter without a carrier.
 */
export function buildMeterTree(inputs: readonly MeterInput[]): MeterTree {
  const meters = new Map<string, MeterInput>();
  const reasons: Reason[] = [];
  for (const input of inputs) {
    if (meters.has(input.meter))
      reasons.push(reason('meter-tree', 'critical', `two meters are called '${input.meter}'`, null, input.meter));
    meters.set(input.meter, input);
  }
  const names = [...meters.keys()].toSorted();
  const builder: Builder = { meters, reasons };
  const placed = new Map<string, Omit<MeterNode, 'children'>>();
  for (const name of names) {
    const input = meters.get(name)!;
    const above = ancestors(builder, input);
    const carrier = firstOf(input, above, (meter) => meter.carrier);
    const product = firstOf(input, above, (meter) => meter.product);
    if ((input.kind === 'energy' || input.kind === 'stock') && carrier === null) {
      reasons.push(reason('meter-tree', 'critical', `'${name}' has no carrier`, null, name));
    }
    if ((input.kind === 'product' || input.kind === 'value') && product === null) {
      reasons.push(reason('meter-tree', 'critical', `'${name}' has no product`, null, name));
    }
    const converted = input.kind === 'energy' && [input, ...above].some(({ counts }) => counts === 'converted');
    placed.set(name, { input, carrier, product, converted, parent: parentOf(builder, input, above, carrier) });
  }
  const children = new Map<string, string[]>();
  for (const [name, { parent }] of placed) {
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), name]);
  }
  const nodes = new Map<string, MeterNode>();
  for (const [name, node] of placed) nodes.set(name, { ...node, children: children.get(name) ?? [] });
  return { nodes, reasons };
}

function parentOf(
  { reasons }: Builder,
  input: MeterInput,
  above: readonly MeterInput[],
  carrier: string | null,
): string | null {
  const parent = above[0];
  if (parent === undefined || input.kind === 'stock' || isDeduction(input)) return null;
  if (input.counts === 'converted' && above.every(({ counts }) => counts !== 'converted')) return null;
  if (parent.kind !== input.kind || isDeduction(parent)) {
    const text = `'${input.meter}' measures ${input.kind} under '${parent.meter}', which measures ${parent.kind} (${parent.counts})`;
    reasons.push(reason('meter-tree', 'critical', text, null, input.meter));
    return null;
  }
  const parentCarrier = firstOf(parent, above.slice(1), (meter) => meter.carrier);
  if (input.kind === 'energy' && carrier !== parentCarrier) {
    // Own converted energy counts once: steam under a coal scale cannot be subtracted from coal.
    const text = `'${input.meter}' is of '${carrier ?? ''}' under '${parent.meter}' of '${parentCarrier ?? ''}'`;
    reasons.push(reason('meter-tree', 'critical', text, null, input.meter));
    return null;
  }
  return parent.meter;
}

/** What buys a carrier: meters that count imports and are sub-meters of none. */
export function boughtMeters({ nodes }: MeterTree, carrier: string): readonly MeterNode[] {
  return [...nodes.values()].filter(
    (node) =>
      node.input.kind === 'energy' &&
      node.input.counts === 'import' &&
      node.carrier === carrier &&
      node.parent === null,
  );
}
