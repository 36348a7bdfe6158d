import {
  absRatio,
  addRatio,
  compareRatio,
  divideRatio,
  multiplyRatio,
  ONE,
  subtractRatio,
  sumRatios,
} from './ratio.ts';
import type { Rational } from './ratio.ts';
import { rootText } from './root.ts';

/** How two books agree. */
export interface Agreement {
  /** reported - expected. */
  readonly difference: Rational;
  /** difference / expected; null when nothing was expected. */
  readonly relative: Rational | null;
  readonly withinTolerance: boolean;
  /** En^2 = d^2 / (U_a^2 + U_b^2); null where an accuracy is unknown. */
  readonly enSquared: Rational | null;
  /** |En| to 12 significant digits, for display. */
  readonly en: string | null;
  /** En^2 <= 1; null where an accuracy is unknown. */
  readonly withinUncertainty: boolean | null;
  /** Within tolerance, and within uncertainty where it is known. */
  readonly agrees: boolean;
}

/** Relative expanded uncertainties of the two meters (ISO 13528, ISO/IEC 17043). */
export interface Accuracies {
  readonly reported?: Rational;
  readonly expected?: Rational;
}

/** Two figures for one thing: flat tolerance, then En in squares, exactly. All in one unit. */
export function compareBooks(
  reported: Rational,
  expected: Rational,
  tolerance: Rational,
  accuracies: Accuracies = {},
): Agreement {
  const difference = subtractRatio(reported, expected);
  const withinTolerance = compareRatio(absRatio(difference), multiplyRatio(tolerance, absRatio(expected))) <= 0;
  const relative = expected.n === 0n ? null : divideRatio(difference, expected);
  if (accuracies.reported === undefined || accuracies.expected === undefined) {
    return {
      difference,
      relative,
      withinTolerance,
      enSquared: null,
      en: null,
      withinUncertainty: null,
      agrees: withinTolerance,
    };
  }
  const own = multiplyRatio(accuracies.reported, reported);
  const other = multiplyRatio(accuracies.expected, expected);
  const variance = addRatio(multiplyRatio(own, own), multiplyRatio(other, other));
  const squared = multiplyRatio(difference, difference);
  // d^2 <= U^2 without a division: exact meters (U = 0) that agree are within it.
  const withinUncertainty = compareRatio(squared, variance) <= 0;
  const enSquared = variance.n === 0n ? null : divideRatio(squared, variance);
  const en = enSquared === null ? null : rootText(enSquared, 12);
  return {
    difference,
    relative,
    withinTolerance,
    enSquared,
    en,
    withinUncertainty,
    agrees: withinTolerance && withinUncertainty,
  };
}

export interface UpstreamBooks {
  /** The applicant's packages over the supplier's own billing windows. */
  readonly reported: Rational;
  /** The supplier's settlement at his own supply points. */
  readonly delivered: Rational;
  /** Share of the delivery that is lost between the two meters, as declared in the boundary: 0.012. */
  readonly loss: Rational;
  /** Share of the delivery: electricity 0.01, gas 0.02, heat 0.03, solid fuel 0.02 by default. */
  readonly tolerance: Rational;
  readonly accuracies?: Accuracies;
}

/** Upstream audit: |reported - delivered x (1 - loss)| <= tolerance x delivered, and En^2 <= 1 where accuracies are known. */
export function reconcileUpstream(books: UpstreamBooks): Agreement {
  const arriving = multiplyRatio(books.delivered, subtractRatio(ONE, books.loss));
  const agreement = compareBooks(books.reported, arriving, books.tolerance, books.accuracies);
  const allowed = multiplyRatio(books.tolerance, absRatio(books.delivered));
  const withinTolerance = compareRatio(absRatio(agreement.difference), allowed) <= 0;
  return { ...agreement, withinTolerance, agrees: withinTolerance && agreement.withinUncertainty !== false };
}

/** Downstream audit: what was shipped to a customer against what he received; tolerance 0.01 counted, 0.02 weighed. */
export function reconcileDownstream(shipped: Rational, received: Rational, tolerance: Rational): Agreement {
  return compareBooks(shipped, received, tolerance);
}

export interface ShipmentBalance {
  readonly shipped: Rational;
  /** produced + opening stock - closing stock. */
  readonly available: Rational;
  /** Everything shipped exists: shipped <= available. */
  readonly possible: boolean;
}

/** Sum of all shipments against production and stock change (ISO 50047, 5.2). */
export function balanceShipments(
  shipments: readonly Rational[],
  produced: Rational,
  openingStock: Rational,
  closingStock: Rational,
): ShipmentBalance {
  const shipped = sumRatios(shipments);
  const available = addRatio(produced, subtractRatio(openingStock, closingStock));
  return { shipped, available, possible: compareRatio(shipped, available) <= 0 };
}
