/**
 * What the page has for `#primitives`: the portable ones, but that whoever can wait for the answer on a signature gets that of the browser's own
 * Ed25519, which is ten times as fast, where it is to be trusted.
 */
import { verifyEd25519 } from '../crypto/primitives-portable.ts';
import { type AskSubtle, findSubtle } from './subtle-verdict.ts';

export {
  hmacSha256,
  publicKeyOf,
  sha256,
  sha256Hex,
  sha256Into,
  signEd25519,
  toHex,
  verifyEd25519,
} from '../crypto/primitives-portable.ts';

let subtle: Promise<AskSubtle | null> | undefined;

/** The verdict on a signature, later. What is refused here is to be asked of `verifyEd25519`: nobody is accused on one library's word. */
export function askEd25519(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
  answer: (holds: boolean) => void,
): void {
  if (signature.length !== 64 || publicKey.length !== 32) return answer(false);
  const question = {
    signature: new Uint8Array(signature),
    message: new Uint8Array(message),
    publicKey: new Uint8Array(publicKey),
  };
  subtle ??= findSubtle();
  void subtle
    .then((ask) =>
      ask === null ? verifyEd25519(question.signature, question.message, question.publicKey) : ask(question),
    )
    .catch(() => false)
    .then(answer);
}
