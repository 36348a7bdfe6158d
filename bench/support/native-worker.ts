/** A thread that does nothing but verify Ed25519 signatures with `node:crypto`: the yardstick of `bench verify`. */
import { createPublicKey, verify } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

export interface NativeTask {
  readonly spki: Uint8Array;
  readonly signed: readonly { readonly message: Uint8Array; readonly signature: Uint8Array }[];
  readonly rounds: number;
}

const { spki, signed, rounds } = workerData as NativeTask;
const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });

parentPort?.on('message', () => {
  const start = performance.now();
  let good = 0;
  for (let round = 0; round < rounds; round += 1)
    for (const { message, signature } of signed) if (verify(null, message, key, signature)) good += 1;
  if (good !== rounds * signed.length) throw new Error('a signature of the yardstick is not valid');
  parentPort?.postMessage({ seconds: (performance.now() - start) / 1000, count: good });
});
