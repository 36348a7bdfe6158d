/** The branches of a ledger (ledger spec section 5). */
import type { ChainName } from '../chain.ts';
import type { Id } from '../codec/id.ts';

/** The programme's branch. */
export const PROGRAMME_REF = 'refs/heads/programme';

const ORGANISATION_PREFIX = 'refs/heads/org/';
const ORGANISATION_REF_PATTERN: RegExp = /^refs\/heads\/org\/[0-9a-f]{64}$/;

/** True for the names that a ledger uses; no other ref is ever fetched, copied or pushed. */
export function isLedgerRef(name: string): boolean {
  return name === PROGRAMME_REF || ORGANISATION_REF_PATTERN.test(name);
}

/** The branch of an organisation's chain. */
export const organisationRef = (org: Id): string => `${ORGANISATION_PREFIX}${org}`;

/** The organisation whose chain a branch holds; null for every other name. */
export function organisationOfRef(ref: string): Id | null {
  return ORGANISATION_REF_PATTERN.test(ref) ? (ref.slice(ORGANISATION_PREFIX.length) as Id) : null;
}

/** Which chain is expected under a branch. */
export function chainOfRef(ledger: Id, ref: string): ChainName {
  const id = organisationOfRef(ref);
  return id === null ? { kind: 'programme', ledger } : { kind: 'organisation', ledger, id };
}
