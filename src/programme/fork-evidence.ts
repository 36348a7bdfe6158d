/**
 * Evidence that somebody signed two blocks in one place (ledger spec section 12). Judged apart from the walk: a `fork` entry has no effect
 * on anything else, and its two blocks prove what they prove wherever the entry stands.
 */
import { JoulemarkError } from '../errors.ts';
import { decodeBlock, type SignedBlock } from '../ledger/block.ts';
import { entryAt } from '../ledger/entry.ts';
import type { Branch } from '../ledger/branch.ts';
import type { ChainState } from '../ledger/chain.ts';
import { type Id, shortId } from '../ledger/codec/id.ts';
import { rotateContent } from '../ledger/entries.ts';
import { type Finding, toFinding } from '../ledger/finding.ts';
import { followChain } from '../ledger/follow-chain.ts';
import { detectFork, type Fork, type ForkEvidence, verifyForkEvidence } from '../ledger/fork.ts';
import { groupBy } from './group-by.ts';
import { forkContent } from './entries.ts';

/** A `fork` entry, and who signed it in which place. */
export interface ForkClaim {
  readonly by: Id | 'programme';
  readonly seq: number;
  readonly entry: number;
  readonly evidence: ForkEvidence;
}

/** What a claim comes to. `unjudged`: blocks or a key that it takes are not in this copy; more bytes may settle it. */
export type ForkVerdict =
  | { readonly type: 'proved'; readonly claim: ForkClaim; readonly fork: Fork }
  | { readonly type: 'not-proved' | 'unjudged'; readonly claim: ForkClaim; readonly because: string };

/** The chains that evidence is judged against. */
export interface ForkView {
  readonly ledger: Id;
  readonly programme: Branch;
  readonly branches: ReadonlyMap<Id, Branch>;
}

/** A claim whose blocks are a fork if both are valid. */
interface Candidate {
  readonly claim: ForkClaim;
  readonly fork: Fork;
}

/** Judges claims, each chain that they speak of being followed once. The verdicts are in the order of the claims. */
export function judgeForks(claims: readonly ForkClaim[], view: ForkView): readonly ForkVerdict[] {
  const verdicts = new Map<ForkClaim, ForkVerdict>();
  const candidates: Candidate[] = [];
  for (const claim of claims) {
    const read = readFork(claim, view.ledger);
    if (typeof read === 'string') verdicts.set(claim, { type: 'not-proved', claim, because: read });
    else candidates.push({ claim, fork: read });
  }
  for (const [org, ofChain] of groupBy(candidates, ({ fork }) => fork.org))
    for (const verdict of judgeChain(org, ofChain, view)) verdicts.set(verdict.claim, verdict);
  return claims.flatMap((claim) => verdicts.get(claim) ?? []);
}

function readFork({ evidence }: ForkClaim, ledger: Id): Fork | string {
  try {
    const fork = detectFork(decodeBlock(evidence.a), decodeBlock(evidence.b));
    if (fork === null) return 'its blocks have not the same ledger, organisation and predecessor, or are one block';
    return fork.a.body.ledger === ledger ? fork : 'its blocks are of another ledger';
  } catch (error) {
    if (error instanceof JoulemarkError) return error.message;
    throw error;
  }
}

function judgeChain(org: Id, candidates: readonly Candidate[], view: ForkView): readonly ForkVerdict[] {
  const isProgramme = org === view.ledger;
  const branch = isProgramme ? view.programme : view.branches.get(org);
  const isKnown = ({ fork }: Candidate): boolean => branch?.idAt(fork.seq - 1) === fork.a.body.prev;
  const known = candidates.filter(isKnown);
  const unknown = candidates.filter((candidate) => !isKnown(candidate));
  const verdicts: ForkVerdict[] = unknown.map(({ claim, fork }) => ({
    type: 'unjudged',
    claim,
    because: `block ${fork.seq - 1} of '${shortId(org)}', which both blocks name as the one before, is not in this copy`,
  }));
  if (branch === undefined || known.length === 0) return verdicts;
  const bySeq = groupBy(known, ({ fork }) => fork.seq - 1);
  const kind = isProgramme ? ('programme' as const) : ('organisation' as const);
  const last = [...bySeq.keys()].reduce((most, seq) => Math.max(most, seq));
  const judged = new Map<string, ForkVerdict>();
  const revealedAfter = toRevealed(branch);
  for (const before of followChain({ kind, ledger: view.ledger, id: org }, branch, last)) {
    for (const { claim, fork } of bySeq.get(before.seq) ?? []) {
      const pair = `${fork.a.id} ${fork.b.id}`;
      const verdict = judged.get(pair) ?? judge(claim, fork, before, revealedAfter);
      judged.set(pair, verdict);
      verdicts.push({ ...verdict, claim });
    }
  }
  return verdicts;
}

