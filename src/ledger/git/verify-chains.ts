import { askSignatures } from '../ask-signatures.ts';
import { type ChainAhead, readAhead } from './chain-ahead.ts';
import type { ChainSource } from './chain-source.ts';
import type { ChainReport, ChainTask } from './verify-task.ts';

/**
 * Signatures under way at most, 2 KB each: at two cores a twentieth of a second, more than the caller is busy with something else before
 * more are asked. Four times as many are no faster, and more for the garbage collector to carry along.
 */
const MOST_UNDER_WAY = 1024;

/** A progress line changes no faster. */
const TOLD_AT_ONCE = 256;

/** Chains that are being read. */
export interface Reading {
  /** In the order of the tasks; nothing is read before it is asked for. */
  readonly chains: readonly ChainAhead[];
  /** Waits while as many signatures are under way as may be. */
  readonly room: () => Promise<void>;
  /** Reads all chains to their end. */
  readonly readAll: () => Promise<void>;
  /** After that: the reports in the order of the tasks. */
  readonly reports: () => Promise<readonly ChainReport[]>;
}

/**
 * Begins to verify chains. Signatures are most of the work: they are judged by others (in Node by the threads of its pool), while this thread
 * reads on as if each one held. `onJudged` is told now and then how many more were.
 */
export function startReading(
  source: ChainSource,
  tasks: readonly ChainTask[],
  onJudged: (signatures: number) => void = () => undefined,
): Reading {
  let untold = 0;
  const tell = (atLeast: number): void => {
    if (untold < atLeast) return;
    onJudged(untold);
    untold = 0;
  };
  const asking = askSignatures(MOST_UNDER_WAY, () => {
    untold += 1;
    tell(TOLD_AT_ONCE);
  });
  const chains = tasks.map((task) => readAhead(source, task, asking.begin()));
  const room = async (): Promise<void> => {
    if (asking.isFull()) await asking.room();
  };
  return {
    chains,
    room,
    readAll: async () => {
      // oxlint-disable-next-line no-await-in-loop -- memory: no more is read than can be asked
      for (const chain of chains) while (chain.readOn()) if (asking.isFull()) await asking.room();
    },
    reports: async () => {
      const all = await Promise.all(chains.map((chain) => chain.report()));
      tell(1);
      return all;
    },
  };
}

/** Verifies chains and returns their reports in the order of the tasks. */
export async function verifyChains(...args: Parameters<typeof startReading>): Promise<readonly ChainReport[]> {
  const { readAll, reports } = startReading(...args);
  await readAll();
  return reports();
}
