import * as age from 'age-encryption';
import { describe, expect, test } from 'vitest';

import {
  ageIdentityFromSeed,
  decryptKeyFile,
  encryptKeyFile,
  formatKeyFile,
  isEncryptedKeyFile,
  parseKeyFile,
  type SecretKey,
} from '../../../src/crypto/key-file.ts';

const KEYS: readonly SecretKey[] = [
  { use: 'sign', secret: new Uint8Array(32).fill(1) },
  { use: 'next', secret: new Uint8Array(32).fill(2) },
  { use: 'age', secret: new Uint8Array(32).fill(3) },
  { use: 'commit', secret: new Uint8Array(32).fill(4) },
];
/** The real cost is a second a call. */
const FAST = 4;
const utf8 = new TextEncoder();
const unavailable = (message: RegExp): unknown =>
  expect.objectContaining({ code: 'KEY_UNAVAILABLE', message: expect.stringMatching(message) });

describe('text form', () => {
  test('there and back', () => {
    expect(parseKeyFile(formatKeyFile(KEYS))).toEqual(KEYS);
  });

  test('one line a key, below a comment', () => {
    expect(formatKeyFile(KEYS.slice(0, 1))).toBe(
      `# joulemark secret keys: whoever reads this file can act as you\njoulemark-secret-key-1 sign ${'01'.repeat(32)} ee167a85\n`,
    );
  });

  test('blank lines, comments, CRLF, tabs and upper-case hex are read', () => {
    const [, line = ''] = formatKeyFile([{ use: 'next', secret: new Uint8Array(32).fill(0xab) }]).split('\n');
    const typed = line.replace('ab'.repeat(32), 'AB'.repeat(32)).replace(' next ', '\tnext  ');
    expect(parseKeyFile(`\r\n# from paper\r\n${typed}\r\n`)).toEqual([
      { use: 'next', secret: new Uint8Array(32).fill(0xab) },
    ]);
  });

  test('every changed digit is found', () => {
    const text = formatKeyFile(KEYS.slice(0, 1));
    const line = text.indexOf('joulemark-secret');
    for (let at = line; at < text.length - 1; at++) {
      const changed = text.slice(0, at) + (text[at] === '1' ? '7' : '1') + text.slice(at + 1);
      if (changed !== text)
        expect(() => parseKeyFile(changed)).toThrow(unavailable(/line 2 of the key file is not a key/));
    }
  });

  test.each([
    ['', /holds no key/],
    ['# only a comment\n', /holds no key/],
    ['joulemark-secret-key-2 sign 00', /line 1 .* expected 'joulemark-secret-key-1' first/],
    ['joulemark-secret-key-1 vote 00', /line 1 .* expected a use of sign, next, age, commit/],
    ['joulemark-secret-key-1 sign 00', /line 1 .* expected 64 hex digits after the use, found 2 characters/],
    [`joulemark-secret-key-1 sign ${'00'.repeat(32)}`, /line 1 .* check digits do not match/],
    [`${formatKeyFile(KEYS.slice(0, 1)).trim()} more`, /line 2 .* expected four fields/],
  ])('%j is refused', (text, message) => {
    expect(() => parseKeyFile(text)).toThrow(unavailable(message));
  });

  test('a message never holds the secret', () => {
    const secret = '5e'.repeat(32);
    expect(() => parseKeyFile(`joulemark-secret-key-1 sign ${secret} 00000000`)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('5e5e') }),
    );
  });
});

describe('under a passphrase', () => {
  test('there and back, armored, and stock age reads it', async () => {
    const text = formatKeyFile(KEYS);
    const file = await encryptKeyFile(text, 'correct horse', FAST);
    expect(isEncryptedKeyFile(file)).toBe(true);
    expect(isEncryptedKeyFile(utf8.encode(text))).toBe(false);
    const armored = new TextDecoder().decode(file);
    expect(armored).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n[^]*-----END AGE ENCRYPTED FILE-----\n$/);
    expect(await decryptKeyFile(file, 'correct horse')).toBe(text);
    const stock = new age.Decrypter();
    stock.addPassphrase('correct horse');
    expect(await stock.decrypt(age.armor.decode(armored), 'text')).toBe(text);
    // A file made without armor is read too.
    expect(await decryptKeyFile(age.armor.decode(armored), 'correct horse')).toBe(text);
  });

  test('a wrong passphrase is KEY_UNAVAILABLE', async () => {
    const file = await encryptKeyFile('text', 'right', FAST);
    await expect(decryptKeyFile(file, 'wrong')).rejects.toThrow(
      unavailable(/the passphrase does not open the key file/),
    );
  });

  test('a damaged or foreign file is KEY_UNAVAILABLE, wherever the damage is', async () => {
    const file = await encryptKeyFile(formatKeyFile(KEYS), 'right', FAST);
    for (let at = 40; at < file.length; at += 37) {
      const damaged = Uint8Array.from(file);
      damaged[at] = damaged[at] === 0x41 ? 0x42 : 0x41;
      await expect(decryptKeyFile(damaged, 'right')).rejects.toThrow(unavailable(/damaged|does not open/));
    }
    await expect(decryptKeyFile(file.subarray(0, 200), 'right')).rejects.toThrow(unavailable(/damaged/));
    await expect(decryptKeyFile(utf8.encode('joulemark-secret-key-1'), 'right')).rejects.toThrow(
      unavailable(/not encrypted/),
    );
  });

  test('the cost is that of age by default', async () => {
    const file = new TextDecoder().decode(
      age.armor.decode(new TextDecoder().decode(await encryptKeyFile('text', 'right'))),
    );
    expect(file).toMatch(/^age-encryption\.org\/v1\n-> scrypt \S+ 18\n/);
  });
});

test('an age identity opens what was sealed for its recipient', async () => {
  const { identity, recipient } = ageIdentityFromSeed(new Uint8Array(32).fill(7));
  expect(identity).toMatch(/^AGE-SECRET-KEY-1[0-9A-Z]{58}$/);
  expect(await recipient).toMatch(/^age1[0-9a-z]{58}$/);
  const encrypter = new age.Encrypter();
  encrypter.addRecipient(await recipient);
  const decrypter = new age.Decrypter();
  decrypter.addIdentity(identity);
  expect(await decrypter.decrypt(await encrypter.encrypt('sealed'), 'text')).toBe('sealed');
  expect(() => ageIdentityFromSeed(new Uint8Array(31))).toThrow(/must be 32 bytes, found 31/);
});
