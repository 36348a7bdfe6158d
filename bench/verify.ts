/** Full verification of a fresh copy, against bare signature checks and against `git log --show-signature`. */
import { spawn, spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { signatureInput } from '../src/crypto/cose.ts';
import type { Actor } from '../test/support/world.ts';
import { makeBulkLedger } from './support/bulk-ledger.ts';
import { FOLDER, median, numberOption, printFigure, ROOT, seconds, timeProcess } from './support/figure.ts';
import type { NativeTask } from './support/native-worker.ts';
import { makeSignedCommits } from './support/ssh-commits.ts';
import type { VerifiedCopy } from './support/verify-client.ts';

const threads = availableParallelism();
const organisations = numberOption('organisations', 10);
const days = numberOption('days', 2000);
const rounds = numberOption('rounds', 5);
const gitCommits = numberOption('git-commits', 1000);

const folder = mkdtempSync(join(tmpdir(), 'joulemark-bench-verify-'));
try {
  await run();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const { world, directory, blocks } = makeBulkLedger(folder, organisations, days);
  const [some] = world.actors.values();
  if (some === undefined) throw new Error('a ledger without organisations');
  const native = startNative(some);
  const client = startClient(directory, world.ledger, blocks);
  const alone: number[] = [];
  const together: number[] = [];
  const ours: number[] = [];
  const shares: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    const bare = await native.measure(1);
    const asked = process.cpuUsage(before);
    alone.push(bare.rate);
    together.push((await native.measure(threads)).rate);
    const { seconds: elapsed, processorSeconds } = await client.verify();
    ours.push(blocks / elapsed);
    shares.push((processorTime(asked) / bare.count) * (blocks / (1e6 * processorSeconds)));
  }
  await native.stop();
  client.stop();
  const more = { blocks, threads, node: process.version };
  printFigure({
    bench: 'verify',
    what: 'full verification of a fresh copy',
    value: median(ours),
    unit: 'blocks/s',
    peer: { what: 'threads x node:crypto Ed25519 verify on one thread', value: median(alone) * threads },
    target: { at: 'least', bound: 0.7 },
    more: {
      ...more,
      best: Math.round(Math.max(...ours)),
      // other processes on the machine do not change it
      'signatures, as a share of the processor time': Number(median(shares).toFixed(2)),
    },
  });
  printFigure({
    bench: 'verify',
    what: 'full verification of a fresh copy',
    value: median(ours),
    unit: 'blocks/s',
    peer: { what: 'node:crypto Ed25519 verify on all threads at once', value: median(together) },
    target: { at: 'least', bound: 0.7 },
    more,
  });
  const process_ = median(
    Array.from({ length: rounds }, () =>
      timeProcess(process.execPath, [
        join(ROOT, 'bin/joulemark.js'),
        'verify',
        directory,
        '--ledger',
        world.ledger,
        '--full',
      ]),
    ),
  );
  printFigure({
    bench: 'verify',
    what: 'joulemark verify --full, whole process',
    value: (1000 * blocks) / process_,
    unit: 'blocks/s',
    peer: { what: 'threads x node:crypto Ed25519 verify on one thread', value: median(alone) * threads },
    more: { ...more, milliseconds: Math.round(process_) },
  });
  const args = makeSignedCommits(folder, gitCommits);
  const git = seconds(() => spawnSync('git', args, { encoding: 'utf8' }));
  const good = git.result.stdout.split('\n').filter((line) => line === 'G').length;
  if (good !== gitCommits) throw new Error(`git found ${good} good signatures of ${gitCommits}: ${git.result.stderr}`);
  printFigure({
    bench: 'verify',
    what: 'full verification of a fresh copy',
    value: median(ours),
    unit: 'blocks/s',
    peer: {
      what: `git log with signatures of ${gitCommits} SSH-signed commits, commits/s`,
      value: gitCommits / git.seconds,
    },
    target: { at: 'least', bound: 100 },
    more,
  });
}

function processorTime({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}

/** Full verifications in a process of their own. */
function startClient(
  directory: string,
  ledger: string,
  blocks: number,
): { readonly verify: () => Promise<VerifiedCopy>; readonly stop: () => void } {
  const client = spawn(process.execPath, [join(FOLDER, 'verify-client.js'), directory, ledger], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]();
  return {
    verify: async () => {
      client.stdin.write('again\n');
      const found = JSON.parse((await lines.next()).value as string) as VerifiedCopy;
      const { verifiedNow, packages, broken, errors } = found;
      if (found.blocks !== blocks || verifiedNow !== blocks || packages !== organisations * days || broken + errors > 0)
        throw new Error(`the verification found another ledger: ${JSON.stringify(found)}`);
      return found;
    },
    stop: () => client.stdin.end(),
  };
}

/** Threads that verify the signatures of one chain again and again. */
function startNative(actor: Actor): {
  readonly measure: (count: number) => Promise<{ readonly rate: number; readonly count: number }>;
  readonly stop: () => Promise<void>;
} {
  const spki = createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), actor.state.keys.current]),
    format: 'der',
    type: 'spki',
  }).export({ format: 'der', type: 'spki' });
  const signed = actor.blocks.slice(0, 500).map((block) => ({
    message: signatureInput(block.protectedBytes, block.payload),
    signature: new Uint8Array(block.signature),
  }));
  const workerData: NativeTask = { spki, signed, rounds: 8 };
  const workers = Array.from({ length: threads }, () => new Worker(join(FOLDER, 'native-worker.js'), { workerData }));
  const rateOf = async (worker: Worker): Promise<{ readonly rate: number; readonly count: number }> => {
    const answer = once(worker, 'message') as Promise<[{ readonly seconds: number; readonly count: number }]>;
    worker.postMessage('go');
    const [{ seconds: elapsed, count }] = await answer;
    return { rate: count / elapsed, count };
  };
  return {
    measure: async (count) => {
      const all = await Promise.all(workers.slice(0, count).map(rateOf));
      const sum = (of: 'rate' | 'count'): number => all.reduce((part, one) => part + one[of], 0);
      return { rate: sum('rate'), count: sum('count') };
    },
    stop: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}
