import { compareDecimal, type Decimal, decimalToText } from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import { clockToText } from '../programme/document.ts';
import { givesIntervals } from './meter-definition.ts';
import type { MeterDefinition } from './meter-definition.ts';
import type { ColumnProfile, MeterProfile } from './profile.ts';

/** A column of a profile that agrees with the enrolled meter it is for. */
export interface EnrolledColumn {
  readonly name: string;
  readonly definition: MeterDefinition;
  readonly party: string | undefined;
}

const ONE: Decimal = { mantissa: 1n, exponent: 0 };

/**
 * Checks every column of a profile against the enrolled meters: unit, way of reading, multiplier and day start must be the
 * enrolled ones, so that a profile cannot rescale or shift what the ledger declared.
 * @throws JoulemarkError USAGE naming column, meter and both values.
 */
export function toEnrolledColumns(
  profile: MeterProfile,
  meters: ReadonlyMap<string, MeterDefinition>,
): ReadonlyMap<string, EnrolledColumn> {
  const taken = new Map<string, string>();
  const columns = new Map<string, EnrolledColumn>();
  for (const [name, column] of profile.columns) {
    const definition = meters.get(column.meter);
    if (definition === undefined)
      throw fault(`no meter '${column.meter}' is enrolled (column '${name}')`, name, ['joulemark meter list']);
    checkAgainst(column, definition, name, profile);
    const slot = column.party === undefined ? column.meter : `${column.meter}/${column.party}`;
    const other = taken.get(slot);
    if (other !== undefined) throw fault(`columns '${other}' and '${name}' are both for '${slot}'`, name);
    taken.set(slot, name);
    columns.set(name, { name, definition, party: column.party });
  }
  return columns;
}

function checkAgainst(column: ColumnProfile, definition: MeterDefinition, name: string, profile: MeterProfile): void {
  const differs = (what: string, has: string, enrolled: string, hints: readonly string[] = []): JoulemarkError =>
    fault(
      `${what} of '${definition.meter}' is '${has}' in the profile (column '${name}'), expected '${enrolled}' as enrolled`,
      name,
      hints,
    );
  if (column.unit !== definition.unit) throw differs('unit', column.unit, definition.unit);
  if (column.reads !== undefined && column.reads !== definition.reads)
    throw differs('way of reading', column.reads, definition.reads);
  const multiplier = column.multiplier ?? ONE;
  const enrolled = definition.multiplier ?? ONE;
  if (compareDecimal(multiplier, enrolled) !== 0) {
    throw differs('multiplier', decimalToText(multiplier), decimalToText(enrolled), [
      `write multiplier: "${decimalToText(enrolled)}" at column '${name}' if the file holds what the meter shows`,
    ]);
  }
  const dayStarts = column.day_starts ?? profile.time.dayStarts ?? (profile.time.format.isDate ? 0 : undefined);
  if (dayStarts !== undefined && dayStarts !== definition.dayStarts) {
    throw differs('day start', clockToText(dayStarts), clockToText(definition.dayStarts), [
      `write day_starts: "${clockToText(definition.dayStarts)}" at column '${name}' if its rows are days from then`,
    ]);
  }
  if (profile.time.stamp === 'reading' && givesIntervals(definition)) {
    throw fault(
      `stamps are readings, but '${definition.meter}' is enrolled with quantities of intervals (column '${name}'), expected stamp: start or end`,
      name,
    );
  }
  if (column.party !== undefined && definition.kind !== 'shipment')
    throw fault(`'${definition.meter}' is no shipment meter, expected no party (column '${name}')`, name);
}

function fault(message: string, column: string, hints: readonly string[] = []): JoulemarkError {
  return new JoulemarkError('USAGE', message, { hints, details: { column } });
}
