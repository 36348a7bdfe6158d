/**
 * Secret keys as text files (spec, key files). One line a key, blank lines and `#` comments ignored:
 *
 *     joulemark-secret-key-1 <use> <64 hex digits> <8 hex digits>
 *
 * The last field is the start of SHA-256 over the three before it as written: a key that lay on paper for years says when
 * it was copied wrong. With a passphrase the whole text is an armored age file, which stock `age -d` opens.
 */
import { JoulemarkError } from '../errors.ts';
import { ageModule } from './age.ts';
import { parseHex, sha256, toHex } from './hash.ts';

export { ageIdentityFromSeed } from './age.ts';

/**
 * What a secret is for; a key has one use (spec section 6). `sign`: Ed25519 seed of the key in force; `next`: Ed25519 seed
 * of the key that a rotation reveals; `age`: X25519 secret that opens sealed payloads; `commit`: HMAC key of the salts.
 */
export type KeyUse = 'sign' | 'next' | 'age' | 'commit';

const KEY_USES: readonly KeyUse[] = ['sign', 'next', 'age', 'commit'];

/** 32 secret bytes and what they are for. */
export interface SecretKey {
  readonly use: KeyUse;
  readonly secret: Uint8Array;
}

const FORMAT = 'joulemark-secret-key-1';
const COMMENT = '# joulemark secret keys: whoever reads this file can act as you';
const ARMOR_BEGIN = '-----BEGIN AGE ENCRYPTED FILE-----';
const BINARY_BEGIN = 'age-encryption.org/v1';

/** The text of a key file. */
export function formatKeyFile(keys: readonly SecretKey[]): string {
  return `${[COMMENT, ...keys.map(formatLine)].join('\n')}\n`;
}

/**
 * The keys of a key file, in the order of its lines.
 * @throws JoulemarkError KEY_UNAVAILABLE naming the line; the secret is never part of a message.
 */
export function parseKeyFile(text: string): readonly SecretKey[] {
  const keys = text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    return line === '' || line.startsWith('#') ? [] : [parseLine(line, index + 1)];
  });
  if (keys.length === 0) throw new JoulemarkError('KEY_UNAVAILABLE', 'the key file holds no key');
  return keys;
}

/** True for an age file, armored or binary. */
export function isEncryptedKeyFile(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 256)).trimStart();
  return start.startsWith(ARMOR_BEGIN) || start.startsWith(BINARY_BEGIN);
}

/**
 * The text as an armored age file under a passphrase. `workFactor` is the base-2 logarithm of the scrypt cost: 18 takes
 * about a second, once.
 */
export async function encryptKeyFile(text: string, passphrase: string, workFactor = 18): Promise<Uint8Array> {
  const { Encrypter, armor } = await ageModule();
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(workFactor);
  encrypter.setPassphrase(passphrase);
  return new TextEncoder().encode(armor.encode(await encrypter.encrypt(text)));
}

/**
 * The text of an age file, armored or binary, under a passphrase.
 * @throws JoulemarkError KEY_UNAVAILABLE: wrong passphrase, or a damaged file.
 */
export async function decryptKeyFile(bytes: Uint8Array, passphrase: string): Promise<string> {
  if (!isEncryptedKeyFile(bytes))
    throw new JoulemarkError('KEY_UNAVAILABLE', 'the key file is not encrypted: expected an age file');
  const { Decrypter, armor } = await ageModule();
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    const start = new TextDecoder().decode(bytes.subarray(0, BINARY_BEGIN.length));
    const file = start === BINARY_BEGIN ? bytes : armor.decode(new TextDecoder().decode(bytes));
    return await decrypter.decrypt(file, 'text');
  } catch (cause) {
    throw decryptionError(cause);
  }
}

function formatLine({ use, secret }: SecretKey): string {
  if (secret.length !== 32)
    throw new JoulemarkError('INTERNAL', `a secret key must be 32 bytes, found ${secret.length}`);
  const body = `${FORMAT} ${use} ${toHex(secret)}`;
  return `${body} ${checkDigits(body)}`;
}

function parseLine(line: string, number: number): SecretKey {
  const [format, use, hex = '', check, ...rest] = line.split(/[ \t]+/);
  if (format !== FORMAT) throw badLine(number, `expected '${FORMAT}' first`);
  const known = KEY_USES.find((word) => word === use);
  if (known === undefined) throw badLine(number, `expected a use of ${KEY_USES.join(', ')}`);
  if (!/^[0-9a-fA-F]{64}$/.test(hex))
    throw badLine(number, `expected 64 hex digits after the use, found ${hex.length} characters`);
  if (rest.length > 0) throw badLine(number, 'expected four fields');
  const digits = hex.toLowerCase();
  if (check?.toLowerCase() !== checkDigits(`${FORMAT} ${known} ${digits}`))
    throw badLine(number, 'its check digits do not match: it was changed or copied wrong');
  return { use: known, secret: parseHex(digits) };
}

function checkDigits(body: string): string {
  return toHex(sha256(new TextEncoder().encode(body))).slice(0, 8);
}

function badLine(number: number, why: string): JoulemarkError {
  return new JoulemarkError('KEY_UNAVAILABLE', `line ${number} of the key file is not a key: ${why}`, {
    details: { line: number },
  });
}

/** age answers a wrong passphrase as 'no identity matched'. */
function decryptionError(cause: unknown): JoulemarkError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (reason.startsWith('no identity matched'))
    return new JoulemarkError('KEY_UNAVAILABLE', 'the passphrase does not open the key file', { cause });
  return new JoulemarkError('KEY_UNAVAILABLE', `the encrypted key file is damaged: ${reason}`, { cause });
}
