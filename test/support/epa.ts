import { readFileSync } from 'node:fs';
import { sharedPath } from './shared.ts';

/** One day of a plant. A blank in the file is a unit that did not run: undefined. */
export interface PlantDay {
  readonly date: string;
  readonly product: string | undefined;
  readonly energy: string | undefined;
}

export interface Plant {
  readonly id: string;
  readonly name: string;
  readonly productType: string;
  readonly productUnit: string;
  readonly days: readonly PlantDay[];
}

/** The four plants of the EPA data by their plant codes. */
export const PLANTS = ['10113', '10143', '50888', '54634'] as const;

/** Rows of a CSV file without quotes, by column name. */
export function readRows(path: string): readonly Readonly<Record<string, string>>[] {
  const [header = '', ...lines] = readFileSync(sharedPath(path), 'utf8').trimEnd().split(/\r?\n/);
  const names = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, index) => [names[index] ?? '', cell])));
}

export function readPlant(id: string): Plant {
  const rows = readRows(`data/epa-campd-daily/plant-${id}.csv`);
  const first = rows[0];
  if (first === undefined) throw new Error(`no rows for plant ${id}`);
  const cell = (value: string | undefined): string | undefined =>
    value === undefined || value === '' ? undefined : value;
  return {
    id,
    name: first['facility_name'] ?? '',
    productType: first['product_type'] ?? '',
    productUnit: first['product_unit'] ?? '',
    days: rows.map((row) => ({
      date: row['date'] ?? '',
      product: cell(row['product_qty']),
      energy: cell(row['heat_input_mmbtu']),
    })),
  };
}
