import { grossEnergy, recoveredEnergy } from './energy-lines.ts';
import type { CarrierLine, Reason } from './evaluation.ts';
import { compareRatio, divideRatio, multiplyRatio, ratio } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { reason } from './reason.ts';
import { roundPlaces } from './rounding.ts';

/** Above one part in twenty of what was used it is said as a finding (calculation-v1 section 5.5). */
const MOST_UNSAID: Rational = ratio(1n, 20n);

/** Recovered energy as a share of what was used before anything is taken off; null where nothing was used. */
export function recoveredShare(lines: readonly CarrierLine[]): Rational | null {
  const gross = grossEnergy(lines);
  return gross.n > 0n ? divideRatio(recoveredEnergy(lines), gross) : null;
}

/** What is recovered inside the site no outside party meters: who inflates it lowers his energy, so a large share is said. */
export function checkRecovered(product: string, lines: readonly CarrierLine[]): readonly Reason[] {
  const share = recoveredShare(lines);
  if (share === null || compareRatio(share, MOST_UNSAID) <= 0) return [];
  const percent = roundPlaces(multiplyRatio(share, ratio(100n, 1n)), 1);
  const text = `recovered energy of ${percent} % of what '${product}' used is taken off: it rests on the claimant's own meters`;
  return [reason('recovered-share', 'moderate', text, 'reporting')];
}
