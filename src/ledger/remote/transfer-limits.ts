import { PACK_LIMITS, type PackLimits } from '../git/pack-reader.ts';

/** How much a remote may send, and how slowly. What all answers of a transfer may be worth together is for transfer-budget.ts to say. */
export type TransferLimits = {
  /** Of one answer, in bytes: forges take pushes of 2 GiB at most. */
  readonly maxBytes: number;
  /** Silence on the connection for so long ends it, in milliseconds. */
  readonly idleMs: number;
  /** After so long a wait for answers, in milliseconds, they must have come at this rate on the whole: a trickle that never ends is an end too. */
  readonly graceMs: number;
  readonly bytesPerSecond: number;
  /** Of what is in it, unpacked. */
  readonly pack: PackLimits;
};

const TRANSFER_LIMITS: TransferLimits = {
  maxBytes: 2 ** 31,
  idleMs: 60_000,
  graceMs: 120_000,
  bytesPerSecond: 256,
  pack: PACK_LIMITS,
};

/** What holds, where only some of it is said. */
export const toTransferLimits = (some: Partial<TransferLimits> = {}): TransferLimits => ({
  ...TRANSFER_LIMITS,
  ...some,
});
