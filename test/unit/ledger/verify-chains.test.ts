import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idBytes } from '../../../src/ledger/codec/id.ts';
import { concatBytes, toHex } from '../../../src/crypto/hash.ts';
import type { GitStore } from '../../../src/ledger/store/git-store.ts';
import { initGitStore } from '../../../src/ledger/store/git-store.ts';
import { PROGRAMME_REF } from '../../../src/ledger/git/ref-name.ts';
import { storedBranch } from '../../../src/ledger/git/stored-branch.ts';
import { verifyChains } from '../../../src/ledger/git/verify-chains.ts';
import { type ChainTask, runChainTask } from '../../../src/ledger/git/verify-task.ts';
import { append, broadcast, type Chain, foundLedger, grownChain } from '../../support/ledger.ts';

const folder = mkdtempSync(join(tmpdir(), 'joulemark-chains-'));
const body = append(foundLedger(), [broadcast()]);
const chains = ['acme', 'bolt', 'cobalt', 'delta'].map((name) => grownChain(body, name, 420));
let store: GitStore;

const refOf = (chain: Chain): string =>
  chain.state.kind === 'programme' ? PROGRAMME_REF : `refs/heads/org/${chain.state.id}`;
const idsOf = (chain: Chain, from = 0): string =>
  toHex(concatBytes(...chain.blocks.slice(from).map((block) => idBytes(block.id))));

function write(chain: Chain, records: readonly Uint8Array[] = chain.records, ref = refOf(chain)): string {
  return store.appendRecords({ ref, expectedHead: store.readRef(ref), nextSeq: 0, records, time: 0 });
}

function taskOf(chain: Chain): ChainTask {
  const { kind, ledger, id } = chain.state;
  return { ref: refOf(chain), commit: store.readRef(refOf(chain)) ?? '', name: { kind, ledger, id } };
}

beforeAll(() => {
  store = initGitStore(join(folder, 'ledger.git'));
  for (const chain of [body, ...chains]) write(chain);
});

afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** One bit of the signature of a block: no hash link of the chain shows it but the next block's. */
function flipSignature(record: Uint8Array): Uint8Array {
  const changed = new Uint8Array(record);
  const end = changed.findLastIndex((byte, at) => at < changed.length - 1 && byte === 0x58 && changed[at + 1] === 0x40);
  changed[end + 2] = (changed[end + 2] as number) ^ 1;
  return changed;
}

/** The task of a new chain with some of its records changed. */
function damagedChain(name: string, change: (record: Uint8Array, seq: number) => Uint8Array): ChainTask {
  const chain = grownChain(body, name, 100);
  write(chain, chain.records.map(change));
  return taskOf(chain);
}

