import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { verifyStore } from '../../../src/home/verify.ts';
import { toChecked, toVerification, type Verification } from '../../../src/programme/verification.ts';
import { branchAhead } from '../../../src/ledger/git/branch-ahead.ts';
import { type GitStore, initGitStore, openGitStore } from '../../../src/ledger/store/git-store.ts';
import { chainOfRef, PROGRAMME_REF } from '../../../src/ledger/git/ref-name.ts';
import { storedBranch } from '../../../src/ledger/git/stored-branch.ts';
import { runChainTask } from '../../../src/ledger/git/verify-task.ts';
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

describe('a branch read ahead', () => {
  it('has the blocks of the verified one, in any order, and knows whose they are', () => {
    const store = openGitStore(write('again.git').directory);
    const [chain] = chains as [Chain];
    const ref = refOf(chain);
    const commit = store.readRef(ref) ?? '';
    const { ids, files } = runChainTask(store, {
      ref,
      commit,
      name: { kind: 'organisation', ledger: genesis.state.id, id: chain.state.id },
    });
    const verified = storedBranch(store, { ref, commit, ids, fault: null });
    const ahead = branchAhead(store, ref, commit);
    for (const seq of [5, 5, 3, 200, 199, 64]) {
      const block = ahead.branch.block(seq);
      expect({ ...block, id: block.id }).toEqual(verified.block(seq));
    }
    expect(ahead.branch.idAt(420)).toBeUndefined();
    expect(ahead.branch.length).toBe(420);
    expect([...ahead.blocks()].map(({ id }) => id)).toEqual(chain.blocks.map(({ id }) => id));
    expect(ahead.isOf({ files })).toBe(true);
    expect(ahead.isOf({ files: files.subarray(32) })).toBe(false);
    expect(ahead.isOf({ files: files.subarray(0, files.length - 32) })).toBe(false);
    expect(ahead.isOf({ files: files.map((byte, index) => (index === 0 ? byte ^ 1 : byte)) })).toBe(false);
    expect(() => ahead.branch.block(420)).toThrow(/no block 420/);
  });
});
