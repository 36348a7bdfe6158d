import { isUse } from './energy-lines.ts';
import type { AuditedDifference, CarrierFactors, EvaluationInput, ProductInput } from './evaluation-input.ts';
import type { CarrierLine, PeriodFigures, Reason } from './evaluation.ts';
import { periodFigures } from './intensity.ts';
import {
  absRatio,
  addRatio,
  ceilFinest,
  divideRatio,
  multiplyRatio,
  ONE,
  subtractRatio,
  sumRatios,
  ZERO,
} from './ratio.ts';
import type { Rational } from './ratio.ts';
import { reason } from './reason.ts';
import { tryConvert } from './try-convert.ts';

/** One period of one product as it is turned against the claimant. */
export interface AdverseQuestion {
  readonly input: EvaluationInput;
  readonly product: ProductInput;
  readonly period: 'baseline' | 'reporting';
  readonly figures: PeriodFigures;
  readonly factors: CarrierFactors;
  /** Of all products: a difference of no named product is spread by them. */
  readonly lines: ReadonlyMap<string, readonly CarrierLine[]>;
  /** Comparable over current prices; 1 for basis `quantity`. */
  readonly priceScale: Rational;
}

function carrierEnergy(lines: readonly CarrierLine[] | undefined, carrier: string, isUsed: boolean): Rational {
  return absRatio(
    sumRatios(
      (lines ?? []).filter((line) => line.carrier === carrier && isUse(line) === isUsed).map((line) => line.energy),
    ),
  );
}

/** The product's part of a difference of its carrier; all of it where none of the carrier was used, or given off. */
function shareOfCarrier(question: AdverseQuestion, carrier: string, isUsed: boolean): Rational {
  const { product, lines, input } = question;
  if (product.energy !== undefined && !product.energy.includes(carrier)) return ZERO;
  const total = sumRatios(input.products.map((one) => carrierEnergy(lines.get(one.product), carrier, isUsed)));
  return total.n === 0n ? ONE : divideRatio(carrierEnergy(lines.get(product.product), carrier, isUsed), total);
}

function energyDifference(question: AdverseQuestion, found: AuditedDifference): Rational | null {
  if (found.product !== undefined && found.product !== question.product.product) return ZERO;
  if (found.carrier === undefined) {
    const scale = tryConvert(found.unit, question.input.verdictUnit);
    return scale === null ? null : multiplyRatio(found.difference, scale);
  }
  const factor = question.factors.get(found.carrier);
  const scale = factor === undefined ? null : tryConvert(found.unit, factor.unit);
  if (factor === undefined || scale === null) return null;
  const share = found.product === undefined ? shareOfCarrier(question, found.carrier, found.takenOff !== true) : ONE;
  return multiplyRatio(multiplyRatio(found.difference, scale), multiplyRatio(factor.factor, share));
}

function outputDifference(question: AdverseQuestion, found: AuditedDifference): Rational | null {
  if (found.product !== question.product.product) return ZERO;
  const scale = tryConvert(found.unit, question.product.unit);
  return scale === null ? null : multiplyRatio(multiplyRatio(found.difference, scale), question.priceScale);
}

/**
 * The size of a difference, up to the next multiple of 10^-18: a fraction that an auditor writes has any denominator, and the sum of
 * thousands of unlike ones would keep a verifier busy for ever.
 */
function sizeOf(difference: Rational): Rational {
  return ceilFinest(absRatio(difference));
}

/**
 * The figures of a period with every audited difference turned against the claimant (calculation rule 9): in the reporting
 * period more energy and less output, in the baseline the reverse. Differences add up, each by its size. Output cannot fall
 * below zero. A difference in a unit that does not fit is a critical reason.
 */
export function adverseFigures(question: AdverseQuestion): {
  readonly figures: PeriodFigures;
  readonly reasons: readonly Reason[];
} {
  const reasons: Reason[] = [];
  let energy = ZERO;
  let output = ZERO;
  for (const found of question.input.auditedDifferences) {
    if ((found.period ?? 'reporting') !== question.period) continue;
    const sized = { ...found, difference: sizeOf(found.difference) };
    const size = found.against === 'energy' ? energyDifference(question, sized) : outputDifference(question, sized);
    if (size === null) {
      const what = found.carrier ?? found.product ?? found.against;
      reasons.push(
        reason(
          'unit-mismatch',
          'critical',
          `an audited difference of '${what}' is in ${found.unit}, which does not fit`,
          question.period,
        ),
      );
    } else if (found.against === 'energy') energy = addRatio(energy, absRatio(size));
    else output = addRatio(output, absRatio(size));
  }
  const { figures } = question;
  if (question.period === 'baseline') {
    return {
      figures: periodFigures(subtractRatio(figures.energy, energy), addRatio(figures.quantity, output)),
      reasons,
    };
  }
  const left = subtractRatio(figures.quantity, output);
  return { figures: periodFigures(addRatio(figures.energy, energy), left.n < 0n ? ZERO : left), reasons };
}
