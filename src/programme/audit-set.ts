import { concatBytes } from '../crypto/hash.ts';
import { rootInPlace } from '../crypto/merkle.ts';
import { type Id, toId } from '../ledger/codec/id.ts';
import { type Boundary, type BoundaryMeter, meterOfPackage } from './boundary.ts';
import type { Span } from './calendar.ts';
import type { CommitRows } from './commit-rows.ts';
import { distinctPlaces } from './distinct-places.ts';
import type { RelationKind } from './entries.ts';
import { commitRows } from './package-view.ts';
import { rowsStartingIn, packageRows, packagesWithin } from './package-ranges.ts';
import { type CountedPackage } from './packages.ts';
import { boundaryRuling } from './rules.ts';
import type { Organisation } from './state.ts';

/** The kinds of package that each relation audits (spec section 10). */
const KINDS: Readonly<Record<RelationKind, readonly string[]>> = {
  upstream: ['energy', 'stock', 'quality'],
  peer: ['energy', 'product'],
  downstream: ['shipment', 'product'],
};

/** True when a meter belongs to one of the labels: a supply point for upstream, a product else. */
export function isLabelled(
  boundary: Boundary,
  meter: BoundaryMeter,
  relation: RelationKind,
  labels: readonly string[],
): boolean {
  if (!KINDS[relation].includes(meter.kind)) return false;
  if (relation === 'upstream') return labels.some((label) => standsAt(boundary, meter, label));
  // energy without a product is shared by all products
  return meter.product === undefined ? meter.kind === 'energy' : labels.includes(meter.product);
}

/** Energy meters at the supply point itself; stock and quality meters of its carrier. */
function standsAt(boundary: Boundary, meter: BoundaryMeter, label: string): boolean {
  if (meter.at === label) return true;
  return (
    meter.kind !== 'energy' &&
    meter.at === undefined &&
    meter.carrier !== undefined &&
    meter.carrier === boundary.supplyPoints.get(label)?.carrier
  );
}

/** The meters whose packages an audit speaks of. */
function auditedMeters(
  applicant: Organisation,
  relation: RelationKind,
  labels: readonly string[],
  window: Span,
): readonly { readonly meter: string; readonly kind: string }[] {
  const boundary = boundaryRuling(applicant.boundaries, window.start)?.value;
  if (boundary === undefined) return [];
  return [...packageRows(applicant.packages)].filter(({ meter: name, kind }) => {
    const meter = meterOfPackage(boundary, name);
    return meter !== undefined && meter.kind === kind && isLabelled(boundary, meter, relation, labels);
  });
}

/** The packages that an audit of a relation, labels and window speaks of: computed, never listed (spec section 10). */
export const auditedPackages = (
  applicant: Organisation,
  relation: RelationKind,
  labels: readonly string[],
  window: Span,
): readonly CountedPackage[] =>
  auditedMeters(applicant, relation, labels, window).flatMap(({ meter, kind }) =>
    packagesWithin(applicant.packages, meter, kind, window.start, window.end).filter(
      ({ start }) => start >= window.start,
    ),
  );

/** `commitsRoot` of `auditedPackages`. */
export const auditedRoot = (
  applicant: Organisation,
  relation: RelationKind,
  labels: readonly string[],
  window: Span,
): Id => {
  const rows = auditedMeters(applicant, relation, labels, window).map(({ meter, kind }) =>
    rowsStartingIn(applicant.packages, meter, kind, window.start, window.end),
  );
  return rootOf({
    commits: concatBytes(...rows.map(({ commits }) => commits)),
    leaves: concatBytes(...rows.map(({ leaves }) => leaves)),
  });
};

/** RFC 6962 root over the commits, sorted by bytes and distinct. */
export const commitsRoot = (packages: readonly CountedPackage[]): Id => rootOf(commitRows(packages));

function rootOf({ commits, leaves }: CommitRows): Id {
  const places = distinctPlaces(commits, 32);
  const sorted = new Uint8Array(32 * places.length);
  for (let at = 0; at < places.length; at += 1) {
    const from = 32 * (places[at] as number);
    for (let index = 0; index < 32; index += 1) sorted[32 * at + index] = leaves[from + index] as number;
  }
  return toId(rootInPlace(sorted, places.length));
}