function judge(claim: ForkClaim, fork: Fork, before: ChainState, revealedAfter: RevealedAfter): ForkVerdict {
  try {
    const revealed = isAnnounced(before, fork) ? revealedAfter(before.seq) : [];
    return { type: 'proved', claim, fork: verifyForkEvidence(claim.evidence, before, revealed) };
  } catch (error) {
    if (!(error instanceof JoulemarkError) || error.code === 'INTERNAL') throw error;
    return { type: error.code === 'PENDING' ? 'unjudged' : 'not-proved', claim, because: error.message };
  }
}

const isAnnounced = (before: ChainState, { a, b }: Fork): boolean =>
  [a, b].some(({ kid }: SignedBlock) => kid === before.keys.next);

/** The key that the first rotation above a block reveals: the one that was announced there. */
type RevealedAfter = (seq: number) => readonly Uint8Array[];

/** The rotations of a branch are looked for once, and not before: anybody can make claims by the thousand that need them. */
function toRevealed(branch: Branch): RevealedAfter {
  let rotations: readonly { readonly seq: number; readonly key: Uint8Array }[] | undefined;
  return (seq) => {
    rotations ??= [...rotationsOf(branch)];
    const next = rotations.find((rotation) => rotation.seq > seq);
    return next === undefined ? [] : [next.key];
  };
}

function* rotationsOf(branch: Branch): Generator<{ readonly seq: number; readonly key: Uint8Array }> {
  for (let seq = 1; seq < branch.length; seq += 1) {
    const first = entryAt(branch.block(seq), 0);
    if (first?.type === 'rotate') yield { seq, key: rotateContent.read(first.content, 'rotate').key };
  }
}

/** The `fork` entries of a branch from a block on. An entry of another shape is none. */
export function* forkClaimsOf(by: Id, branch: Branch, fromSeq: number): Generator<ForkClaim> {
  for (let seq = fromSeq; seq < branch.length; seq += 1) {
    const block = branch.block(seq);
    for (let entry = 0; entry < block.items.length; entry += 1) {
      const found = entryAt(block, entry);
      if (found?.type !== 'fork') continue;
      const evidence = tryRead(() => forkContent.read(found.content, 'fork'));
      if (evidence !== null) yield { by, seq, entry, evidence };
    }
  }
}

function tryRead<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof JoulemarkError) return null;
    throw error;
  }
}

/** One finding a proved place, naming who signed twice; one a claim that proves nothing here, naming who made it. */
export function forkFindings(verdicts: readonly ForkVerdict[], ledger: Id): readonly Finding[] {
  const told = new Set<string>();
  return verdicts.flatMap((verdict): readonly Finding[] => {
    const { by, seq, entry } = verdict.claim;
    const claimed = `the evidence of '${by === 'programme' ? by : shortId(by)}' in block ${seq}`;
    if (verdict.type !== 'proved') {
      const [code, what] =
        verdict.type === 'unjudged'
          ? (['fork-unjudged', 'cannot be judged'] as const)
          : (['fork-not-proved', 'proves no fork'] as const);
      return [toFinding(code, { chain: by, seq, entry }, `${claimed} ${what}: ${verdict.because}`)];
    }
    const { org, seq: at, a, b } = verdict.fork;
    const place = `${org} ${a.body.prev ?? ''}`;
    if (told.has(place)) return [];
    told.add(place);
    const who = org === ledger ? 'the certification body' : `'${shortId(org)}'`;
    const message = `${who} signed two blocks ${at}: '${shortId(a.id)}' and '${shortId(b.id)}'; ${claimed} proves it`;
    return [toFinding('fork', { chain: org === ledger ? 'programme' : org, seq: at }, message)];
  });
}
