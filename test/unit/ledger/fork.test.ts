import { describe, expect, it } from 'vitest';
import { type Forgery, forge } from '../../../fixtures/forge.ts';
import { concatBytes } from '../../../src/crypto/hash.ts';
import { JoulemarkError } from '../../../src/errors.ts';
import type { SignedBlock } from '../../../src/ledger/block.ts';
import { splitRecord } from '../../../src/ledger/record.ts';
import { idBytes } from '../../../src/ledger/codec/id.ts';
import { detectFork, type ForkEvidence, verifyForkEvidence } from '../../../src/ledger/fork.ts';
import { keyIdOf } from '../../../src/ledger/key-id.ts';
import {
  append,
  broadcast,
  type Chain,
  entry,
  foundLedger,
  joinLedger,
  keyPair,
  rotate,
} from '../../support/ledger.ts';

const body = foundLedger();
const acme = append(joinLedger(body, 'acme'), [entry('note')]);
const one = append(acme, [entry('note', { i: 1 })]);
const two = append(acme, [entry('note', { i: 2 })]);
const turned = rotate(acme);
const headOf = (chain: Chain): SignedBlock => chain.blocks.at(-1) as SignedBlock;
const evidence = (a: Chain, b: Chain): ForkEvidence => ({ a: headOf(a).bytes, b: headOf(b).bytes });

function failure(run: () => unknown): JoulemarkError {
  try {
    run();
  } catch (error) {
    if (error instanceof JoulemarkError) return error;
    throw error;
  }
  throw new Error('expected a failure');
}

describe('a fork', () => {
  it('is two blocks with one predecessor', () => {
    expect(detectFork(headOf(one), headOf(two))).toMatchObject({ org: acme.state.id, seq: 2 });
    expect(detectFork(headOf(one), headOf(two))).toEqual(detectFork(headOf(two), headOf(one)));
  });

  it('is not the same block twice, a block and its successor, two joins or blocks of two chains', () => {
    expect(detectFork(headOf(one), headOf(one))).toBeNull();
    expect(detectFork(headOf(acme), headOf(one))).toBeNull();
    expect(detectFork(headOf(joinLedger(body, 'acme')), headOf(joinLedger(body, 'bolt')))).toBeNull();
    expect(detectFork(headOf(one), headOf(append(joinLedger(body, 'bolt'), [entry('note')])))).toBeNull();
  });

  it('is proved by both blocks and the state before them', () => {
    expect(verifyForkEvidence(evidence(one, two), acme.state).seq).toBe(2);
    const programme = [1, 2].map((second) => append(body, [broadcast()], { time: body.state.time + second })) as [
      Chain,
      Chain,
    ];
    expect(verifyForkEvidence(evidence(...programme), body.state).org).toBe(body.state.id);
  });

  it('of a rotation needs the key that it revealed', () => {
    expect(failure(() => verifyForkEvidence(evidence(one, turned), acme.state)).code).toBe('PENDING');
    expect(
      verifyForkEvidence(evidence(one, turned), acme.state, [keyPair('acme 0').publicKey, keyPair('acme 1').publicKey])
        .seq,
    ).toBe(2);
  });

  it('is not proved elsewhere in the chain, by a stranger or with a broken signature', () => {
    expect(failure(() => verifyForkEvidence(evidence(one, two), one.state)).details['rule']).toBe('position');
    expect(failure(() => verifyForkEvidence(evidence(one, two), body.state)).details['rule']).toBe('names');
    expect(failure(() => verifyForkEvidence(evidence(one, one), acme.state)).code).toBe('VERIFY_FAILED');
    const { bytes } = headOf(two);
    const broken = concatBytes(bytes.subarray(0, -1), Uint8Array.of((bytes.at(-1) as number) ^ 1));
    expect(failure(() => verifyForkEvidence({ a: headOf(one).bytes, b: broken }, acme.state)).details['rule']).toBe(
      'signature',
    );
    const late = { ...acme.state, keys: turned.state.keys };
    expect(failure(() => verifyForkEvidence(evidence(one, two), late)).details['rule']).toBe('signature');
  });

  it('is not proved by a block that could not stand there', () => {
    const forged = (change: NonNullable<Forgery['body']>, from: Chain = acme): Uint8Array =>
      splitRecord(forge(from, { entries: [entry('note', { i: 3 })], body: change }).at(-1) as Uint8Array).block;
    const ruleOf = (bytes: Uint8Array): unknown =>
      failure(() => verifyForkEvidence({ a: headOf(one).bytes, b: bytes }, acme.state)).details['rule'];
    expect(ruleOf(forged((fields) => ({ ...fields, seq: 7 })))).toBe('position');
    expect(ruleOf(forged((fields) => ({ ...fields, history: acme.state.head })))).toBe('position');
    expect(ruleOf(forged((fields) => ({ ...fields, seen: null })))).toBe('seen');
    const late = append(body, [broadcast()]);
    const early = forged((fields) => ({ ...fields, time: fields.time - 3600 }), body);
    expect(failure(() => verifyForkEvidence({ a: headOf(late).bytes, b: early }, body.state)).details['rule']).toBe(
      'time',
    );
  });

  it('is not proved by an announced key that may not be enrolled', () => {
    const neutral = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 1 : 0));
    const signature = Uint8Array.from({ length: 64 }, (_, index) => (index === 0 ? 1 : 0));
    const state = { ...acme.state, keys: { ...acme.state.keys, next: keyIdOf(neutral) } };
    const bytes = splitRecord(
      forge(acme, {
        entries: [entry('note', { i: 4 })],
        kidBytes: idBytes(keyIdOf(neutral)),
        sign: () => signature,
      }).at(-1) as Uint8Array,
    ).block;
    expect(
      failure(() => verifyForkEvidence({ a: headOf(one).bytes, b: bytes }, state, [neutral])).details['rule'],
    ).toBe('keys');
  });
});
