/** Partial copies: entries of which only the leaf hash is here (spec section 4.1). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyStore } from '../../../src/home/verify.ts';
import type { Block } from '../../../src/ledger/block.ts';
import { encodeRecord, leafOf } from '../../../src/ledger/record.ts';
import { organisationRef, PROGRAMME_REF } from '../../../src/ledger/git/ref-name.ts';
import { initGitStore } from '../../../src/ledger/store/git-store.ts';
import { toVerdict, type Verdict } from '../../../src/programme/verdict.ts';
import { verdictLines } from '../../../src/report/verdict-lines.ts';
import { append, broadcast, type Chain, entry, foundLedger, joinLedger, listingOf } from '../../support/ledger.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'joulemark-partial-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const acme = append(joinLedger(foundLedger(), 'acme'), [entry('note', { a: 1 }), entry('note', { a: 2 })]);
const body = append(foundLedger(), [broadcast(listingOf(acme))]);

/** The records of a chain, of one entry of its last block only the leaf hash. */
function without(chain: Chain, index: number): readonly Uint8Array[] {
  const last = chain.blocks.at(-1) as Block;
  const items = last.items.map((item, at) => (at === index ? { leaf: leafOf(item) } : item));
  return [...chain.records.slice(0, -1), encodeRecord(last.bytes, items)];
}

async function verdictOn(programme: readonly Uint8Array[], organisation: readonly Uint8Array[]): Promise<Verdict> {
  const store = initGitStore(join(folder, 'copy.git'));
  for (const [ref, records] of [
    [PROGRAMME_REF, programme],
    [organisationRef(acme.state.id), organisation],
  ] as const)
    store.appendRecords({ ref, expectedHead: null, nextSeq: 0, records, time: 0 });
  const verification = await verifyStore(store, { ledger: body.state.id, checked: new Map() });
  const again = await verifyStore(store, { ledger: body.state.id, checked: verification.states });
  store.close();
  const options = { compared: null, pinned: null, now: body.state.time, maxAge: null };
  expect(toVerdict(again, options).verdict).toBe(toVerdict(verification, options).verdict);
  return toVerdict(verification, options);
}

test('where it is another entry than the first, the chain is judged and the answer is pending', async () => {
  const verdict = await verdictOn(body.records, without(acme, 1));
  expect(verdict).toMatchObject({ verdict: 'PENDING', unjudged: [], broken: [] });
});

test('where it is entry 0, which may change the key, the chain is not judged and not broken', async () => {
  const verdict = await verdictOn(body.records, without(acme, 0));
  expect(verdict).toMatchObject({
    verdict: 'PENDING',
    broken: [],
    unjudged: [{ ref: organisationRef(acme.state.id), message: expect.stringContaining('leaf hash') as string }],
  });
  const plain = { good: String, bad: String, warn: String, dim: String };
  expect(verdictLines(verdict, plain, false)).toContainEqual(expect.stringMatching(/^UNJUDGED {2}refs\/heads\/org\//));
});

test('a programme chain of which entry 0 is missing gives no verdict: pending', async () => {
  await expect(verdictOn(without(body, 0), acme.records)).rejects.toMatchObject({ code: 'PENDING' });
});
