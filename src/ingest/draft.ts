import { type Decimal, multiplyDecimal } from '../calc/decimal.ts';
import type { MeterDefinition } from './meter-definition.ts';
import type { Provenance } from './reading.ts';

/** What a package will hold of a meter and interval; the shape of the ledger's payload. */
export interface PackagePayload {
  readonly quantity: Decimal;
  readonly unit: string;
  readonly carrier?: string;
  readonly product?: string;
  readonly provenance: Provenance;
  readonly register?: { readonly open: Decimal; readonly close: Decimal };
  readonly party?: string;
}

/** A part of a package that travels inside it. */
export interface SeriesPoint {
  readonly start: number;
  readonly end: number;
  readonly quantity: Decimal;
}

/** A package to be: checked against the enrolled meter, not yet on the ledger. */
export interface PackageDraft {
  /** The meter's name; of a shipment meter with '/' and the customer. */
  readonly meter: string;
  readonly kind: MeterDefinition['kind'];
  readonly start: number;
  readonly end: number;
  readonly payload: PackagePayload;
  /** Present when the profile keeps series. */
  readonly series?: readonly SeriesPoint[];
  readonly place: { readonly file: string; readonly line: number };
}

/** An interval that waits for the next run, and why in words. */
export interface HeldInterval {
  readonly meter: string;
  readonly start: number;
  readonly because: string;
}

/** An interval inside the file for which there is no package. */
export interface GapInterval {
  readonly meter: string;
  readonly start: number;
  readonly end: number;
}

export interface DraftResult {
  readonly drafts: readonly PackageDraft[];
  readonly held: readonly HeldInterval[];
  readonly gaps: readonly GapInterval[];
  readonly notes: readonly string[];
}

/** Where the packages of one meter (and customer) are gathered. */
export interface DraftSink {
  readonly drafts: PackageDraft[];
  readonly held: HeldInterval[];
  readonly gaps: GapInterval[];
  readonly notes: string[];
}

/** A figure of the file in the meter's unit. */
export function toQuantity(value: Decimal, { multiplier }: MeterDefinition): Decimal {
  return multiplier === undefined ? value : multiplyDecimal(value, multiplier);
}

/** The name under which a meter's packages stand: with the customer for a shipment. */
export function packageMeter(meter: string, party: string | undefined): string {
  return party === undefined || party === '' ? meter : `${meter}/${party}`;
}

/** The payload of a quantity of a meter. */
export function toPayload(
  definition: MeterDefinition,
  quantity: Decimal,
  provenance: Provenance,
  more: {
    readonly register?: { readonly open: Decimal; readonly close: Decimal };
    readonly party?: string | undefined;
  } = {},
): PackagePayload {
  return {
    quantity,
    unit: definition.unit,
    ...(definition.carrier === undefined ? {} : { carrier: definition.carrier }),
    ...(definition.product === undefined ? {} : { product: definition.product }),
    provenance,
    ...(more.register === undefined ? {} : { register: more.register }),
    ...(more.party === undefined ? {} : { party: more.party }),
  };
}

/** Adds a gap, as one with the gap before it where they touch. */
export function addGap(gaps: GapInterval[], meter: string, start: number, end: number): void {
  const last = gaps.at(-1);
  if (last !== undefined && last.meter === meter && last.end === start)
    gaps[gaps.length - 1] = { meter, start: last.start, end };
  else gaps.push({ meter, start, end });
}
