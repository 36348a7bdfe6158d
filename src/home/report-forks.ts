import { toBranch } from '../ledger/branch.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { Fork } from '../ledger/fork.ts';
import { forkContent } from '../programme/entries.ts';
import {
  type ForkClaim,
  forkClaimsOf,
  type ForkVerdict,
  type ForkView,
  judgeForks,
} from '../programme/fork-evidence.ts';
import { ownChainName } from './append-entry.ts';
import { readForkEvidence } from './evidence.ts';
import { knownOrganisations } from './known-organisations.ts';
import { type Session, type Surroundings, toEntry, withWriter } from './session.ts';

/** A place where somebody signed twice. */
export interface ReportedFork {
  readonly org: Id;
  readonly name: string;
  readonly seq: number;
  readonly blocks: readonly [Id, Id];
}

/** What became of the evidence that a home keeps. */
export interface ReportedForks {
  readonly reported: readonly ReportedFork[];
  /** On the ledger before, whoever put it there. */
  readonly known: readonly ReportedFork[];
  /** What proves nothing here, or not yet. */
  readonly unproved: readonly (ReportedFork & { readonly because: string })[];
  readonly block: { readonly chain: string; readonly seq: number; readonly id: Id } | null;
}

/** Puts the evidence that this home keeps on its own chain, as far as it proves a fork and is on no chain here yet. */
export async function reportForks(surroundings: Surroundings): Promise<ReportedForks> {
  return withWriter(
    surroundings,
    (writer) => {
      const view = toForkView(writer);
      const known = new Set(placesOnLedger(writer, view));
      const kept = readForkEvidence(writer.home.paths);
      const fresh = kept.filter((fork) => !known.has(placeOf(fork)));
      const verdicts = judgeForks(fresh.map(toClaim), view);
      const proved = verdicts.flatMap((verdict) => (verdict.type === 'proved' ? [verdict.fork] : []));
      const blocks = writer.append(proved.map(({ a, b }) => toEntry('fork', forkContent, { a: a.bytes, b: b.bytes })));
      const last = blocks.at(-1);
      const named = namer(writer);
      return {
        reported: proved.map(named),
        known: kept.filter((fork) => known.has(placeOf(fork))).map(named),
        unproved: fresh.flatMap((fork, index) => unproved(named(fork), verdicts[index])),
        block: last === undefined ? null : { chain: ownChainName(writer), seq: last.seq, id: last.id },
      };
    },
    { decisions: 'as-signed' },
  );
}

/** How many forks this home has evidence of that is on no chain here yet. Their signatures are not looked at again. */
export function countUnreportedForks(session: Session): number {
  const kept = readForkEvidence(session.home.paths);
  if (kept.length === 0) return 0;
  const known = new Set(placesOnLedger(session, toForkView(session)));
  return kept.filter((fork) => !known.has(placeOf(fork))).length;
}

const placeOf = (fork: Fork): string => `${fork.org} ${fork.a.body.prev}`;

const toClaim = ({ a, b }: Fork): ForkClaim => ({
  by: 'programme',
  seq: 0,
  entry: 0,
  evidence: { a: a.bytes, b: b.bytes },
});

function toForkView({ home, programme, chains }: Session): ForkView {
  return {
    ledger: home.ledger,
    programme: toBranch(programme.blocks),
    branches: new Map([...chains].map(([org, chain]) => [org, toBranch(chain.blocks)])),
  };
}

/** The places of which the chains here hold proof, covered or not. */
function placesOnLedger({ state }: Session, view: ForkView): readonly string[] {
  const pending = [...view.branches].flatMap(([org, branch]) => [
    ...forkClaimsOf(org, branch, (state.organisations.get(org)?.covered.seq ?? -1) + 1),
  ]);
  const verdicts = judgeForks([...state.forks, ...pending], view);
  return verdicts.flatMap((verdict) => (verdict.type === 'proved' ? [placeOf(verdict.fork)] : []));
}

function namer(session: Session): (fork: Fork) => ReportedFork {
  const names = new Map(knownOrganisations(session).map(({ id, name }) => [id, name]));
  return ({ org, seq, a, b }) => ({
    org,
    name: org === session.home.ledger ? 'the certification body' : (names.get(org) ?? ''),
    seq,
    blocks: [a.id, b.id],
  });
}

function unproved(fork: ReportedFork, verdict: ForkVerdict | undefined): ReportedForks['unproved'] {
  return verdict === undefined || verdict.type === 'proved' ? [] : [{ ...fork, because: verdict.because }];
}
