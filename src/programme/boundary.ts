import { JoulemarkError } from '../errors.ts';
import { listOf, mapOf, oneOf, optional, type Read, record, shortText } from '../ledger/codec/schema.ts';
import { textDate, textDecimal, textDuration, textTime, textUint, textZone } from './document.ts';

const supplyPoint = record({
  carrier: shortText(60),
  supplier: optional(shortText(200)),
  account: optional(shortText(60)),
  metered_at: optional(shortText(60)),
  weighed_at: optional(shortText(60)),
  loss_to_site: optional(textDecimal),
});

const declaredMeter = record({
  kind: oneOf('energy', 'product', 'value', 'stock', 'shipment', 'quality', 'variable'),
  at: optional(shortText(60)),
  under: optional(shortText(60)),
  carrier: optional(shortText(60)),
  product: optional(shortText(60)),
  counts: optional(oneOf('import', 'use', 'export', 'recovered', 'converted')),
  reads: optional(oneOf('register', 'interval', 'level', 'bill')),
  unit: shortText(20),
  digits: optional(textUint),
  multiplier: optional(textDecimal),
  accuracy: optional(textDecimal),
  calibrated_until: optional(textDate),
  day_starts: optional(textTime),
  every: optional(textDuration),
  per: optional(shortText(60)),
  property: optional(shortText(60)),
  quality: optional(oneOf('qualified', 'rejected')),
  zone: optional(textZone),
});

/** What an applicant declares about its sites, every supply point, and the tree of meters (programme-v1 section 3). */
const boundarySchema = record({
  joulemark: oneOf('boundary/1'),
  applicant: shortText(200),
  legal_id: optional(shortText(60)),
  site: optional(mapOf(shortText(200))),
  sites: optional(listOf(mapOf(shortText(200)), 1, 100)),
  supply_points: mapOf(supplyPoint),
  meters: mapOf(declaredMeter),
});

export type SupplyPoint = Read<typeof supplyPoint>;
type DeclaredMeter = Read<typeof declaredMeter>;

/** A meter of a boundary with all that follows from its place in the tree. */
export interface BoundaryMeter extends DeclaredMeter {
  readonly name: string;
  /** The energy carrier: its own, else that of the supply point at the root of its branch. */
  readonly carrier?: string;
  readonly reads: 'register' | 'interval' | 'level' | 'bill';
}

export interface Boundary {
  readonly applicant: string;
  readonly supplyPoints: ReadonlyMap<string, SupplyPoint>;
  readonly meters: ReadonlyMap<string, BoundaryMeter>;
}

/** Reads a boundary document: its shape, then that the tree of meters holds together. @throws JoulemarkError USAGE with the path. */
export function readBoundary(document: Parameters<typeof boundarySchema.read>[0], root: string): Boundary {
  const declared = boundarySchema.read(document, root);
  const meters = new Map<string, BoundaryMeter>();
  const carriers: Carriers = new Map();
  for (const name of declared.meters.keys()) meters.set(name, placeMeter(name, declared, root, carriers));
  return { applicant: declared.applicant, supplyPoints: declared.supply_points, meters };
}

/** The carrier of each meter looked at so far; undefined for one that has none. */
type Carriers = Map<string, string | undefined>;

function placeMeter(
  name: string,
  declared: Read<typeof boundarySchema>,
  root: string,
  carriers: Carriers,
): BoundaryMeter {
  const path = `${root}.meters.${name}`;
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/.test(name)) {
    throw new JoulemarkError('USAGE', `'${path}' is not a meter name, expected letters, digits, '_', '.', '-'`, {
      details: { path },
    });
  }
  const own = declared.meters.get(name);
  if (own === undefined) throw new JoulemarkError('INTERNAL', `no meter '${name}'`);
  if (own.at !== undefined && own.under !== undefined) throw at(path, "has both 'at' and 'under', expected one");
  if (own.at !== undefined && !declared.supply_points.has(own.at))
    throw at(`${path}.at`, `names the supply point '${own.at}', which is not declared`);
  const carrier = carrierOf(name, declared, path, carriers);
  if (own.kind === 'energy' && carrier === undefined)
    throw at(path, "has no carrier, expected 'carrier', or 'at' or 'under' of one that has");
  if ((own.kind === 'product' || own.kind === 'value' || own.kind === 'shipment') && own.product === undefined)
    throw at(path, "has no 'product'");
  if (own.reads === 'bill' && own.kind !== 'energy')
    throw at(`${path}.reads`, `is 'bill', but the meter is of kind '${own.kind}', expected one of kind 'energy'`);
  return { ...own, name, reads: own.reads ?? 'interval', ...(carrier === undefined ? {} : { carrier }) };
}

/** Its own, or that of the nearest above. A row of meters as long as a document can hold is walked once, and without recursion. */
function carrierOf(
  name: string,
  { meters, supply_points: points }: Read<typeof boundarySchema>,
  path: string,
  carriers: Carriers,
): string | undefined {
  const below: string[] = [];
  const seen = new Set<string>();
  let above: string | undefined = name;
  let carrier: string | undefined;
  while (above !== undefined && !carriers.has(above)) {
    if (seen.has(above)) throw at(path, 'is under itself');
    seen.add(above);
    below.push(above);
    const meter = meters.get(above);
    if (meter === undefined) throw at(path, `is under '${above}', which is not declared`);
    carrier = meter.carrier ?? (meter.at === undefined ? undefined : points.get(meter.at)?.carrier);
    above = carrier === undefined && meter.at === undefined ? meter.under : undefined;
  }
  if (above !== undefined) carrier = carriers.get(above);
  for (const one of below) carriers.set(one, carrier);
  return carrier;
}

function at(path: string, fault: string): JoulemarkError {
  return new JoulemarkError('USAGE', `'${path}' ${fault}`, { details: { path } });
}

/** The meter that a package names: a shipment meter's packages name it with the customer, `cement-sold/acme`; those of no other do. */
export function meterOfPackage(boundary: Boundary, packageMeter: string): BoundaryMeter | undefined {
  const slash = packageMeter.indexOf('/');
  if (slash < 0) return boundary.meters.get(packageMeter);
  const meter = boundary.meters.get(packageMeter.slice(0, slash));
  return meter?.kind === 'shipment' ? meter : undefined;
}
