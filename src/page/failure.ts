/** Why there is no ledger to look at: as the command line would say it and, where the page knows more than that, in its own words. */
import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { ChainSource } from '../ledger/git/chain-source.ts';
import { genesisOf } from '../programme/verification.ts';
import type { PageKey } from '../report/page-text.ts';

export interface Failure {
  readonly code: string;
  /** In English, as everywhere: the failure, then a line for each thing that it names. */
  readonly message: string;
  /** Which of the given exports is spoken of, where it is one of them. */
  readonly of: string | null;
  /** What that means to whoever reads the page, and what to do about it; null where the message says it all. */
  readonly says: {
    readonly key: Extract<PageKey, `why.${string}`>;
    readonly places: Readonly<Record<string, string>>;
    /** Two ids to be compared by eye: the copy's, and the one that the reader entered. */
    readonly compared?: { readonly here: string; readonly entered: string };
  } | null;
}

/** `source`: what was opened, null where it could not be. `told`: the ledger id that the reader entered. */
export function failureOf(error: unknown, source: ChainSource | null, told: Id | null): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof JoulemarkError)) return { code: 'INTERNAL', message, of: null, says: null };
  const { export: of = null } = error.details;
  return {
    code: error.code,
    message,
    of: typeof of === 'string' ? of : null,
    says: wordsFor(error) ?? otherLedger(error, source, told),
  };
}

function wordsFor({ code, details }: JoulemarkError): Failure['says'] {
  const place = (name: string): string => String(details[name] ?? '');
  const names = { export: place('export') };
  if (details['fault'] === 'unrelated') return { key: 'why.unrelated', places: names };
  if (details['fault'] === 'earlier')
    return typeof details['since'] === 'number'
      ? { key: 'why.earlierSince', places: { ...names, seq: place('since') } }
      : { key: 'why.earlier', places: names };
  if (details['fault'] === 'no-folder') return { key: 'why.noFolder', places: names };
  if (!('known' in details)) return null;
  const compared = { here: place('found'), entered: place('known') };
  if (code === 'DIVERGED') return { key: 'why.told', places: { seq: place('seq') }, compared };
  if (code === 'VERIFY_FAILED') return { key: 'why.otherSums', places: names, compared };
  return null;
}

/** A chain that begins with another block than the reader was told is broken at its first block, which says little. */
function otherLedger({ code }: JoulemarkError, source: ChainSource | null, told: Id | null): Failure['says'] {
  if (code !== 'VERIFY_FAILED' || source === null || told === null) return null;
  try {
    const here = genesisOf(source, source.listRefs());
    return here === told ? null : { key: 'why.otherLedger', places: {}, compared: { here, entered: told } };
  } catch {
    return null; // it cannot even be read: the message says so
  }
}

/** True where what was given is verified as soon as an earlier export is there. */
export const waitsForEarlier = (failure: Failure | null): boolean =>
  failure?.says?.key === 'why.earlier' || failure?.says?.key === 'why.earlierSince';
