import type { Decimal } from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import type { ReadingGroups } from './readings.ts';

/** How a figure came to be known; the later in this list, the weaker. A declared idle figure is 0 and weakens nothing. */
export const BY_WEAKNESS = ['idle', 'metered', 'manual', 'estimated'] as const;
export type Provenance = (typeof BY_WEAKNESS)[number];

/** The provenance of a package made of two parts: the weaker one. */
export function weaker(a: Provenance, b: Provenance): Provenance {
  return BY_WEAKNESS.indexOf(a) >= BY_WEAKNESS.indexOf(b) ? a : b;
}

/** One figure of a file for one meter, before it becomes part of a package. */
export interface Reading {
  readonly meter: string;
  /** The customer of a shipment. */
  readonly party: string | undefined;
  /** The interval of the figure, epoch seconds; both the same for what was read at an instant. */
  readonly start: number;
  readonly end: number;
  /** A quantity of the interval, or a register or level at `end`; undefined where the file has none. Multiplier not applied. */
  readonly value: Decimal | undefined;
  /** The register at `start`, where the file states it. */
  readonly open: Decimal | undefined;
  readonly provenance: Provenance;
  readonly line: number;
}

/** The readings of one file. */
export interface ReadingFile {
  readonly fileName: string;
  readonly readings: ReadingGroups;
  readonly notes: readonly string[];
}

/** What a file can make of a message: a cell may have a million characters. */
const MOST_SHOWN = 1000;
const shortened = (text: string): string => (text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text);

/** A fault of a file at one place. @returns a USAGE error whose message ends with the place. */
export function faultInFile(
  failure: string,
  place: { readonly file: string; readonly line: number; readonly column?: string },
  more: { readonly expected?: string; readonly value?: string; readonly hints?: readonly string[] } = {},
): JoulemarkError {
  const { expected: wanted, value } = more;
  const column = place.column === undefined ? '' : `, column '${place.column}'`;
  const expected = wanted === undefined ? '' : `, expected ${shortened(wanted)}`;
  return new JoulemarkError('USAGE', `${shortened(failure)}${expected}, in ${place.file}:${place.line}${column}`, {
    hints: more.hints ?? [],
    details: {
      file: place.file,
      line: place.line,
      ...(place.column === undefined ? {} : { column: place.column }),
      ...(value === undefined ? {} : { value: shortened(value) }),
      ...(wanted === undefined ? {} : { expected: shortened(wanted) }),
    },
  });
}
