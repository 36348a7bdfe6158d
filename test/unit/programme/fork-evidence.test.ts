import { describe, expect, it } from 'vitest';
import { JoulemarkError } from '../../../src/errors.ts';
import { toBranch } from '../../../src/ledger/branch.ts';
import { organisationRef, PROGRAMME_REF } from '../../../src/ledger/git/ref-name.ts';
import { toVerdict, type VerdictOptions } from '../../../src/programme/verdict.ts';
import { toVerification, type Verification } from '../../../src/programme/verification.ts';
import { forkClaimsOf, judgeForks } from '../../../src/programme/fork-evidence.ts';
import { verifyChain } from '../../../src/ledger/chain.ts';
import { parseBlockPlace } from '../../../src/programme/told-history.ts';
import {
  append,
  broadcast,
  type Chain,
  entry,
  foundLedger,
  grownChain,
  headOf,
  joinLedger,
  listingOf,
  rotate,
} from '../../support/ledger.ts';

const genesis = foundLedger();
const acme = append(joinLedger(genesis, 'acme'), [entry('meter-event', meterEvent(1))]);
const one = append(acme, [entry('meter-event', meterEvent(2))]);
const two = append(acme, [entry('meter-event', meterEvent(3))]);
const bolt = joinLedger(genesis, 'bolt');
const PLAIN: VerdictOptions = { compared: null, pinned: null, now: genesis.state.time + 3600, maxAge: null };

function meterEvent(at: number) {
  return { meter: 'gate', event: 'enroll', at };
}

/** A `fork` entry that shows the heads of two chains. */
const evidence = (a: Chain, b: Chain): Uint8Array =>
  entry('fork', { a: a.blocks.at(-1)!.bytes, b: b.blocks.at(-1)!.bytes });

function verification(programme: Chain, chains: readonly Chain[], at: { seq: number; id: string } | null = null) {
  const read = new Map(
    [programme, ...chains].map((chain) => [
      chain.state.kind === 'programme' ? PROGRAMME_REF : organisationRef(chain.state.id),
      { branch: toBranch(chain.blocks), state: chain.state, fault: null, verifiedNow: chain.blocks.length },
    ]),
  );
  return toVerification(programme.state.ledger, read, null, at === null ? [] : [at]);
}

const covering = (...chains: readonly Chain[]): Chain =>
  append(genesis, [broadcast(...chains.map((chain) => listingOf(chain)))]);
const forkNotes = ({ findings }: Verification) => findings.filter(({ code }) => code.startsWith('fork'));
const verdictOf = (found: Verification): string => toVerdict(found, PLAIN).verdict;

describe('a fork entry', () => {
  it('names who signed twice, and changes no verdict', () => {
    const reporter = append(bolt, [evidence(one, two)]);
    const found = verification(covering(one, reporter), [one, reporter]);
    expect(forkNotes(found)).toMatchObject([{ code: 'fork', level: 'note', place: { chain: acme.state.id, seq: 2 } }]);
    expect(verdictOf(found)).toBe('CHECKED');
    const without = verification(covering(one, bolt), [one, bolt]);
    expect(found.state.organisations.get(acme.state.id)).toEqual(without.state.organisations.get(acme.state.id));
  });

  it('proves the same above the covered head, in another chain and a second time, and is told once', () => {
    const reporter = append(append(bolt, [evidence(two, one)]), [evidence(one, two)]);
    expect(forkNotes(verification(covering(one, bolt), [one, reporter]))).toHaveLength(1);
    const body = append(covering(one, bolt), [evidence(one, two)]);
    expect(forkNotes(verification(body, [one, bolt]))).toMatchObject([{ code: 'fork' }]);
  });

  it('that proves no fork speaks against its signer', () => {
    for (const bad of [
      evidence(one, one),
      evidence(acme, one),
      evidence(joinLedger(genesis, 'cobalt'), bolt),
      entry('fork', { a: Uint8Array.of(1), b: Uint8Array.of(2) }),
      entry('fork', { a: tampered(one), b: two.blocks.at(-1)!.bytes }),
    ]) {
      const reporter = append(bolt, [bad]);
      const found = verification(covering(one, reporter), [one, reporter]);
      expect(forkNotes(found)).toMatchObject([
        { code: 'fork-not-proved', level: 'note', place: { chain: bolt.state.id, seq: 1, entry: 0 } },
      ]);
      expect(verdictOf(found)).toBe('CHECKED');
    }
  });

  it('with a rotation in it is judged as soon as the chain reveals the key', () => {
    const turned = rotate(acme);
    const reporter = append(bolt, [evidence(one, turned)]);
    expect(forkNotes(verification(covering(one, reporter), [one, reporter]))).toMatchObject([
      { code: 'fork-unjudged' },
    ]);
    const again = rotate(one);
    expect(forkNotes(verification(covering(again, reporter), [again, reporter]))).toMatchObject([{ code: 'fork' }]);
    expect(forkNotes(verification(covering(turned, reporter), [turned, reporter]))).toMatchObject([{ code: 'fork' }]);
  });

  it('made by the hundred reads the chain that it speaks of a few times, not once each', () => {
    const long = grownChain(genesis, 'dune', 200);
    const young = { ...long, state: stateAfter(long, 0), blocks: long.blocks.slice(0, 1), key: 0 };
    const turned = rotate(young).blocks.at(-1)!.bytes;
    const claims = Array.from({ length: 100 }, (_, index) => {
      const other = Uint8Array.from(turned);
      other[other.length - 1 - (index % 60)] = index;
      return entry('fork', { a: turned, b: other });
    });
    const reporter = append(bolt, claims);
    const held = toBranch(long.blocks);
    let read = 0;
    const branch = {
      ...held,
      block: (seq: number) => {
        read += 1;
        return held.block(seq);
      },
    };
    const verdicts = judgeForks([...forkClaimsOf(bolt.state.id, toBranch(reporter.blocks), 0)], {
      ledger: genesis.state.ledger,
      programme: toBranch(genesis.blocks),
      branches: new Map([[long.state.id, branch]]),
    });
    expect(verdicts.map(({ type }) => type)).toEqual(Array.from({ length: 100 }, () => 'unjudged'));
    expect(read).toBeLessThan(3 * long.blocks.length);
  });

  it('on blocks that are not here waits for them', () => {
    const reporter = append(bolt, [evidence(append(one, [entry('x')]), append(one, [entry('y')]))]);
    expect(forkNotes(verification(covering(acme, reporter), [acme, reporter]))).toMatchObject([
      { code: 'fork-unjudged' },
    ]);
    expect(forkNotes(verification(covering(reporter), [reporter]))).toMatchObject([{ code: 'fork-unjudged' }]);
  });

  it('of another shape is malformed, as any entry', () => {
    const reporter = append(bolt, [entry('fork', { a: 'x', b: 'y' })]);
    expect(verification(covering(reporter), [reporter]).findings).toMatchObject([{ code: 'entry-malformed' }]);
  });
});

