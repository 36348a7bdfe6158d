import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import { JoulemarkError } from '../../errors.ts';
import { openGitStore } from './git-store.ts';
import type { ChainReport, ChainTask } from '../git/verify-task.ts';
import { runChainTask } from '../git/verify-task.ts';

/** The store that workers open. */
export interface StorePath {
  readonly directory: string;
  /** A store whose objects are visible through it: the main store of a quarantine. */
  readonly alsoRead?: string | undefined;
}

/** What a worker starts with: all the tasks, and in shared memory the number of those that somebody has taken. */
export interface PoolWork extends StorePath {
  readonly tasks: readonly ChainTask[];
  readonly taken: Int32Array;
}

/** What a worker says of a task. */
export interface PoolMessage {
  readonly index: number;
  readonly report: ChainReport;
}

export interface PoolOptions {
  /** Worker threads; default as many as there are cores, and 1 means this thread. */
  readonly threads?: number;
  /** Called as each chain is done. */
  readonly onChain?: (report: ChainReport, done: number) => void;
  /** The worker's file, where it is not beside this one. */
  readonly workerFile?: string;
}

/** Below this many blocks starting threads costs more than it saves: a thread takes about 50 ms, a block 0.13 ms. */
const WORTH_A_THREAD = 1500;

/** A verification under way. */
export interface Verifying {
  /** False: all was done on this thread, and is. True: this thread is free meanwhile, and may be kept busy without holding the others up. */
  readonly onThreads: boolean;
  /** The reports in the order of the tasks. @throws JoulemarkError INTERNAL when a worker dies; faults of chains are in their reports. */
  readonly reports: Promise<readonly ChainReport[]>;
}

/**
 * Verifies chains of a store, each as a whole on one thread, and returns their reports in the order of the tasks. From
 * source, where no worker has been built, and for little work, all is done on this thread.
 * @throws JoulemarkError INTERNAL when a worker dies; faults of chains are in their reports.
 */
export async function verifyChains(
  store: StorePath,
  tasks: readonly ChainTask[],
  options: PoolOptions = {},
): Promise<readonly ChainReport[]> {
  return startVerifying(store, tasks, options).reports;
}

/** `verifyChains` for a caller that has something else to do meanwhile. */
export function startVerifying(store: StorePath, tasks: readonly ChainTask[], options: PoolOptions = {}): Verifying {
  const workerFile = options.workerFile ?? findWorker();
  const threads = Math.min(options.threads ?? availableParallelism(), tasks.length);
  const progress = options.onChain ?? (() => undefined);
  if (workerFile === null || threads < 2 || isLittleWork(store, tasks))
    return { onThreads: false, reports: Promise.resolve(verifyHere(store, tasks, progress)) };
  return { onThreads: true, reports: verifyOnThreads(workerFile, store, tasks, threads, progress) };
}

function verifyHere(
  path: StorePath,
  tasks: readonly ChainTask[],
  progress: NonNullable<PoolOptions['onChain']>,
): readonly ChainReport[] {
  return withStore(path, (store) =>
    tasks.map((task, index) => {
      const report = runChainTask(store, task);
      progress(report, index + 1);
      return report;
    }),
  );
}

/** Opens the store for as long as `use` takes. */
export function withStore<T>(
  { directory, alsoRead }: StorePath,
  use: (store: ReturnType<typeof openGitStore>) => T,
): T {
  const behind = alsoRead === undefined ? null : openGitStore(alsoRead);
  try {
    const store = openGitStore(directory, behind === null ? {} : { alsoRead: behind });
    try {
      return use(store);
    } finally {
      store.close();
    }
  } finally {
    behind?.close();
  }
}

/** Workers take tasks from a shared count and never wait for this thread, which may be at work itself. */
function verifyOnThreads(
  workerFile: string,
  store: StorePath,
  tasks: readonly ChainTask[],
  threads: number,
  progress: NonNullable<PoolOptions['onChain']>,
): Promise<readonly ChainReport[]> {
  const reports: ChainReport[] = [];
  const workers: Worker[] = [];
  const taken = new Int32Array(new SharedArrayBuffer(4));
  let done = 0;
  return new Promise<readonly ChainReport[]>((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(new JoulemarkError('INTERNAL', 'a verification thread failed', { cause }));
    let running = threads;
    for (let count = 0; count < threads; count++) {
      const worker = new Worker(workerFile, { workerData: { ...store, tasks, taken } satisfies PoolWork });
      workers.push(worker);
      worker.on('error', fail);
      worker.on('exit', (status) => {
        running -= 1;
        if (done < tasks.length && (status !== 0 || running === 0))
          fail(new Error(`the thread ended with status ${status}`));
      });
      worker.on('message', ({ index, report }: PoolMessage) => {
        reports[index] = report;
        done += 1;
        progress(report, done);
        if (done === tasks.length) resolve(reports);
      });
    }
  }).finally(() => Promise.all(workers.map((worker) => worker.terminate())));
}

/** Counts by file names alone: a chain is at most one file longer than its last one says. */
function isLittleWork(path: StorePath, tasks: readonly ChainTask[]): boolean {
  let blocks = 0;
  return withStore(path, (store) => {
    for (const { ref, commit, from } of tasks) {
      try {
        blocks += Math.max((store.listSegments(ref, commit).at(-1)?.firstSeq ?? 0) - (from?.seq ?? 0), 0) + 1;
      } catch (error) {
        if (!(error instanceof JoulemarkError)) throw error;
      }
      if (blocks >= WORTH_A_THREAD) return false;
    }
    return true;
  });
}

/** The built worker: beside the bundle that this file became part of, or one folder up. */
function findWorker(): string | null {
  if (import.meta.url.endsWith('.ts')) return null;
  const candidates = ['./verify-worker.js', '../verify-worker.js'].map((name) =>
    fileURLToPath(new URL(name, import.meta.url)),
  );
  return candidates.find((candidate) => existsSync(candidate)) ?? null;
}
