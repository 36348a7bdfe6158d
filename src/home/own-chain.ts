import { JoulemarkError } from '../errors.ts';
import type { BoundaryMeter } from '../programme/boundary.ts';
import { policyOfToday } from '../programme/meter-situation.ts';
import { type OwnChain, readOwnChain } from '../programme/own-packages.ts';
import type { Policy } from '../programme/policy.ts';
import { ownChain } from './append-entry.ts';
import { assertOrganisation, type Session } from './session.ts';

/** What this home's own chain says of its meters, pending blocks included. */
export interface OwnMeters {
  readonly own: OwnChain;
  readonly policy: Policy;
  readonly meters: ReadonlyMap<string, BoundaryMeter>;
}

/** @throws JoulemarkError USAGE for the certification body's home and where no boundary is declared; NO_LEDGER. */
export function readOwnMeters(
  session: Pick<Session, 'home' | 'state' | 'programme' | 'chains'>,
  now: number,
): OwnMeters {
  assertOrganisation(session.home, 'have meters');
  const policy = policyOfToday(session.state.policies, now);
  if (policy === undefined)
    throw new JoulemarkError('NO_LEDGER', 'the programme here has no policy', { hints: ['joulemark sync'] });
  const own = readOwnChain(session.state, session.home.org, ownChain(session).blocks);
  if (own.boundary === null)
    throw new JoulemarkError('USAGE', 'no boundary is declared, so no meter is known', {
      hints: ['joulemark boundary set boundary.yaml'],
    });
  return { own, policy, meters: own.boundary.value.meters };
}

/** The meter of a name; `cement-sold/acme` is the shipment meter `cement-sold`. @throws JoulemarkError USAGE naming those that are there. */
export function meterNamed(meters: ReadonlyMap<string, BoundaryMeter>, name: string): BoundaryMeter {
  const meter = meters.get(name.split('/')[0] ?? name);
  if (meter !== undefined && (name === meter.name || meter.kind === 'shipment')) return meter;
  throw new JoulemarkError(
    'USAGE',
    `no meter '${name}' in the boundary, expected one of ${[...meters.keys()].join(', ')}`,
    { hints: ['joulemark meter list', 'to add one: joulemark boundary set boundary.yaml'] },
  );
}