describe('two histories of the programme in one copy', () => {
  const second = append(covering(acme), [broadcast(listingOf(one))]);
  const twin = append(covering(acme), [broadcast()]);
  const reporter = append(bolt, [evidence(second, twin)]);
  const last = append(second, [broadcast(listingOf(reporter))]);

  it('end the verdict before them, whether the evidence is covered or not', () => {
    for (const programme of [last, second]) {
      const found = verification(programme, [one, reporter]);
      expect(verdictOf(found)).toBe('DIVERGED');
      expect(found).toMatchObject({ twoHistoriesAt: 2, state: { head: { seq: 1 } } });
      expect(found.state.organisations.get(acme.state.id)?.covered.seq).toBe(1);
      expect(forkNotes(found)).toMatchObject([{ code: 'fork', place: { chain: 'programme', seq: 2 } }]);
    }
  });

  it('leave no doubt once one is told which is meant', () => {
    const found = verification(last, [one, reporter], headOf(second));
    expect(verdictOf(found)).toBe('CHECKED');
    expect(found.twoHistoriesAt).toBeNull();
    expect(verdictOf(verification(last, [one, reporter], headOf(last)))).toBe('CHECKED');
  });

  it('stay in doubt where what is told lies before them', () => {
    expect(verdictOf(verification(last, [one, reporter], { seq: 1, id: last.blocks[1]!.id }))).toBe('DIVERGED');
  });

  it('are refused where the copy holds the other one', () => {
    expect(() => verification(last, [one, reporter], headOf(twin))).toThrow(
      expect.objectContaining({ code: 'DIVERGED' }) as JoulemarkError,
    );
  });

  it('a copy that ends before the block told is old, not false', () => {
    const copy = verification(covering(acme), [acme], headOf(last));
    expect(toVerdict(copy, { ...PLAIN, told: headOf(last) }).verdict).toBe('STALE');
  });
});

describe('a place as people are told it', () => {
  it('is a number, a colon and an id', () => {
    expect(parseBlockPlace(`7:${genesis.state.id.toUpperCase()}`)).toEqual({ seq: 7, id: genesis.state.id });
    for (const bad of ['', '7', `:${genesis.state.id}`, `-1:${genesis.state.id}`, '7:abc', `7.0:${genesis.state.id}`])
      expect(() => parseBlockPlace(bad)).toThrow(expect.objectContaining({ code: 'USAGE' }) as JoulemarkError);
  });
});

function tampered(chain: Chain): Uint8Array {
  const bytes = Uint8Array.from(chain.blocks.at(-1)!.bytes);
  bytes[bytes.length - 1] = bytes.at(-1)! ^ 1;
  return bytes;
}

const stateAfter = (chain: Chain, seq: number) =>
  verifyChain({ kind: 'organisation', ledger: genesis.state.ledger, records: chain.records.slice(0, seq + 1) }).state;
