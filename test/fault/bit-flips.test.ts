import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseDecimal } from '../../src/calc/decimal.ts';
import { JoulemarkError } from '../../src/errors.ts';
import { verifyStore } from '../../src/home/verify.ts';
import { checkBranch } from '../../src/ledger/branch.ts';
import { type ChainState, verifyRecords } from '../../src/ledger/chain.ts';
import type { Id } from '../../src/ledger/codec/id.ts';
import { splitRecords } from '../../src/ledger/segment.ts';
import { initGitStore } from '../../src/ledger/store/git-store.ts';
import { startOfDay } from '../../src/programme/calendar.ts';
import { parseDocument } from '../../src/programme/document.ts';
import { acceptContent, admitContent, documentContent } from '../../src/programme/entries.ts';
import { documentDigest } from '../../src/programme/dated-document.ts';
import { policyText } from '../support/policy-text.ts';
import { type Actor, createWorld, entryOf, packageEntry } from '../support/world.ts';

/** A body, an applicant and a supplier, with packages: small, because every bit of it is flipped. */
function threeOrganisations(): { readonly ledger: Id; readonly chains: ReadonlyMap<string, Actor> } {
  const at = (date: string): number => startOfDay(date, 'UTC');
  const world = createWorld(parseDocument(policyText(), 'policy.yaml'), at('2012-12-01'));
  const works = world.join('Works');
  const supplier = world.join('Supplier');
  const boundary = parseDocument(
    'joulemark: boundary/1\napplicant: Works\nsupply_points: {gate: {carrier: waste_coal}}\nmeters:\n  heat: {kind: energy, at: gate, unit: mmBtu}\n',
    'boundary.yaml',
  );
  world.append(works, entryOf('boundary', documentContent, { document: boundary }));
  world.broadcast();
  world.append(
    world.body,
    entryOf('accept', acceptContent, { org: works.id, boundary: documentDigest(boundary) }),
    entryOf('admit', admitContent, { org: works.id, roles: ['applicant'], relations: [] }),
  );
  const day = (date: string) => ({ start: at(date), end: at(date) + 86_400 });
  for (const date of ['2013-01-01', '2013-01-02']) {
    const { start, end } = day(date);
    world.append(
      works,
      packageEntry(
        world.packageOf(works, 'heat', 'energy', start, end, {
          quantity: parseDecimal('12.5'),
          unit: 'mmBtu',
          provenance: 'metered',
        }),
      ),
    );
  }
  world.time = at('2013-01-04');
  world.broadcast();
  return {
    ledger: world.ledger,
    chains: new Map([
      ['refs/heads/programme', world.body],
      [`refs/heads/org/${works.id}`, works],
      [`refs/heads/org/${supplier.id}`, supplier],
    ]),
  };
}

const { ledger, chains } = threeOrganisations();
const folder = mkdtempSync(join(tmpdir(), 'joulemark-flips-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function concat(records: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(records));
}

describe('a three-organisation ledger', () => {
  test.each([...chains.keys()])('finds every single flipped bit in the segment file of %s', (ref) => {
    const actor = chains.get(ref) as Actor;
    const name =
      ref === 'refs/heads/programme'
        ? { kind: 'programme' as const, ledger }
        : { kind: 'organisation' as const, ledger, id: actor.id };
    const states: (ChainState | undefined)[] = [undefined];
    for (const { state } of verifyRecords({ ...name, records: actor.records })) states.push(state);
    let flips = 0;
    // block by block, from the state before it: the blocks below are untouched, and were judged
    for (const [seq, record] of actor.records.entries()) {
      const rest = concat(actor.records.slice(seq));
      for (let bit = 0; bit < record.length * 8; bit += 1) {
        const flipped = Uint8Array.from(rest);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(isFound(name, states[seq], flipped, actor.state.head), `block ${seq}, bit ${bit}`).toBe(true);
        flips += 1;
      }
    }
    expect(flips).toBe(concat(actor.records).length * 8);
  });

  test('verify finds flips that a cheat wrote into the repository with every git hash repaired', async () => {
    const directory = join(folder, 'copy.git');
    let tried = 0;
    for (const [ref, actor] of chains) {
      const whole = concat(actor.records);
      for (let bit = 5; bit < whole.length * 8; bit += 1531) {
        rmSync(directory, { recursive: true, force: true });
        const store = initGitStore(directory);
        for (const [other, { records }] of chains) {
          const bytes = [...records];
          if (other === ref) flipBit(bytes, bit);
          store.appendRecords({ ref: other, expectedHead: null, nextSeq: 0, records: bytes, time: 0 });
        }
        expect(await answer(store), `${ref}, bit ${bit}`).toBe('found');
        store.close();
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(20);
  });

  test('the same ledger untouched verifies', async () => {
    const store = initGitStore(join(folder, 'whole.git'));
    for (const [ref, { records }] of chains)
      store.appendRecords({ ref, expectedHead: null, nextSeq: 0, records, time: 0 });
    const verification = await verifyStore(store, { ledger, checked: new Map() });
    expect({
      broken: verification.broken,
      packages: verification.packages,
      findings: verification.findings.filter(({ level }) => level === 'error'),
    }).toEqual({ broken: [], packages: 2, findings: [] });
    store.close();
  });
});

function isFound(
  name: Parameters<typeof checkBranch>[0] extends infer T ? Omit<T, 'records'> : never,
  before: ChainState | undefined,
  bytes: Uint8Array,
  head: string,
): boolean {
  try {
    const { state, fault } = checkBranch({ ...name, from: before, records: splitRecords(bytes) }, () => undefined);
    return fault !== null || state?.head !== head;
  } catch (error) {
    if (error instanceof JoulemarkError && error.code === 'VERIFY_FAILED') return true;
    throw error;
  }
}

function flipBit(records: Uint8Array[], bit: number): void {
  let at = bit >> 3;
  for (const [index, record] of records.entries()) {
    if (at < record.length) {
      const copy = Uint8Array.from(record);
      copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
      records[index] = copy;
      return;
    }
    at -= record.length;
  }
}

async function answer(store: ReturnType<typeof initGitStore>): Promise<string> {
  try {
    const { broken, stopped, findings } = await verifyStore(store, { ledger, checked: new Map() });
    return broken.length > 0 || stopped !== null || findings.some(({ level }) => level === 'error')
      ? 'found'
      : 'missed';
  } catch (error) {
    if (error instanceof JoulemarkError && error.code === 'VERIFY_FAILED') return 'found';
    throw error;
  }
}
