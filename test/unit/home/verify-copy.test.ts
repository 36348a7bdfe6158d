import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { verifyStore } from '../../../src/home/verify.ts';
import { toChecked, toVerification, type Verification } from '../../../src/programme/verification.ts';
import { askSignatures } from '../../../src/ledger/ask-signatures.ts';
import { readAhead } from '../../../src/ledger/git/chain-ahead.ts';
import type { ChainSource } from '../../../src/ledger/git/chain-source.ts';
import { type GitStore, initGitStore, openGitStore } from '../../../src/ledger/store/git-store.ts';
import { chainOfRef, PROGRAMME_REF } from '../../../src/ledger/git/ref-name.ts';
import { type ChainTask, runChainTask } from '../../../src/ledger/git/verify-task.ts';
import { append, broadcast, type Chain, foundLedger, grownChain, listingOf } from '../../support/ledger.ts';

const folder = mkdtempSync(join(tmpdir(), 'joulemark-ahead-'));
const genesis = foundLedger();
const chains = ['acme', 'bolt', 'cobalt', 'delta'].map((name) => grownChain(genesis, name, 420));
/** Every hundredth block is listed, then the last but three: some stay pending. */
const listed = [99, 199, 299, 416];
const programme = listed.reduce(
  (chain: Chain, seq) => append(chain, [broadcast(...chains.map((one) => listingOf(one, seq)))]),
  genesis,
);
const refOf = (chain: Chain): string =>
  chain.state.kind === 'programme' ? PROGRAMME_REF : `refs/heads/org/${chain.state.id}`;

function write(name: string, change: (chain: Chain) => readonly Uint8Array[] = (chain) => chain.records): GitStore {
  const store = initGitStore(join(folder, name));
  for (const chain of [programme, ...chains])
    store.appendRecords({ ref: refOf(chain), expectedHead: null, nextSeq: 0, records: change(chain), time: 0 });
  return store;
}

/** One bit of the signature of a block: no hash link of the chain shows it but the next block's. */
function flipSignature(record: Uint8Array): Uint8Array {
  const changed = new Uint8Array(record);
  const at = changed.length - 1;
  const end = changed.findLastIndex((byte, index) => index < at && byte === 0x58 && changed[index + 1] === 0x40);
  changed[end + 2] = (changed[end + 2] as number) ^ 1;
  return changed;
}

afterAll(() => rmSync(folder, { recursive: true }));

const plain = ({ states: _states, programmeId: _id, state, ...rest }: Verification): unknown =>
  JSON.parse(
    JSON.stringify({
      ...rest,
      head: state.head,
      covered: [...state.organisations.values()].map(({ id, covered }) => [id, covered]),
    }),
  );

/** A verification that replays while signatures are judged, and the same one thing after the other. */
async function both(store: GitStore): Promise<{ readonly ahead: unknown; readonly after: unknown }> {
  const ledger = genesis.state.id;
  const read = new Map(
    [...store.listRefs()].map(
      ([ref, commit]) =>
        [ref, toChecked(store, runChainTask(store, { ref, commit, name: chainOfRef(ledger, ref) }))] as const,
    ),
  );
  return {
    ahead: plain(await verifyStore(store, { ledger, checked: new Map() })),
    after: plain(toVerification(ledger, read, null)),
  };
}

describe('a replay while others check signatures', () => {
  it('gives what a replay afterwards gives', async () => {
    const { ahead, after } = await both(write('good.git'));
    expect(ahead).toEqual(after);
    expect(after).toMatchObject({ blocks: 1685, broken: [], pending: 12 });
  });

  it('counts for nothing where a signature is not valid', async () => {
    const [, second] = chains;
    const store = write('forged.git', (chain) =>
      chain === second
        ? chain.records.map((record, seq) => (seq === 419 ? flipSignature(record) : record))
        : chain.records,
    );
    const { ahead, after } = await both(store);
    expect(ahead).toEqual(after);
    expect(after).toMatchObject({ blocks: 1684, broken: [{ seq: 419, rule: 'signature' }], pending: 11 });
  });

  it('counts for nothing where a link is broken', async () => {
    const [, , third] = chains;
    const store = write('cut.git', (chain) =>
      chain === third ? chain.records.filter((_, seq) => seq !== 300) : chain.records,
    );
    const { ahead, after } = await both(store);
    expect(ahead).toEqual(after);
    expect(after).toMatchObject({ broken: [{ seq: 300, rule: 'position' }] });
  });
});

describe('a chain read ahead', () => {
  const [chain] = chains as [Chain];

  function opened(name: string): { readonly store: GitStore; readonly task: ChainTask } {
    const store = openGitStore(write(name).directory);
    const ref = refOf(chain);
    const task = { ref, commit: store.readRef(ref) ?? '', name: chainOfRef(genesis.state.id, ref) };
    return { store, task };
  }

  it('has its blocks in any order, and is reported as it is by itself', async () => {
    const { store, task } = opened('again.git');
    const ahead = readAhead(store, task, askSignatures(100).begin());
    for (const seq of [5, 5, 3, 200, 199, 64]) expect(ahead.branch.block(seq)).toEqual(chain.blocks[seq]);
    expect(ahead.branch.idAt(420)).toBeUndefined();
    expect(ahead.branch.length).toBe(420);
    expect([...ahead.blocks()].map(({ id }) => id)).toEqual(chain.blocks.map(({ id }) => id));
    expect(() => ahead.branch.block(420)).toThrow(/no block 420/);
    expect(ahead.readOn()).toBe(false);
    expect(await ahead.report()).toEqual(runChainTask(store, task));
  });

  it('is not read again as something else', () => {
    const { store, task } = opened('meanwhile.git');
    const other = write('other.git', (one) => one.records.map(flipSignature));
    let isChanged = false;
    const now = (): ChainSource => (isChanged ? other : store);
    const source: ChainSource = {
      listRefs: () => now().listRefs(),
      listSegments: (ref) => now().listSegments(ref, now().listRefs().get(ref) ?? ''),
      readSegment: (segment) => now().readSegment(segment),
    };
    const ahead = readAhead(source, task, askSignatures(100).begin());
    for (const seq of [3, 4]) expect(ahead.branch.block(seq).id).toBe(chain.blocks[seq]?.id);
    isChanged = true;
    expect(ahead.branch.block(4).id).toBe(chain.blocks[4]?.id);
    expect(() => ahead.branch.block(3)).toThrow(/changed while it was read/);
  });

  it('says again what it could not read', async () => {
    const { store, task } = opened('bug.git');
    const source: ChainSource = {
      listRefs: () => store.listRefs(),
      listSegments: (ref, commit) => store.listSegments(ref, commit),
      readSegment: () => {
        throw new TypeError('a bug');
      },
    };
    const ahead = readAhead(source, task, askSignatures(100).begin());
    for (const ask of [() => ahead.branch.block(0), () => ahead.readOn(), () => ahead.branch.length])
      expect(ask).toThrow('a bug');
    await expect(
      verifyStore({ ...source, directory: '' } as GitStore, { ledger: genesis.state.id, checked: new Map() }),
    ).rejects.toThrow('a bug');
  });
});