/** The store with one of its functions replaced. */
const withOther = (name: keyof GitStore, other: (...args: never[]) => unknown): GitStore =>
  new Proxy(store, {
    get: (target, key) => {
      if (key === name) return other;
      const value = Reflect.get(target, key, target) as unknown;
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });

describe('chains whose signatures others judge', () => {
  it('are reported as one by one, in the order of the tasks', async () => {
    const tasks = [body, ...chains].map(taskOf);
    const seen: number[] = [];
    const reports = await verifyChains(store, tasks, (signatures) => seen.push(signatures));
    expect(reports).toEqual(tasks.map((task) => runChainTask(store, task)));
    for (const [index, chain] of [body, ...chains].entries()) {
      expect(reports[index]).toMatchObject({ error: null, fault: null, state: chain.state });
      expect(toHex(reports[index]?.ids as Uint8Array)).toBe(idsOf(chain));
    }
    // all of them, in a few parts
    expect(seen.reduce((sum, signatures) => sum + signatures)).toBe(4 * 420 + body.blocks.length);
    expect(seen.length).toBe(7);
  });

  it('are judged to their first fault, whatever follows it', async () => {
    const tasks = [
      damagedChain('forged', (record, seq) => (seq === 70 ? flipSignature(record) : record)),
      damagedChain('forged at the end', (record, seq) => (seq === 99 ? flipSignature(record) : record)),
      damagedChain('forged first', (record, seq) => (seq === 0 ? flipSignature(record) : record)),
      // a later fault of another kind does not hide the signature, which is judged later
      damagedChain('forged and cut', (record, seq) =>
        seq === 20 ? flipSignature(record) : record.slice(seq === 60 ? 1 : 0),
      ),
      damagedChain('forged twice', (record, seq) => (seq === 30 || seq === 31 ? flipSignature(record) : record)),
    ];
    const reports = await verifyChains(store, [...tasks, ...chains.map(taskOf)]);
    expect(reports).toEqual([...tasks, ...chains.map(taskOf)].map((task) => runChainTask(store, task)));
    expect(reports.map(({ fault }) => fault?.seq)).toEqual([70, 99, 0, 20, 30, ...chains.map(() => undefined)]);
    for (const { fault } of reports.slice(0, 5)) expect(fault?.rule).toBe(fault?.seq === 0 ? 'names' : 'signature');
  });

  it('are judged by the bytes that are there, not by those that were there when others were asked', async () => {
    const chain = grownChain(body, 'changed meanwhile', 100);
    const forgedAt = (forged: number): readonly Uint8Array[] =>
      chain.records.map((record, seq) => (seq === forged ? flipSignature(record) : record));
    write(chain, forgedAt(50));
    const task = taskOf(chain);
    const later = write(chain, forgedAt(40), `refs/heads/org/${'cd'.repeat(32)}`);
    let readings = 0;
    const source = withOther('listSegments', (ref: string) => {
      readings += 1;
      return store.listSegments(ref, readings === 1 ? task.commit : later);
    });
    // that the signatures below 50 held in the first says nothing of the second
    const [report] = await verifyChains(source, [task]);
    expect(report?.fault).toMatchObject({ seq: 40, rule: 'signature' });
    expect(readings).toBeGreaterThan(1);
  });

  it('that cannot be read are reported, and the others judged', async () => {
    const missing: ChainTask = { ...taskOf(body), commit: '0'.repeat(40) };
    const [first, ...rest] = await verifyChains(store, [missing, ...chains.map(taskOf)]);
    expect(first?.error).toMatchObject({ code: 'VERIFY_FAILED' });
    expect(rest.every(({ error }) => error === null)).toBe(true);
  });

  it('end the whole where the store itself fails', async () => {
    const failing = withOther('readSegment', () => {
      throw new TypeError('a bug');
    });
    await expect(verifyChains(failing, chains.map(taskOf))).rejects.toThrow('a bug');
  });
});

describe('a chain of the store', () => {
  it('goes on from a state without reading what is below', () => {
    const [chain] = chains as [Chain];
    const task = taskOf(chain);
    const whole = runChainTask(store, task);
    const long = { ...chain, ...append(chain, [broadcast()]) };
    const ref = refOf(chain);
    const commit = store.appendRecords({
      ref,
      expectedHead: task.commit,
      nextSeq: chain.records.length,
      records: long.records.slice(-1),
      time: 0,
    });
    const read: string[] = [];
    const spy = withOther('readSegment', (segment: Parameters<GitStore['readSegment']>[0]) => {
      read.push(String(segment.firstSeq));
      return store.readSegment(segment);
    });
    const report = runChainTask(spy, { ...task, commit, from: whole.state ?? undefined });
    expect(report).toMatchObject({ firstSeq: 420, state: long.state, fault: null });
    expect(toHex(report.ids)).toBe(idsOf(long, 420));
    expect(new Set(read).size).toBeLessThanOrEqual(2);
    expect(Number(read[0])).toBeGreaterThan(400);
  });

  it('is verified anew where its branch no longer holds the head of the state', () => {
    const other = grownChain(body, 'acme', 30);
    const changed = append({ ...other }, [broadcast()]);
    const ref = refOf(chains[1] as Chain);
    const report = runChainTask(store, {
      ...taskOf(chains[1] as Chain),
      from: { ...changed.state, id: (chains[1] as Chain).state.id },
    });
    expect(report).toMatchObject({ ref, firstSeq: 0, fault: null, state: (chains[1] as Chain).state });
  });

  it('is given up to its first fault', () => {
    const chain = grownChain(body, 'faulty', 20);
    const records = chain.records.map((record, seq) => (seq === 12 ? (chain.records[13] as Uint8Array) : record));
    write(chain, records);
    const report = runChainTask(store, taskOf(chain));
    expect(report.fault).toMatchObject({ seq: 12, rule: 'position' });
    expect(report.state?.seq).toBe(11);
    expect(report.ids.length).toBe(12 * 32);
    write(chain, [...chain.records.slice(0, 5), Uint8Array.of(1, 2, 3)], `refs/heads/org/${'ab'.repeat(32)}`);
    const junk = runChainTask(store, {
      ...taskOf(chain),
      ref: `refs/heads/org/${'ab'.repeat(32)}`,
      commit: store.readRef(`refs/heads/org/${'ab'.repeat(32)}`) ?? '',
    });
    expect(junk.fault).toMatchObject({ seq: 5, rule: 'encoding', neverValid: [] });
  });

  it('is read block by block when asked for', () => {
    const [, , chain] = chains as [Chain, Chain, Chain];
    const task = taskOf(chain);
    const branch = storedBranch(store, { ...task, ids: runChainTask(store, task).ids, fault: null });
    expect(branch.length).toBe(420);
    for (const seq of [0, 419, 64, 63, 100]) expect(branch.block(seq).id).toBe(chain.blocks[seq]?.id);
    expect(branch.idAt(420)).toBeUndefined();
    expect(() => branch.block(420)).toThrow(/no verified block 420/);
    const lying = storedBranch(store, { ...task, ids: new Uint8Array(32 * 420), fault: null });
    expect(() => lying.block(7)).toThrow(/changed while it was read/);
  });
});
