/**
 * The attacks of TUF's conformance list (theupdateframework/tuf-conformance; TUF specification, section 1.5.2), each made on a ledger. Its roles map
 * so: root and timestamp are the programme chain, snapshot is a broadcast, targets are the organisations' chains.
 * Endless data, slow retrieval, extraneous and wrong files are in hostile-host.test.ts and hostile-remote.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { forge } from '../../fixtures/forge.ts';
import { chooseBranch, chooseProgramme, listingsOf } from '../../src/home/choose-branch.ts';
import { JoulemarkError } from '../../src/errors.ts';
import { toBranch } from '../../src/ledger/branch.ts';
import { type ChainName, verifyChain } from '../../src/ledger/chain.ts';
import { organisationRef, PROGRAMME_REF } from '../../src/ledger/git/ref-name.ts';
import { newCursor, walkOrder } from '../../src/ledger/order.ts';
import { toVerdict, type VerdictOptions } from '../../src/programme/verdict.ts';
import { toVerification, viewOf } from '../../src/programme/verification.ts';
import {
  append,
  broadcast,
  type Chain,
  entry,
  foundLedger,
  headOf,
  joinLedger,
  keyPair,
  listingOf,
  rotate,
} from '../support/ledger.ts';

const genesis = foundLedger();
const acme = append(joinLedger(genesis, 'acme'), [entry('note')]);
const longer = append(acme, [entry('note', { i: 1 })]);
const first = append(genesis, [broadcast(listingOf(acme))]);
const second = append(first, [broadcast(listingOf(longer))]);
const HOUR = 3600;

function verify(programme: Chain, chains: readonly Chain[], options: Partial<VerdictOptions> = {}) {
  const read = new Map(
    [programme, ...chains].map((chain) => [
      chain.state.kind === 'programme' ? PROGRAMME_REF : organisationRef(chain.state.id),
      { branch: toBranch(chain.blocks), state: chain.state, fault: null, verifiedNow: chain.blocks.length },
    ]),
  );
  const found = toVerification(programme.state.ledger, read, null);
  const now = programme.state.time + HOUR;
  return { found, verdict: toVerdict(found, { compared: null, pinned: null, now, maxAge: null, ...options }).verdict };
}

/** What a walk covers of the organisations, and the codes of what it notices. */
function walk(programme: Chain, chains: readonly Chain[]) {
  const branches = new Map(chains.map((chain) => [chain.state.id, toBranch(chain.blocks)]));
  const cursor = newCursor();
  const codes: string[] = [];
  for (const event of walkOrder(
    cursor,
    programme.blocks,
    viewOf(genesis.state.id, toBranch(programme.blocks), branches),
  ))
    if (event.type === 'finding') codes.push(`${event.finding.code} ${event.finding.reason ?? ''}`.trim());
  return { covered: cursor.covered, codes, inadmissible: [...cursor.inadmissible.keys()] };
}

/** The rule that a chain breaks first, or 'valid'. */
const brokenRuleOf = (records: readonly Uint8Array[], name: ChainName): string => {
  try {
    verifyChain({ ...name, records });
  } catch (error) {
    if (error instanceof JoulemarkError) return String(error.details['rule']);
    throw error;
  }
  return 'valid';
};
const PROGRAMME = { kind: 'programme' as const, ledger: genesis.state.id };
const ACME = { kind: 'organisation' as const, ledger: genesis.state.id, id: acme.state.id };

describe('rollback', () => {
  it('of the programme (timestamp, snapshot version): an older chain is behind and not taken', () => {
    expect(chooseProgramme(second, first)).toBe('behind');
    expect(verify(first, [acme], { pinned: headOf(second) }).verdict).toBe('STALE');
  });

  it("of an organisation's chain (targets version): what is covered stays, and is missed where it is not", () => {
    expect(chooseBranch(longer, acme, listingsOf(second.blocks).get(acme.state.id) ?? [])).toEqual({
      take: false,
      fork: null,
    });
    expect(verify(second, [acme]).verdict).toBe('PENDING');
  });

  it('of a listing: a lower number covers nothing', () => {
    const back = append(second, [broadcast(listingOf(acme))]);
    expect(walk(back, [longer])).toMatchObject({
      codes: ['listing-not-good below-head'],
      covered: new Map([[acme.state.id, headOf(longer)]]),
    });
  });
});

describe('freeze and expiry', () => {
  it('a copy that stands still says up to when it goes, and is old where a newer one was wanted', () => {
    const late = { now: second.state.time + 3 * 24 * HOUR, maxAge: 2 * 24 * HOUR };
    expect(verify(second, [longer], late).verdict).toBe('STALE');
    expect(verify(second, [longer], { ...late, maxAge: null }).verdict).toBe('CHECKED');
  });

  it('without any broadcast there is nothing that could be new enough', () => {
    expect(verify(genesis, [acme], { maxAge: HOUR }).verdict).toBe('STALE');
  });
});

