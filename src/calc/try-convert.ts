import { JoulemarkError } from '../errors.ts';
import type { Rational } from './ratio.ts';
import { convertUnit } from './unit.ts';

/** `convertUnit`, or null where the units are unknown or of unlike kind: for an evaluation, which reports it and goes on. */
export function tryConvert(from: string, to: string): Rational | null {
  try {
    return convertUnit(from, to);
  } catch (error) {
    if (error instanceof JoulemarkError && error.code === 'USAGE') return null;
    throw error;
  }
}
