/**
 * What the page has for `#primitives`: the portable ones, but that signatures can be asked of the browser's own Ed25519, which is ten
 * times as fast and answers later, while verification wants its answer at once. So a run is made as if every signature held, all of them
 * are asked meanwhile, and the run counts only if all hold; else it is made again with what is then known.
 */
import { equalBytes } from '../crypto/hash.ts';
import { verifyEd25519 as verifyPortable } from '../crypto/primitives-portable.ts';
import { type AskSubtle, findSubtle, type Question } from './subtle-verdict.ts';

export { hmacSha256, publicKeyOf, sha256, sha256Hex, signEd25519, toHex } from '../crypto/primitives-portable.ts';

type Judge = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;

let judge: Judge = verifyPortable;

/** True iff the signature is valid under an enrolled key (spec section 7); within a run of `withSubtle` as that has found. */
export function verifyEd25519(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return judge(signature, message, publicKey);
}

/** `verifyEd25519` for whoever can wait for the answer: it comes at once. */
export function askEd25519(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
  answer: (holds: boolean) => void,
): void {
  answer(judge(signature, message, publicKey));
}

interface Asked extends Question {
  readonly holds: Promise<boolean>;
}

let subtle: Promise<AskSubtle | null> | undefined;

/**
 * What `run` gives, its signatures judged by the browser where that is to be trusted. `run` must depend on nothing but its input: it may
 * be run twice. Only one at a time.
 */
export async function withSubtle<T>(run: () => T): Promise<T> {
  subtle ??= findSubtle();
  const ask = await subtle;
  if (ask === null) return run();
  const asked: Asked[] = [];
  const first = attempt((signature, message, publicKey) => {
    if (signature.length !== 64 || publicKey.length !== 32) return false;
    const question = {
      signature: new Uint8Array(signature),
      message: new Uint8Array(message),
      publicKey: new Uint8Array(publicKey),
    };
    asked.push({ ...question, holds: ask(question).catch(() => false) });
    return true;
  }, run);
  const held = await Promise.all(asked.map(({ holds }) => holds));
  if (first.error === null && held.every(Boolean)) return first.result;
  let at = -1;
  const second = attempt((signature, message, publicKey) => {
    if (signature.length !== 64 || publicKey.length !== 32) return false;
    at += 1;
    const known = asked[at];
    const isSame =
      known !== undefined &&
      equalBytes(known.signature, signature) &&
      equalBytes(known.message, message) &&
      equalBytes(known.publicKey, publicKey);
    // a refusal is asked of the reference too: nobody is accused on one library's word
    return (isSame && held[at] === true) || verifyPortable(signature, message, publicKey);
  }, run);
  if (second.error !== null) throw second.error.cause;
  return second.result;
}

type Attempt<T> = { readonly result: T; readonly error: null } | { readonly error: { readonly cause: unknown } };

function attempt<T>(with_: Judge, run: () => T): Attempt<T> {
  judge = with_;
  try {
    return { result: run(), error: null };
  } catch (cause) {
    return { error: { cause } };
  } finally {
    judge = verifyPortable;
  }
}
