import { decide } from '../../src/programme/decide.ts';
import { periodNamed } from '../../src/programme/rules.ts';
import { decisionEntry } from './decision-entry.ts';
import { auditYear, createEpaLedger, type EpaLedger, midnight } from './epa-ledger.ts';

/** The four plants with 2022 audited and decided. */
export function createDecidedEpaLedger(): EpaLedger {
  const ledger = createEpaLedger({ years: ['2013', '2014', '2015', '2022'] });
  const { world, plants } = ledger;
  world.time = midnight('2023-01-10');
  auditYear(ledger, world.replay().state, { supplier: 'honest' });
  world.broadcast();
  world.time = midnight('2023-03-05');
  world.broadcast();
  const { state } = world.replay();
  const period = periodNamed(state.policies[0]!.value, '2022')!;
  const decided = plants.map(({ actor }) => decide(state, state.organisations.get(actor.id)!, period, world.time));
  world.append(world.body, ...decided.map((one) => decisionEntry(world, one)));
  return ledger;
}
