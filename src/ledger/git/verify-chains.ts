import { verifyEd25519 } from '#primitives';

import { equalBytes } from '../../crypto/hash.ts';
import { askSignatures, type Questions } from '../ask-signatures.ts';
import type { ChainSource } from './chain-source.ts';
import { type ChainReport, type ChainTask, runChainTask, runChainTaskInSteps } from './verify-task.ts';

/**
 * Signatures under way at most, 2 KB each: at two cores a fifth of a second, more than the caller is ever busy with something else before
 * more are asked.
 */
const MOST_UNDER_WAY = 4096;

/**
 * Verifies chains and returns their reports in the order of the tasks. Signatures are nine tenths of the work: they are judged by others (in Node
 * the threads of its pool), while this thread reads on as if each one held. Where one does not, or anything else is wrong, the chain is judged
 * again, block by block. `onChain` is called as each chain is done.
 */
export async function verifyChains(
  source: ChainSource,
  tasks: readonly ChainTask[],
  onChain: (report: ChainReport, done: number) => void = () => undefined,
): Promise<readonly ChainReport[]> {
  const asking = askSignatures(MOST_UNDER_WAY);
  const reports: Promise<ChainReport>[] = [];
  let done = 0;
  for (const task of tasks) {
    const questions = asking.begin();
    const steps = runChainTaskInSteps(source, task, questions.judge);
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) {
      // oxlint-disable-next-line no-await-in-loop -- memory: no more is read than can be asked
      if (asking.isFull()) await asking.room();
    }
    const judged = settle(source, task, step.value, questions).then((report) => {
      done += 1;
      onChain(report, done);
      return report;
    });
    judged.catch(() => undefined); // whoever waits for all is told
    reports.push(judged);
  }
  return Promise.all(reports);
}

/** What was read as if every signature held, once they are answered. */
async function settle(
  source: ChainSource,
  task: ChainTask,
  early: ChainReport,
  questions: Questions,
): Promise<ChainReport> {
  const { asked, held } = await questions.answered();
  if (held === asked && early.fault === null && early.error === null) return early;
  let at = -1;
  const report = runChainTask(source, task, (signature, message, publicKey) => {
    at += 1;
    return at < held || verifyEd25519(signature, message, publicKey);
  });
  // the answers are for the bytes that were read then
  const isSame =
    report.firstSeq === early.firstSeq &&
    report.files.length <= early.files.length &&
    equalBytes(report.files, early.files.subarray(0, report.files.length));
  return isSame && report.error === null ? report : runChainTask(source, task);
}
