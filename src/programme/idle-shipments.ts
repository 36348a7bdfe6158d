import { intersectWindows } from '../calc/coverage.ts';
import { type Finding, toFinding } from '../ledger/finding.ts';
import { type Boundary, meterOfPackage } from './boundary.ts';
import type { Span } from './calendar.ts';
import { boundaryFault } from './meter-checks.ts';
import { packageRows, packagesWithin } from './package-ranges.ts';
import { type CountedPackage } from './packages.ts';
import type { Organisation } from './state.ts';

/**
 * Shipments that contradict a statement of idleness: of a product without a declared stock, wholly inside a stretch in which all meters of
 * its output are declared idle. Where the boundary has a stock of it they may come from there, which the customers' balance looks at.
 * One finding a shipment meter, with the count.
 */
export function checkIdleShipments(applicant: Organisation, boundary: Boundary, window: Span): readonly Finding[] {
  const findings: Finding[] = [];
  const shipments = fittingPackages(applicant, boundary, 'shipment', window);
  for (const [product, shipped] of shipments) {
    if (hasStock(boundary, product)) continue;
    const idle = idleStretches(applicant, boundary, product, window);
    const contradicting = shipped.filter(
      ({ start, end, quantity }) =>
        quantity.mantissa > 0n && idle.some((span) => span.start <= start && end <= span.end),
    );
    const [first] = contradicting;
    if (first === undefined) continue;
    const times = contradicting.length === 1 ? 'a shipment' : `${contradicting.length} shipments`;
    findings.push(
      toFinding(
        'idle-contradicted',
        {
          chain: applicant.id,
          seq: first.place.seq,
          entry: first.place.entry,
          meter: first.meter,
          interval: [first.start, first.end],
        },
        `'${product}' was declared idle, but '${first.meter}' has ${times} of it, and no stock is declared`,
      ),
    );
  }
  return findings;
}

function hasStock(boundary: Boundary, product: string): boolean {
  return [...boundary.meters.values()].some((meter) => meter.kind === 'stock' && meter.product === product);
}

/** The packages of a kind that fit the boundary and touch a window, by product. */
function fittingPackages(
  applicant: Organisation,
  boundary: Boundary,
  wanted: string,
  window: Span,
): ReadonlyMap<string, readonly CountedPackage[]> {
  const found = new Map<string, CountedPackage[]>();
  for (const { meter: name, kind } of packageRows(applicant.packages)) {
    const meter = meterOfPackage(boundary, name);
    if (kind !== wanted || meter?.product === undefined) continue;
    const own = found.get(meter.product) ?? [];
    for (const one of packagesWithin(applicant.packages, name, kind, window.start, window.end))
      if (boundaryFault(meter, kind, one) === null) own.push(one);
    found.set(meter.product, own);
  }
  return found;
}

/** Where every output meter of a product, those that the boundary declares and no others, is declared idle: sorted, disjoint, merged. */
function idleStretches(applicant: Organisation, boundary: Boundary, product: string, window: Span): readonly Span[] {
  let common: readonly Span[] | null = null;
  for (const meter of boundary.meters.values()) {
    if (meter.product !== product || (meter.kind !== 'product' && meter.kind !== 'value')) continue;
    const own: { start: number; end: number }[] = [];
    const inside = packagesWithin(applicant.packages, meter.name, meter.kind, window.start, window.end);
    for (const { start, end, provenance } of inside) {
      if (provenance !== 'idle') continue;
      const last = own.at(-1);
      if (last?.end === start) last.end = end;
      else own.push({ start, end });
    }
    common = common === null ? own : intersectWindows(common, own);
  }
  return common ?? [];
}
