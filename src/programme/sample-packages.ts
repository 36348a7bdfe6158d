import { compareBytes, sha256 } from '../crypto/hash.ts';
import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { meterOfPackage } from './boundary.ts';
import { packageRows } from './package-ranges.ts';
import { type CountedPackage } from './packages.ts';
import { showInterval, showQuantity, showRegister } from './show-quantity.ts';
import type { Organisation } from './state.ts';
import { zoneOfState } from './verdict.ts';
import type { Verification } from './verification.ts';

/** Packages drawn for somebody to hold against paper: the meter's own book, a bill, a photograph of the register. */
export interface PackageSample {
  /** The same seed draws the same packages from the same ledger. */
  readonly seed: string;
  /** `head`: the id of the newest programme block, which nobody could choose by himself; `told`: the auditor's own. */
  readonly seedFrom: 'head' | 'told';
  /** How many counting packages there were to draw from, and how many of their meters were drawn at least once. */
  readonly of: number;
  readonly meters: { readonly drawn: number; readonly of: number };
  readonly packages: readonly SampledPackage[];
}

export interface SampledPackage {
  readonly organisation: string;
  readonly organisationId: string;
  readonly meter: string;
  readonly kind: string;
  readonly interval: string;
  readonly start: number;
  readonly end: number;
  readonly quantity: string;
  readonly unit: string;
  readonly of: string | null;
  readonly provenance: string;
  readonly register: string | null;
  readonly commit: string;
  /** Where it stands: `ledger show` and `ledger receipt` take it. */
  readonly place: string;
}

const MOST_SAMPLED = 10_000;
const utf8 = new TextEncoder();

/** @throws JoulemarkError USAGE. */
export function parseSampleSize(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= MOST_SAMPLED) return Number(text);
  throw new JoulemarkError('USAGE', `'${text}' is not a whole number from 1 to ${MOST_SAMPLED}`);
}

/** @throws JoulemarkError USAGE. */
export function parseSeed(text: string): string {
  if (/^[\x21-\x7e]{1,100}$/.test(text)) return text;
  throw new JoulemarkError('USAGE', 'a seed is 1 to 100 visible ASCII characters without blanks');
}

interface Drawn {
  readonly organisation: Organisation;
  readonly row: string;
  readonly counted: CountedPackage;
  readonly rank: Uint8Array;
}

/**
 * Draws counting packages, each with the same chance: those with the smallest `H("joulemark sample <seed> <commit>")`, commits as 64 hex
 * digits. A larger sample holds the smaller one of the same seed, and anybody can repeat the draw with a list of commits and sha256sum.
 */
export function samplePackages(
  { state }: Pick<Verification, 'state'>,
  { size, seed: told }: { readonly size: number; readonly seed: string | null },
): PackageSample {
  const seed = told ?? state.head.id;
  const all = [...state.organisations.values()].flatMap((organisation) => ranked(organisation, seed));
  const drawn = all.toSorted((a, b) => compareBytes(a.rank, b.rank)).slice(0, size);
  const zone = zoneOfState(state);
  return {
    seed,
    seedFrom: told === null ? 'head' : 'told',
    of: all.length,
    meters: { drawn: metersOf(drawn), of: metersOf(all) },
    packages: drawn.map((one) => toSampled(one, zone)),
  };
}

function ranked(organisation: Organisation, seed: string): readonly Drawn[] {
  return [...packageRows(organisation.packages)].flatMap(({ meter, kind, packages }) =>
    packages.map((counted) => ({
      organisation,
      row: `${organisation.id} ${kind} ${meter}`,
      counted,
      rank: rankOf(seed, counted.commit),
    })),
  );
}

const rankOf = (seed: string, commit: Id): Uint8Array => sha256(utf8.encode(`joulemark sample ${seed} ${commit}`));

const metersOf = (drawn: readonly Drawn[]): number => new Set(drawn.map(({ row }) => row)).size;

function toSampled({ organisation, counted }: Drawn, zone: string): SampledPackage {
  const { id, name, boundaries } = organisation;
  const { meter, kind, start, end, payload, commit, place } = counted;
  const boundary = boundaries.at(-1)?.value;
  const dayStarts = (boundary === undefined ? undefined : meterOfPackage(boundary, meter)?.day_starts) ?? 0;
  return {
    organisation: name,
    organisationId: id,
    meter,
    kind,
    interval: showInterval(start, end, zone, dayStarts),
    start,
    end,
    quantity: showQuantity(payload.quantity),
    unit: payload.unit,
    of: payload.carrier ?? payload.product ?? payload.party ?? null,
    provenance: payload.provenance,
    register: payload.register === undefined ? null : showRegister(payload.register.open, payload.register.close),
    commit,
    place: `${id.slice(0, 16)}:${place.seq}:${place.entry}`,
  };
}
