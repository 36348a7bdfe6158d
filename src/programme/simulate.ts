import type { Block } from '../ledger/block.ts';
import { entryAt } from '../ledger/entry.ts';
import type { Id } from '../ledger/codec/id.ts';
import { JoulemarkError } from '../errors.ts';
import { applyEvent } from './apply.ts';
import { certificationRows } from './certification.ts';
import { decide, type Decided } from './decide.ts';
import { afterPeriod, type Period, policyInForce } from './rules.ts';
import type { Organisation, ProgrammeState } from './state.ts';

/** What of an organisation's chain no broadcast covers yet. */
export interface PendingChain {
  readonly organisation: string;
  readonly id: Id;
  readonly blocks: number;
  readonly packages: number;
  readonly corrections: number;
  readonly audits: number;
  /** Entries of any other type. */
  readonly others: number;
}

/** The answer for a period at a moment, in a state. */
export interface Answer {
  readonly state: ProgrammeState;
  readonly applicant: Organisation;
  readonly decided: Decided;
}

/** Blocks of chains by organisation, from block 0. */
export type ChainBlocks = ReadonlyMap<Id, { readonly blocks: readonly Block[] }>;

/** The period to be decided next: the oldest that is due, else the one that runs. @throws JoulemarkError USAGE when none has begun. */
export function nextPeriod(state: ProgrammeState, applicant: Organisation, now: number): Period {
  const rows = certificationRows(state, now).filter((row) => row.applicant.id === applicant.id);
  const next = rows.find(({ standing }) => standing === 'due' || standing === 'overdue') ?? rows.at(-1);
  if (next !== undefined) return next.period;
  throw new JoulemarkError('USAGE', `no period of '${applicant.name}' has begun yet`, {
    hints: ['joulemark org show', 'joulemark certify list'],
  });
}

/** When a period can be decided first; null where no policy is in force for it. */
export function decidableFrom(state: ProgrammeState, period: Period): number | null {
  const policy = policyInForce(state.policies, period.start)?.value;
  return policy === undefined ? null : afterPeriod(policy, period, policy.calendar.decide.from);
}

/** The answer from what is applied, as if nothing more came: in a period that is still open, as of the first moment at which it can be decided. */
export function answerAsOf(state: ProgrammeState, id: Id, period: Period, now: number): Answer {
  const applicant = state.organisations.get(id);
  if (applicant === undefined) throw new JoulemarkError('USAGE', 'the organisation is not on the ledger');
  return {
    state,
    applicant,
    decided: decide(state, applicant, period, Math.max(now, decidableFrom(state, period) ?? now)),
  };
}

/** What no broadcast covers yet, by organisation; those of whom all is covered are left out. */
export function pendingChains(state: ProgrammeState, chains: ChainBlocks): readonly PendingChain[] {
  return [...chains].flatMap(([id, { blocks }]) => {
    const pending = blocks.slice(firstPending(state, id));
    if (pending.length === 0) return [];
    const types = pending.flatMap((block) => block.items.map((_, index) => entryAt(block, index)?.type ?? ''));
    const count = (...names: readonly string[]): number => types.filter((type) => names.includes(type)).length;
    const [packages, corrections, audits] = [count('package'), count('correct'), count('audit')];
    // a heading of packages is none by itself
    const others = types.length - packages - corrections - audits - count('submission');
    const organisation = state.organisations.get(id)?.name ?? '';
    return [{ organisation, id, blocks: pending.length, packages, corrections, audits, others }];
  });
}

const firstPending = ({ organisations }: ProgrammeState, id: Id): number =>
  (organisations.get(id)?.covered.seq ?? -1) + 1;

/**
 * Applies what no broadcast covers yet as the next one would, at `now`. Changes `state`: it is one that nobody will take for the ledger's.
 */
export function applyPending(state: ProgrammeState, chains: ChainBlocks, now: number): void {
  const seq = state.head.seq + 1;
  state.previousBroadcast = state.lastBroadcast;
  state.lastBroadcast = { seq, time: now };
  for (const [org, { blocks }] of [...chains].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const block of blocks.slice(firstPending(state, org))) {
      block.items.forEach((_, index) => {
        const entry = entryAt(block, index);
        if (entry === null) return;
        const place = { org, seq: block.body.seq, index, type: entry.type, entry };
        applyEvent(state, { ...place, time: now, programmeSeq: seq, seen: block.body.seen }, () => true);
      });
    }
  }
}
