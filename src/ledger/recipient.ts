const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
const PREFIX = 'age';

/**
 * True for an age X25519 recipient: Bech32 (BIP 173) in lower case with the prefix `age` over exactly 32 bytes. Written out
 * because the verify page runs it too and age itself is loaded only where something is encrypted.
 */
export function isAgeRecipient(text: string): boolean {
  if (!/^age1[02-9ac-hj-np-z]{58}$/.test(text)) return false;
  const symbols = Array.from(text.slice(PREFIX.length + 1), (letter) => ALPHABET.indexOf(letter));
  // 256 bits are 51 symbols and one bit of the next, whose other four are padding
  if (((symbols[51] ?? 0) & 15) !== 0) return false;
  const codes = Array.from(PREFIX, (letter) => letter.charCodeAt(0));
  return checksum([...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31), ...symbols]) === 1;
}

function checksum(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of GENERATOR.entries()) {
      if (((top >>> bit) & 1) === 1) sum ^= generator;
    }
  }
  return sum;
}
