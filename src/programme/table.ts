import type { Decimal } from '../calc/decimal.ts';
import { listOf, mapOf, oneOf, optional, type Read, record, type Schema, shortText } from '../ledger/codec/schema.ts';
import { textDate, textDecimal } from './document.ts';
import { names } from './policy.ts';

const printed = record({ least: textDecimal, most: textDecimal });

/** One printed value, or the two ends of a printed range (refused until the policy chooses). */
const row = record({
  name: optional(names),
  unit: shortText(20),
  factor: optional(textDecimal),
  factor_range: optional(printed),
  factor_unit: shortText(40),
  ncv: optional(textDecimal),
  ncv_range: optional(printed),
  ncv_unit: optional(shortText(40)),
  source: optional(shortText(500)),
});

const gradeLimit: Schema<Decimal | 'none'> = {
  read: (value, path) => (value === 'none' ? value : textDecimal.read(value, path)),
  write: (value) => (value === 'none' ? value : textDecimal.write(value)),
};

/** Limits of energy per unit of product of one norm and case, from grade 1 on; `none`: a grade that the norm does not have. */
const limit = record({
  unit: shortText(40),
  grades: listOf(gradeLimit, 1, 10),
  from: optional(textDate),
  source: optional(shortText(500)),
});

/** A table of conversion factors, an edition and a unit a row (programme-v1 section 4): signed data, never constants in code. */
export const tableSchema = record({
  joulemark: oneOf('table/1'),
  name: shortText(60),
  edition: shortText(60),
  source: optional(shortText(500)),
  rows: mapOf(row),
  limits: optional(mapOf(limit)),
  series: optional(mapOf(mapOf(textDecimal))),
  notes: optional(listOf(shortText(500), 0, 50)),
});

export type Table = Read<typeof tableSchema>;
export type TableRow = Read<typeof row>;
