import type { LoadedChain } from './chain-reader.ts';
import { JoulemarkError } from '../errors.ts';
import { findKnown } from './known-organisations.ts';
import type { Session } from './session.ts';

/** A chain of the store and what it is called. */
export interface NamedChain {
  readonly name: string;
  /** The programme, or an organisation. */
  readonly isProgramme: boolean;
  readonly chain: LoadedChain;
}

/**
 * The chain that a person names: `programme`, an organisation, or without a text this home's own.
 * @throws JoulemarkError USAGE for an unknown organisation, PENDING when its chain is not here.
 */
export function findChain(session: Session, text: string | undefined): NamedChain {
  const { home, programme } = session;
  if (text === 'programme' || (text === undefined && home.isBody) || text === home.ledger)
    return { name: 'programme', isProgramme: true, chain: programme };
  const { id, name } = findKnown(session, text ?? home.org);
  const chain = session.chains.get(id);
  if (chain === undefined)
    throw new JoulemarkError('PENDING', `the chain of '${name || id.slice(0, 8)}' is not here`, {
      hints: ['joulemark sync'],
    });
  return { name, isProgramme: false, chain };
}
