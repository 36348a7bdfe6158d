import { keyId } from '../crypto/cose.ts';
import { type Id, toId } from './codec/id.ts';

/** The id of an Ed25519 public key: `H(key)` (spec section 2). */
export const keyIdOf = (publicKey: Uint8Array): Id => toId(keyId(publicKey));
