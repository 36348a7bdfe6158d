import { concatBytes } from '../crypto/hash.ts';
import { leafHash, MerkleFrontier } from '../crypto/merkle.ts';
import { type Id, toId } from '../ledger/codec/id.ts';
import { type Boundary, type BoundaryMeter, meterOfPackage } from './boundary.ts';
import type { Span } from './calendar.ts';
import type { RelationKind } from './entries.ts';
import { commitBytes } from './package-view.ts';
import { commitsStartingIn, type CountedPackage, packageRows, packagesWithin } from './packages.ts';
import { boundaryRuling } from './rules.ts';
import { sortedPlaces } from './sorted-places.ts';
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
): Id =>
  rootOf(
    concatBytes(
      ...auditedMeters(applicant, relation, labels, window).map(({ meter, kind }) =>
        commitsStartingIn(applicant.packages, meter, kind, window.start, window.end),
      ),
    ),
  );

/** RFC 6962 root over the commits, sorted by bytes and distinct. */
export const commitsRoot = (packages: readonly CountedPackage[]): Id => rootOf(commitBytes(packages));

/** The same over commits of 32 bytes each. */
function rootOf(commits: Uint8Array): Id {
  const tree = new MerkleFrontier();
  // one place for each commit in turn: views of a million of them are a second's work for the garbage collector
  const commit = new Uint8Array(32);
  for (const place of sortedPlaces(commits, 32)) {
    let isSame = tree.size > 0;
    for (let index = 0; index < 32; index += 1) {
      const byte = commits[32 * place + index] as number;
      if (commit[index] !== byte) isSame = false;
      commit[index] = byte;
    }
    if (!isSame) tree.append(leafHash(commit));
  }
  return toId(tree.root());
}
