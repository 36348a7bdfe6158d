import type { Id } from '../ledger/codec/id.ts';
import { findNamed, type Named } from '../programme/find-organisation.ts';
import type { Session } from './session.ts';

/** Every organisation of which something is here: covered, admitted, or only joined. */
export function knownOrganisations(session: Pick<Session, 'state' | 'chains'>): readonly Named[] {
  const names = new Map<Id, string>();
  for (const [id, chain] of session.chains) names.set(id, chain.state.keys.name);
  for (const { id, name } of session.state.organisations.values())
    if (name !== '' || !names.has(id)) names.set(id, name);
  return [...names].map(([id, name]) => ({ id, name }));
}

/** The organisation that a person names, covered or not. @throws JoulemarkError USAGE listing the candidates. */
export function findKnown(session: Pick<Session, 'state' | 'chains'>, text: string): Named {
  return findNamed(knownOrganisations(session), text);
}
