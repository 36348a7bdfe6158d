import { parseHex } from '../../src/crypto/hash.ts';
import { sharedJson } from './shared.ts';

/** One signature to judge. `expected` is set where the source states a verdict that the one rule shares. */
export interface SignatureCase {
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly expected?: boolean;
}

interface Wycheproof {
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk: string };
    readonly tests: readonly {
      readonly tcId: number;
      readonly msg: string;
      readonly sig: string;
      readonly result: string;
    }[];
  }[];
}

const utf8 = new TextEncoder();

export function wycheproofCases(): readonly SignatureCase[] {
  return sharedJson<Wycheproof>('vectors/wycheproof-ed25519/ed25519_test.json').testGroups.flatMap((group) =>
    group.tests.map((test) => ({
      name: `wycheproof ${test.tcId}`,
      publicKey: parseHex(group.publicKey.pk),
      message: parseHex(test.msg),
      signature: parseHex(test.sig),
      expected: test.result === 'valid',
    })),
  );
}

export function cctvCases(): readonly SignatureCase[] {
  return sharedJson<{ number: number; key: string; sig: string; msg: string }[]>(
    'vectors/cctv-ed25519/ed25519vectors.json',
  ).map((row) => ({
    name: `cctv ${row.number}`,
    publicKey: parseHex(row.key),
    message: utf8.encode(row.msg),
    signature: parseHex(row.sig),
  }));
}

export function speccheckCases(): readonly SignatureCase[] {
  return [
    ...edwardsCases('vectors/ed25519-speccheck/cases.json'),
    ...edwardsCases('vectors/noble-zip215/edge-cases.json'),
  ];
}

function edwardsCases(file: string): readonly SignatureCase[] {
  return sharedJson<{ message: string; pub_key: string; signature: string }[]>(file).map((row, index) => ({
    name: `${file} ${index}`,
    publicKey: parseHex(row.pub_key),
    message: parseHex(row.message),
    signature: parseHex(row.signature),
  }));
}

/** ZIP-215 accepts each of these for the message "Zcash"; the strict rule accepts none. */
export function zip215Cases(): readonly SignatureCase[] {
  return sharedJson<{ vk_bytes: string; sig_bytes: string }[]>('vectors/noble-zip215/zip215.json').map(
    (row, index) => ({
      name: `zip215 ${index}`,
      publicKey: parseHex(row.vk_bytes),
      message: utf8.encode('Zcash'),
      signature: parseHex(row.sig_bytes),
      expected: false,
    }),
  );
}

export interface Rfc8032Case extends SignatureCase {
  readonly secretKey: Uint8Array;
}

export function rfc8032Cases(): readonly Rfc8032Case[] {
  return sharedJson<{ priv: string; pub: string; msg: string; sig: string }[]>(
    'vectors/noble-zip215/rfc8032-ed25519.json',
  ).map((row, index) => ({
    name: `rfc8032 ${index}`,
    secretKey: parseHex(row.priv),
    publicKey: parseHex(row.pub),
    message: parseHex(row.msg),
    signature: parseHex(row.sig),
    expected: true,
  }));
}

/** An honest prime-order key signed with R = rB + a point of order 8: cofactored verifiers accept it. */
export function torsionCase(): SignatureCase {
  const row = sharedJson<{ pk: string; msg: string; sig: string; expect: { rule: boolean } }>(
    'vectors/ed25519-torsion-r/torsion-r.json',
  );
  return {
    name: 'torsion in R',
    publicKey: parseHex(row.pk),
    message: parseHex(row.msg),
    signature: parseHex(row.sig),
    expected: row.expect.rule,
  };
}
