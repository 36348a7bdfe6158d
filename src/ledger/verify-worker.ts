/** A verification thread: opens the store itself and verifies one whole chain after the other (see store/verify-pool.ts). */
import { parentPort, workerData } from 'node:worker_threads';

import { openGitStore } from './store/git-store.ts';
import type { PoolMessage, PoolWork } from './store/verify-pool.ts';
import { runChainTask, takeTask } from './git/verify-task.ts';

const { directory, alsoRead, tasks, taken } = workerData as PoolWork;
const store = openGitStore(directory, alsoRead === undefined ? {} : { alsoRead: openGitStore(alsoRead) });

for (let next = takeTask(tasks, taken); next !== null; next = takeTask(tasks, taken)) {
  const { index, task } = next;
  const report = runChainTask(store, task);
  parentPort?.postMessage({ index, report } satisfies PoolMessage, [report.ids.buffer as ArrayBuffer]);
}
