import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idBytes } from '../../../src/ledger/codec/id.ts';
import { concatBytes, toHex } from '../../../src/crypto/hash.ts';
import type { GitStore } from '../../../src/ledger/store/git-store.ts';
import { initGitStore } from '../../../src/ledger/store/git-store.ts';
import { PROGRAMME_REF } from '../../../src/ledger/git/ref-name.ts';
import { storedBranch } from '../../../src/ledger/git/stored-branch.ts';
import { verifyChains } from '../../../src/ledger/store/verify-pool.ts';
import { type ChainReport, type ChainTask, runChainTask } from '../../../src/ledger/git/verify-task.ts';
import { append, broadcast, type Chain, foundLedger, grownChain } from '../../support/ledger.ts';

const folder = mkdtempSync(join(tmpdir(), 'joulemark-pool-'));
const workerFile = join(folder, 'verify-worker.mjs');
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

beforeAll(async () => {
  store = initGitStore(join(folder, 'ledger.git'));
  for (const chain of [body, ...chains]) write(chain);
  const entry = fileURLToPath(new URL('../../../src/ledger/verify-worker.ts', import.meta.url));
  await build({
    entryPoints: [entry],
    outfile: workerFile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
});

afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const verify = (tasks: readonly ChainTask[], threads: number): Promise<readonly ChainReport[]> =>
  verifyChains({ directory: store.directory }, tasks, { threads, workerFile });

describe('the pool', () => {
  it('says on threads what it says here, in the order of the tasks', async () => {
    const tasks = [body, ...chains].map(taskOf);
    const seen: string[] = [];
    const onThreads = await verifyChains({ directory: store.directory }, tasks, {
      threads: 2,
      workerFile,
      onChain: ({ ref }, done) => seen.push(`${done} ${ref}`),
    });
    expect(onThreads.map(({ ref, error, fault }) => ({ ref, error, fault }))).toEqual(
      [body, ...chains].map((chain) => ({ ref: refOf(chain), error: null, fault: null })),
    );
    expect(onThreads).toEqual(await verify(tasks, 1));
    for (const [index, chain] of [body, ...chains].entries()) {
      expect(onThreads[index]?.state).toEqual(chain.state);
      expect(toHex(onThreads[index]?.ids as Uint8Array)).toBe(idsOf(chain));
    }
    expect(seen.map((line) => line.split(' ')[0])).toEqual(['1', '2', '3', '4', '5']);
  });

  it('reports what it cannot read, and goes on with the others', async () => {
    const missing: ChainTask = { ...taskOf(body), commit: '0'.repeat(40) };
    const [first, ...rest] = await verify([missing, ...chains.map(taskOf)], 2);
    expect(first?.error).toMatchObject({ code: 'VERIFY_FAILED' });
    expect(rest.every(({ error }) => error === null)).toBe(true);
  });

  it('fails when a thread dies', async () => {
    await expect(verifyChains({ directory: join(folder, 'nothing') }, [taskOf(body)], { threads: 1 })).rejects.toThrow(
      /no ledger repository/,
    );
    const broken = join(folder, 'broken.mjs');
    await build({ stdin: { contents: 'process.exit(3)' }, outfile: broken, format: 'esm' });
    await expect(
      verifyChains({ directory: store.directory }, chains.map(taskOf), { threads: 2, workerFile: broken }),
    ).rejects.toThrow(/thread failed/);
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
    const spy = new Proxy(store, {
      get: (target, key) => {
        if (key === 'readSegment')
          return (segment: { readonly firstSeq: number; readonly oid: string }) => (
            read.push(String(segment.firstSeq)),
            target.readSegment(segment)
          );
        const value = Reflect.get(target, key, target) as unknown;
        return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      },
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
