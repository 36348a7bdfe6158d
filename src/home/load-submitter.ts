import type { Id } from '../ledger/codec/id.ts';
import { readPin } from '../ledger/store/pin.ts';
import { type SubmissionRules, toSituatedMeters } from '../programme/meter-situation.ts';
import { type OwnSnapshot, snapshotPackages, toRules } from '../programme/own-snapshot.ts';
import { periodHolding } from '../programme/rules.ts';
import { isAdmitted } from '../programme/state.ts';
import { ownChain } from './append-entry.ts';
import { finishRotation } from './finish-rotation.ts';
import type { Home } from './home.ts';
import { unlockKeys } from './key-ring.ts';
import { loadLedger } from './ledger.ts';
import { readOwnMeters } from './own-chain.ts';
import type { Surroundings } from './session.ts';
import type { Submitter } from './submit.ts';

/** The last second that the ledger can name. */
const ALWAYS = 253_402_300_799;

/** A submitter from the chains as they are: everything read, verified and replayed. The caller holds the lock. */
export async function loadSubmitter(home: Home, surroundings: Surroundings, now: number): Promise<Submitter> {
  const session = { home, ...loadLedger(home, { only: [home.org], decisions: 'as-signed' }) };
  const { own, policy, meters } = readOwnMeters(session, now);
  const chain = ownChain(session);
  const ask = (): Promise<string> => surroundings.passphrase();
  if (!surroundings.dryRun) await finishRotation(home.paths, chain.state.keys, ask);
  const keys = await unlockKeys(home.paths, ask);
  const rules: SubmissionRules = toRules(policy.time);
  const situated = toSituatedMeters(meters, policy);
  const admitted =
    own.organisation !== undefined && isAdmitted(own.organisation, 'applicant', session.programme.state.time);
  const notes = [
    ...(own.boundary?.standing === 'accepted'
      ? []
      : [
          'the boundary is declared and not accepted yet: packages count by the one that the certification body accepts',
        ]),
    ...(admitted
      ? []
      : [
          'this organisation is not admitted as an applicant here: packages that are broadcast before it is do not count',
        ]),
  ];
  const { state, commit } = session.programme;
  const pin = readPin(home.paths.pin);
  const policyEnds =
    session.state.policies.length === 1 ? [] : session.state.policies.map(({ value }) => periodHolding(value, now).end);
  const until = Math.min(ALWAYS, own.organisation?.admitted?.until ?? ALWAYS, ...policyEnds);
  const toSnapshot = (
    packages: NonNullable<ReturnType<typeof snapshotPackages>>,
    head: Submitter['head'],
  ): OwnSnapshot => ({
    version: 'own/1',
    programme: { commit, state },
    own: head,
    ...(pin === null ? {} : { pin: { seq: pin.seq, id: pin.id as Id } }),
    until,
    rules,
    meters: situated,
    events: own.events,
    ...packages,
  });
  return {
    home,
    keys,
    now,
    dryRun: surroundings.dryRun,
    seen: { seq: state.seq, id: state.head },
    rules,
    meters: situated,
    own,
    notes,
    snapshot: null,
    head: { state: chain.state, commit: chain.commit },
    // what is not accepted or admitted yet changes soon: read it all until then
    toSnapshot: notes.length > 0 || own.boundary?.standing !== 'accepted' ? null : toSnapshot,
  };
}
