/** Whether the browser's own Ed25519 gives the one verdict of the ledger (spec section 7), asked before it is trusted. */
import { Point, utils } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../crypto/hash.ts';
import { publicKeyOf, signEd25519, verifyEd25519 } from '../crypto/primitives-portable.ts';

/** A signature, the bytes that are said to be signed, and a public key. */
export interface Question {
  readonly signature: Uint8Array<ArrayBuffer>;
  readonly message: Uint8Array<ArrayBuffer>;
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

export type AskSubtle = (question: Question) => Promise<boolean>;

const ALGORITHM = 'Ed25519';
const ORDER = Point.CURVE().n;
/** A point of order 8. */
const TORSION = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a';

/** The browser's Ed25519, or null where it has none, or one that judges a tricky signature otherwise than this ledger does. */
export async function findSubtle(): Promise<AskSubtle | null> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (subtle === undefined) return null;
  const keys = new Map<string, Promise<CryptoKey>>();
  const ask: AskSubtle = async ({ signature, message, publicKey }) => {
    const name = publicKey.join();
    const key = keys.get(name) ?? subtle.importKey('raw', publicKey, ALGORITHM, false, ['verify']);
    keys.set(name, key);
    return subtle.verify(ALGORITHM, await key, signature, message);
  };
  try {
    for (const { question, expected } of trickyQuestions()) if ((await ask(question)) !== expected) return null;
    return ask;
  } catch {
    return null; // no Ed25519 here
  }
}

/** Signatures under an honest key on which libraries differ, with the verdict of the portable reference. */
export function trickyQuestions(): readonly { readonly question: Question; readonly expected: boolean }[] {
  const seed = new Uint8Array(32).fill(7);
  const publicKey = bytesOf(publicKeyOf(seed));
  const message = new TextEncoder().encode('joulemark');
  const honest = bytesOf(signEd25519(message, seed));
  const { scalar } = utils.getExtendedPublicKey(seed);
  /** A signature that anyone with the key can make for a chosen R of known discrete logarithm `r`, plus a point of small order. */
  const chosen = (r: bigint, torsion: Point): Uint8Array<ArrayBuffer> => {
    const point = (r === 0n ? Point.ZERO : Point.BASE.multiply(r)).add(torsion).toBytes();
    const k = littleEndian(sha512(concatBytes(point, publicKey, message))) % ORDER;
    return bytesOf(concatBytes(point, toLittleEndian((r + k * scalar) % ORDER)));
  };
  const s = littleEndian(honest.subarray(32));
  const signatures = [
    honest,
    bytesOf(concatBytes(honest.subarray(0, 32), toLittleEndian(s + ORDER))), // S not below L
    chosen(12_345n, Point.fromHex(TORSION)), // cofactored verifiers accept it
    chosen(0n, Point.ZERO), // R is the identity: strict verifiers refuse it
    bytesOf(honest.map((byte, index) => (index === 63 ? byte ^ 0x80 : byte))),
    bytesOf(honest.map((byte, index) => (index === 0 ? byte ^ 1 : byte))),
  ];
  return signatures.map((signature) => ({
    question: { signature, message, publicKey },
    expected: verifyEd25519(signature, message, publicKey),
  }));
}

const bytesOf = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function toLittleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 255n));
}
