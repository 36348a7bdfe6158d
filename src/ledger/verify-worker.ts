/** A verification thread: opens the store itself and verifies one chain a message (see store/verify-pool.ts). */
import { parentPort, workerData } from 'node:worker_threads';

import { openGitStore } from './store/git-store.ts';
import type { StorePath } from './store/verify-pool.ts';
import { type ChainTask, runChainTask } from './store/verify-task.ts';

const { directory, alsoRead } = workerData as StorePath;
const store = openGitStore(directory, alsoRead === undefined ? {} : { alsoRead: openGitStore(alsoRead) });

parentPort?.on('message', (task: ChainTask) => {
  const report = runChainTask(store, task);
  parentPort?.postMessage(report, [report.ids.buffer as ArrayBuffer]);
});
