import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import { JoulemarkError } from '../../errors.ts';
import { type GitStore, openGitStore } from './git-store.ts';
import type { ChainReport, ChainTask } from '../git/verify-task.ts';
import { runChainTask, takeTask } from '../git/verify-task.ts';

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
  /** False: all was done on this thread, and is. True: this thread is free until it joins, and may be kept busy without holding the others up. */
  readonly onThreads: boolean;
  /**
   * Takes part until all is done: the reports in the order of the tasks.
   * @throws JoulemarkError INTERNAL when a worker dies; faults of chains are in their reports.
   */
  readonly join: () => Promise<readonly ChainReport[]>;
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
  return startVerifying(store, tasks, options).join();
}

/** `verifyChains` for a caller that has something else to do first. */
export function startVerifying(store: StorePath, tasks: readonly ChainTask[], options: PoolOptions = {}): Verifying {
  const workerFile = options.workerFile ?? findWorker();
  const threads = Math.min(options.threads ?? availableParallelism(), tasks.length);
  const progress = options.onChain ?? (() => undefined);
  if (workerFile === null || threads < 2 || isLittleWork(store, tasks)) {
    const reports = verifyHere(store, tasks, progress);
    return { onThreads: false, join: () => Promise.resolve(reports) };
  }
  return { onThreads: true, join: verifyOnThreads(workerFile, store, tasks, threads, progress) };
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

/** The store of a path, and how to let go of it. */
function openPath({ directory, alsoRead }: StorePath): { readonly store: GitStore; readonly close: () => void } {
  const behind = alsoRead === undefined ? null : openGitStore(alsoRead);
  try {
    const store = openGitStore(directory, behind === null ? {} : { alsoRead: behind });
    return {
      store,
      close: () => {
        store.close();
        behind?.close();
      },
    };
  } catch (error) {
    behind?.close();
    throw error;
  }
}

/** Opens the store for as long as `use` takes. */
function withStore<T>(path: StorePath, use: (store: GitStore) => T): T {
  const { store, close } = openPath(path);
  try {
    return use(store);
  } finally {
    close();
  }
}

/**
 * All threads take tasks from a shared count, so that workers never wait for this thread, which is one of them as soon as it joins: one worker
 * less to start, and to become fast in (a fifth of a second).
 */
function verifyOnThreads(
  workerFile: string,
  path: StorePath,
  tasks: readonly ChainTask[],
  threads: number,
  progress: NonNullable<PoolOptions['onChain']>,
): Verifying['join'] {
  const reports: ChainReport[] = [];
  const taken = new Int32Array(new SharedArrayBuffer(4));
  let done = 0;
  let fail: (cause: unknown) => void = () => undefined;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = (cause) => reject(new JoulemarkError('INTERNAL', 'a verification thread failed', { cause }));
  });
  finished.catch(() => undefined); // whoever joins is told
  const settle = (index: number, report: ChainReport): void => {
    reports[index] = report;
    done += 1;
    progress(report, done);
    if (done === tasks.length) finish();
  };
  const workers = Array.from({ length: threads - 1 }, () => {
    const worker = new Worker(workerFile, { workerData: { ...path, tasks, taken } satisfies PoolWork });
    worker.on('error', fail);
    worker.on('exit', (status) => {
      if (status !== 0 && done < tasks.length) fail(new Error(`the thread ended with status ${status}`));
    });
    worker.on('message', ({ index, report }: PoolMessage) => settle(index, report));
    return worker;
  });
  return async () => {
    const { store, close } = openPath(path);
    try {
      for (let next = takeTask(tasks, taken); next !== null; next = takeTask(tasks, taken)) {
        settle(next.index, runChainTask(store, next.task));
        await setImmediate(); // what the others report is heard in between
      }
      await finished;
      return reports;
    } finally {
      close();
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
  };
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
