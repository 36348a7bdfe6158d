import type { Rational } from './ratio.ts';
import { exactText, roundSignificant } from './rounding.ts';

/** A figure that goes into a step, exact: a decimal, or n/d where it has no end. */
export interface StepInput {
  /** As it stands in the formula. */
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  /** What it is, or the id of the step it comes from. */
  readonly from: string;
}

/** One line of a calculation that a person can redo by hand. */
export interface ExplainStep {
  readonly id: string;
  readonly title: string;
  /** Over the names of `inputs`, with + - * / ( ) and |x| only. */
  readonly formula: string;
  /** Standard or rule that the formula comes from. */
  readonly clause: string;
  readonly inputs: readonly StepInput[];
  readonly unit: string;
  /** The result in lowest terms, n/d. */
  readonly exact: string;
  /** To 12 significant digits, half-even. */
  readonly displayed: string;
}

export const GENERAL = 'GB/T 2589-2020';
export const SAVING = 'GB/T 13234';

/** A step with its result, exact and displayed. */
export function step(
  id: string,
  title: string,
  formula: string,
  clause: string,
  inputs: readonly StepInput[],
  unit: string,
  result: Rational,
): ExplainStep {
  return {
    id,
    title,
    formula,
    clause,
    inputs,
    unit,
    exact: `${result.n}/${result.d}`,
    displayed: roundSignificant(result, 12),
  };
}

/** An input of a step, exact. */
export function given(name: string, value: Rational, unit: string, from: string): StepInput {
  return { name, value: exactText(value), unit, from };
}
