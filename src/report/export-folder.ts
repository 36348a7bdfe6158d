import { sha256Hex } from '../crypto/hash.ts';
import { JoulemarkError } from '../errors.ts';
import { type BundleSource, openBundle } from '../ledger/git/bundle-source.ts';
import type { PackTools } from '../ledger/git/pack-reader.ts';
import type { Verification } from '../programme/verification.ts';
import { countedFacts, type ExportFacts, isScopeOf } from './export-facts.ts';
import { checkSums, encodeSums, SUMS_FILE } from './sha256-sums.ts';
import { parseVerifyText, verifyText } from './verify-text.ts';

export const BUNDLE_FILE = 'ledger.bundle';
export const VERIFIER_FILE = 'verify.mjs';
/** In an export of a build that has it. */
export const PAGE_FILE = 'verify.html';
export const TEXT_FILE = 'VERIFY.txt';

/** The files of an export folder by name. */
export type ExportFiles = ReadonlyMap<string, Uint8Array>;

/** More bytes than this has neither of the two texts: a text of half a gigabyte is more than a program can hold as one. */
const MOST_TEXT_BYTES = 65_536;

/** A folder whose every byte was checked against the others. */
export interface ExportFolder {
  readonly facts: ExportFacts;
  readonly bundle: Uint8Array;
  /** SHA-256 of SHA256SUMS, which fixes all the rest: to be compared with one that came by another way. */
  readonly sumsHash: string;
  /** How many files it has. */
  readonly files: number;
}

/** All files of an export: its bundle and programs, and the two that speak of them. `page`: null in a build without it. */
export function encodeExport(
  facts: ExportFacts,
  parts: { readonly bundle: Uint8Array; readonly verifier: Uint8Array; readonly page: Uint8Array | null },
): ExportFiles {
  const text = new TextEncoder();
  const files = new Map<string, Uint8Array>([
    [BUNDLE_FILE, parts.bundle],
    [VERIFIER_FILE, parts.verifier],
    ...(parts.page === null ? [] : ([[PAGE_FILE, parts.page]] as const)),
    [TEXT_FILE, text.encode(verifyText(facts, parts.page !== null))],
  ]);
  return files.set(SUMS_FILE, text.encode(encodeSums(files)));
}

/**
 * Checks the files of an export folder against each other: none more and none less than an export has, SHA256SUMS and VERIFY.txt exactly as
 * they are written. With the bundle's own check (openExport) no bit of the folder can differ unseen.
 * `told`: the SHA-256 of SHA256SUMS that came by another way.
 * @throws JoulemarkError VERIFY_FAILED naming each file that is not as it was, in `details.files`.
 */
export function readExport(files: ExportFiles, told: string | null = null): ExportFolder {
  const expected = [BUNDLE_FILE, VERIFIER_FILE, TEXT_FILE, SUMS_FILE];
  const wrong = [
    ...expected.filter((name) => !files.has(name)).map((name) => `'${name}' is missing`),
    ...[...files.keys()]
      .filter((name) => !expected.includes(name) && name !== PAGE_FILE)
      .map((name) => `'${name}' does not belong to an export`),
    ...[TEXT_FILE, SUMS_FILE]
      .filter((name) => (files.get(name)?.length ?? 0) > MOST_TEXT_BYTES)
      .map((name) => `'${name}' has more than ${MOST_TEXT_BYTES} bytes`),
  ];
  const sums = files.get(SUMS_FILE) ?? new Uint8Array();
  if (wrong.length === 0) wrong.push(...checkSums(latin1.decode(sums), files));
  if (wrong.length > 0) {
    throw new JoulemarkError('VERIFY_FAILED', ['the export is not as it was written', ...wrong].join('\n'), {
      hints: ['ask for another copy; nothing in this one can be relied on'],
      details: { files: wrong.map((line) => line.split("'")[1] ?? '') },
    });
  }
  const sumsHash = sha256Hex(sums);
  if (told !== null) verifySums(sumsHash, told);
  const facts = parseVerifyText(latin1.decode(files.get(TEXT_FILE)), files.has(PAGE_FILE));
  return { facts, bundle: files.get(BUNDLE_FILE) ?? new Uint8Array(), sumsHash, files: files.size };
}

/**
 * Compares the SHA-256 of SHA256SUMS with one that came by another way.
 * @throws JoulemarkError VERIFY_FAILED.
 */
export function verifySums(found: string, told: string): void {
  if (told === found) return;
  throw new JoulemarkError('VERIFY_FAILED', `the SHA-256 of '${SUMS_FILE}' is '${found}', expected '${told}'`, {
    hints: ['this is not the export that you were told of: nothing in it can be relied on'],
    details: { files: [SUMS_FILE], found, known: told },
  });
}

// not UTF-8: bytes that are none would become one and the same character
const latin1 = new TextDecoder('latin1');

/**
 * The chains of an export, and those of the earlier ones that it builds on, oldest first.
 * @throws JoulemarkError VERIFY_FAILED; PENDING where it builds on what is not given.
 */
export function openExport(
  folder: Pick<ExportFolder, 'bundle'>,
  earlier: readonly Pick<ExportFolder, 'bundle'>[],
  tools: PackTools,
): BundleSource {
  let below: BundleSource | null = null;
  for (const { bundle } of [...earlier, folder]) below = openBundle(bundle, tools, below);
  if (below === null) throw new JoulemarkError('INTERNAL', 'an export has a bundle');
  return below;
}

/**
 * Where the ledger is broken, or shows two histories, the verdict says so, and VERIFY.txt speaks of more than could be verified.
 * @throws JoulemarkError VERIFY_FAILED where VERIFY.txt says otherwise than what was verified.
 */
export function verifyFacts({ facts }: Pick<ExportFolder, 'facts'>, verification: Verification): void {
  if (verification.broken.length > 0 || verification.stopped !== null || verification.twoHistoriesAt !== null) return;
  const found = countedFacts(verification);
  const { scope, writtenBy: _writtenBy, ...said } = facts;
  const wrong: string[] = (Object.keys(found) as (keyof typeof found)[]).filter(
    (key) => JSON.stringify(said[key]) !== JSON.stringify(found[key]),
  );
  if (!isScopeOf(scope, verification)) wrong.push('scope');
  if (wrong.length === 0) return;
  throw new JoulemarkError(
    'VERIFY_FAILED',
    `'${TEXT_FILE}' does not speak of this ledger: ${wrong.join(', ')} differ`,
    {
      details: { files: [TEXT_FILE] },
    },
  );
}