describe('fast-forward', () => {
  it('of a sequence number: a chain has no gaps, so none can be skipped', () => {
    const skipped = forge(acme, { entries: [entry('note')], body: (fields) => ({ ...fields, seq: 99_999 }) });
    expect(brokenRuleOf(skipped, ACME)).toBe('position');
  });

  it('of a listing: a number that no block has covers nothing and stops nobody who has no such block', () => {
    const far = append(first, [broadcast({ ...listingOf(acme), seq: 99_999 })]);
    const after = append(far, [broadcast(listingOf(longer))]);
    expect(walk(after, [longer]).covered.get(acme.state.id)).toEqual(headOf(longer));
    const turned = rotate(acme);
    expect(chooseBranch(longer, turned, listingsOf(after.blocks).get(acme.state.id) ?? []).take).toBe(false);
  });

  it('of the clock: programme time never goes back, and its future is not taken (test/cli/attacks.test.ts)', () => {
    const early = forge(second, {
      entries: [broadcast()],
      body: (fields) => ({ ...fields, time: first.state.time - 1 }),
    });
    expect(brokenRuleOf(early, PROGRAMME)).toBe('time');
  });
});

describe('mix and match', () => {
  it('a block of one chain in another is not valid there: each signs its ledger, organisation and place', () => {
    const bolt = append(joinLedger(genesis, 'bolt'), [entry('note')]);
    expect(brokenRuleOf([...acme.records, bolt.records[1]!], ACME)).not.toBe('valid');
    const other = foundLedger('other');
    expect(brokenRuleOf([genesis.records[0]!, append(other, [broadcast()]).records[1]!], PROGRAMME)).not.toBe('valid');
  });

  it('a broadcast of one history does not go with the chains of another', () => {
    const twin = append(acme, [entry('note', { i: 2 })]);
    expect(verify(second, [twin]).verdict).toBe('PENDING');
  });

  it('a listing of a sibling covers nothing, and no home leaves the covered branch for it', () => {
    const sibling = append(append(acme, [entry('note', { i: 2 })]), [entry('note', { i: 3 })]);
    const lying = append(second, [broadcast(listingOf(sibling))]);
    expect(walk(lying, [longer]).covered.get(acme.state.id)).toEqual(headOf(longer));
    const listings = listingsOf(lying.blocks).get(acme.state.id) ?? [];
    expect(chooseBranch(longer, sibling, listings)).toMatchObject({ take: false, fork: { seq: 2, decided: true } });
    expect(chooseBranch(sibling, longer, listings).take).toBe(true);
  });
});

describe('keys', () => {
  it('duplicate keys: one key for two organisations makes the later inadmissible, so no threshold counts it twice', () => {
    const thief = { ...joinLedger(genesis, 'acme', genesis.state.time + 1) };
    const programme = append(genesis, [broadcast(listingOf(acme)), broadcast(listingOf(thief))]);
    expect(walk(programme, [acme, thief])).toMatchObject({ codes: ['key-reused'], inadmissible: [thief.state.id] });
  });

  it('a key id that is not that of the key, a signature by another key', () => {
    const wrong = forge(acme, { entries: [entry('note')], kidBytes: new Uint8Array(32) });
    expect(brokenRuleOf(wrong, ACME)).toBe('signature');
    const stranger = forge(acme, { entries: [entry('note')], sign: () => new Uint8Array(64) });
    expect(brokenRuleOf(stranger, ACME)).toBe('signature');
  });

  it('rotation: only the key announced before, signed by itself; the one before signs nothing more', () => {
    const turned = rotate(acme);
    expect(brokenRuleOf(turned.records, ACME)).toBe('valid');
    expect(() => append(turned, [entry('note')], { key: 0 })).toThrow(JoulemarkError);
    const { publicKey } = keyPair('mallory 0');
    const foreign = entry('rotate', { key: publicKey, next: new Uint8Array(32) });
    expect(brokenRuleOf(forge(acme, { entries: [foreign] }), ACME)).toBe('signature');
  });

  it('compromise and recovery: of two branches that nobody has covered the one with the rotation is taken, once covered the covered one', () => {
    const stolen = append(acme, [entry('note', { by: 'thief' })]);
    const recovered = rotate(acme);
    const before = listingsOf(first.blocks).get(acme.state.id) ?? [];
    expect(chooseBranch(stolen, recovered, before)).toMatchObject({ take: true, fork: { decided: false } });
    expect(chooseBranch(recovered, stolen, before).take).toBe(false);
    const covering = append(first, [broadcast(listingOf(stolen))]);
    const after = listingsOf(covering.blocks).get(acme.state.id) ?? [];
    expect(chooseBranch(recovered, stolen, after)).toMatchObject({ take: true, fork: { decided: true } });
    expect(brokenRuleOf(rotate(stolen).records, ACME)).toBe('valid');
  });

  it('compromise of the certification body: two histories end the verdict of whoever knows neither', () => {
    expect(chooseProgramme(second, append(first, [broadcast()]))).toBe('diverged');
  });

  it('fast-forward recovery: whatever a thief appended, a rotation on top of it ends his key', () => {
    let stolen = acme;
    for (let count = 0; count < 20; count += 1) stolen = append(stolen, [entry('note', { count })]);
    const recovered = rotate(stolen);
    expect(chooseBranch(stolen, recovered, []).take).toBe(true);
    expect(chooseBranch(recovered, stolen, []).take).toBe(false);
    expect(() => append(recovered, [entry('note')], { key: 0 })).toThrow(JoulemarkError);
  });
});

describe('root', () => {
  it('a genesis block that is another is refused under the ledger id that was told', () => {
    expect(brokenRuleOf(foundLedger('other').records, PROGRAMME)).toBe('names');
  });
});
