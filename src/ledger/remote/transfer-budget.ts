/**
 * What a remote may send over all answers of one transfer. Where a transfer falls back to one branch after another, limits of an answer
 * would else be multiplied by the branches, whose number is for the remote to say.
 */
import { JoulemarkError } from '../../errors.ts';
import type { PackLimits, Spend } from '../git/pack-reader.ts';
import type { TransferLimits } from './transfer-limits.ts';

/** All answers together may be worth two of the largest: the branches together once and, where that breaks, one by one. */
const LARGEST_ANSWERS = 2;

/** With less than this part of the whole left, nothing more is asked for: an honest branch would be taken for a broken one. */
const LEAST_PART = 64;

export type TransferBudget = {
  /** Begins an answer. The function returned is told each time that so many more bytes have come; throws FAILED when it is too much or too slow. */
  readonly answer: () => (bytes: number) => void;
  /**
   * What the next pack may hold: half of what is left, so that a branch that is a bomb, alone, leaves room for the others.
   * Throws FAILED when too little is left.
   */
  readonly nextPack: () => PackLimits;
  /** Told what was unpacked. */
  readonly spend: Spend;
};

/** `source`: the remote, in messages. */
export function createTransferBudget(source: string, limits: TransferLimits): TransferBudget {
  const { maxBytes, graceMs, bytesPerSecond, pack } = limits;
  let bytes = 0;
  let waited = 0;
  let objects = 0;
  let unpacked = 0;
  const failed = (what: string): JoulemarkError =>
    new JoulemarkError('FAILED', `the remote '${source}' ${what}`, { details: { url: source, exceeded: true } });
  /** A share of what is left of `most` answers. */
  const share = (most: number, spent: number, unit: string): number => {
    const left = most * LARGEST_ANSWERS - spent;
    if (left * LEAST_PART < most)
      throw failed(`sends too much: at most ${most * LARGEST_ANSWERS} ${unit} over all its answers`);
    return Math.min(most, Math.ceil(left / 2));
  };
  return {
    answer: () => {
      let size = 0;
      let last = performance.now();
      return (more) => {
        const now = performance.now();
        waited += now - last;
        last = now;
        size += more;
        bytes += more;
        if (size > maxBytes) throw failed(`sends more than ${maxBytes} bytes`);
        if (bytes > maxBytes * LARGEST_ANSWERS)
          throw failed(`sends more than ${maxBytes * LARGEST_ANSWERS} bytes over all its answers`);
        if (waited > graceMs && bytes * 1000 < waited * bytesPerSecond)
          throw failed(`sends fewer than ${bytesPerSecond} bytes a second`);
      };
    },
    nextPack: () => ({
      ...pack,
      maxObjects: share(pack.maxObjects, objects, 'git objects'),
      maxTotalBytes: share(pack.maxTotalBytes, unpacked, 'unpacked bytes'),
    }),
    spend: (moreObjects, moreBytes) => {
      objects += moreObjects;
      unpacked += moreBytes;
    },
  };
}
