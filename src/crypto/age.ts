import { bech32 } from '@scure/base';

import { JoulemarkError } from '../errors.ts';

/** age-encryption, loaded when first used: it takes about 100 ms and most commands never need it. */
export function ageModule(): Promise<typeof import('age-encryption')> {
  return import('age-encryption');
}

/** An age key pair. The recipient is computed when it is asked for. */
export interface AgeIdentity {
  /** `AGE-SECRET-KEY-1...`: secret. */
  readonly identity: string;
  /** `age1...`: public. */
  readonly recipient: Promise<string>;
}

/** The X25519 key pair of a 32-byte secret, as age writes it (age specification, "The X25519 recipient type"). */
export function ageIdentityFromSeed(seed: Uint8Array): AgeIdentity {
  if (seed.length !== 32) throw new JoulemarkError('USAGE', `an age secret must be 32 bytes, found ${seed.length}`);
  const identity = bech32.encodeFromBytes('AGE-SECRET-KEY-', seed).toUpperCase();
  return {
    identity,
    get recipient() {
      return ageModule().then(({ identityToRecipient }) => identityToRecipient(identity));
    },
  };
}
