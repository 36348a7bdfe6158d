import type { Decimal } from '../calc/decimal.ts';
import type { Duration } from '../programme/calendar.ts';

/** What ingest must know of an enrolled meter: the declared facts against which a file is checked. */
export interface MeterDefinition {
  readonly meter: string;
  readonly kind: 'energy' | 'product' | 'value' | 'stock' | 'shipment' | 'quality' | 'variable';
  readonly reads: 'register' | 'interval' | 'level' | 'bill';
  readonly unit: string;
  readonly carrier?: string;
  readonly product?: string;
  readonly counts?: 'import' | 'use' | 'export' | 'recovered' | 'converted';
  /** Whole digits of the register, needed to read a rollover. */
  readonly digits?: number;
  /** What a figure of the file is multiplied by, for example current times voltage transformer ratio; 1 when absent. */
  readonly multiplier?: Decimal;
  /** Clock time, in seconds, at which the meter's day begins. */
  readonly dayStarts: number;
  /** The length of one package; the policy's interval when absent. */
  readonly every?: Duration;
  /** Where the meter's days are counted; the policy's zone when absent. */
  readonly zone?: string;
}

/** True for a meter whose file gives quantities of intervals: a bill is one. */
export function givesIntervals({ reads }: Pick<MeterDefinition, 'reads'>): boolean {
  return reads === 'interval' || reads === 'bill';
}

/** Where the last package of a register meter on the ledger ends: the next one opens there. */
export interface RegisterState {
  readonly end: number;
  readonly close: Decimal;
}

/** What happened to a register between two readings, as the ledger records it. `at`: epoch seconds. */
export type RegisterEvent =
  | { readonly event: 'rollover'; readonly at: number }
  | { readonly event: 'exchange'; readonly at: number; readonly old: Decimal; readonly new: Decimal };

/** The enrolled meters and the ledger's state: everything beside the file that decides what becomes a package. */
export interface IngestSituation {
  readonly meters: ReadonlyMap<string, MeterDefinition>;
  /** The policy's zone and package interval. */
  readonly zone: string;
  readonly interval: Duration;
  readonly registers: ReadonlyMap<string, RegisterState>;
  readonly events: ReadonlyMap<string, readonly RegisterEvent[]>;
  /** Epoch seconds: an interval that has not ended by then is held. Everything counts as past when absent. */
  readonly now?: number;
}
