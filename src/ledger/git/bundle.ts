/**
 * Git bundles, version 2 (gitformat-bundle): a ledger in one file, which stock git verifies and clones. The commits that the reader must have
 * already, none in a bundle that stands alone; the branches sorted by name, then HEAD, then a pack. Only that one form is read, and what is
 * parsed is serialised again and compared: no bit of the head can differ unseen, and none of the pack, which is hashed as a whole.
 */
import { equalBytes } from '../../crypto/hash.ts';
import { JoulemarkError } from '../../errors.ts';
import { isOid } from './git-object.ts';
import { isLedgerRef, PROGRAMME_REF } from './ref-name.ts';

const SIGNATURE = '# v2 git bundle\n';
const LINE_FEED = 0x0a;
/** A hundred thousand branches and as many commits that it builds on take less. */
const MOST_HEAD_BYTES = 2 ** 25;

/** The head of a bundle: one line a commit that it builds on, one a branch, HEAD, an empty line. */
export function encodeBundleHead(
  refs: ReadonlyMap<string, string>,
  prerequisites: ReadonlySet<string> = new Set(),
): Uint8Array {
  const names = [...refs.keys()].sort();
  const programme = refs.get(PROGRAMME_REF);
  const head = programme === undefined ? '' : `${programme} HEAD\n`;
  return new TextEncoder().encode(
    `${SIGNATURE}${[...prerequisites]
      .sort()
      .map((oid) => `-${oid} \n`)
      .join('')}${names.map((name) => `${refs.get(name)} ${name}\n`).join('')}${head}\n`,
  );
}

/** The branches that a bundle holds, the commits that it builds on, and its pack, which is not checked here. Throws VERIFY_FAILED. */
export function decodeBundle(bytes: Uint8Array): {
  readonly refs: ReadonlyMap<string, string>;
  readonly prerequisites: ReadonlySet<string>;
  readonly pack: Uint8Array;
} {
  const broken = (why: string): JoulemarkError => new JoulemarkError('VERIFY_FAILED', `broken bundle: ${why}`);
  const end = bytes
    .subarray(0, MOST_HEAD_BYTES)
    .findIndex((byte, at) => byte === LINE_FEED && bytes[at + 1] === LINE_FEED);
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, end + 1));
  if (end < 0 || !text.startsWith(SIGNATURE)) throw broken('no head of a version 2 git bundle');
  const refs = new Map<string, string>();
  const prerequisites = new Set<string>();
  for (const line of text.slice(SIGNATURE.length, -1).split('\n')) {
    if (line.startsWith('-')) {
      const needed = line.slice(1, 41);
      if (!isOid(needed)) throw broken('a line of its head names no commit');
      prerequisites.add(needed);
      continue;
    }
    const [oid, name] = [line.slice(0, 40), line.slice(41)];
    if (!isOid(oid)) throw broken('a line of its head is no branch');
    if (name === 'HEAD') continue;
    if (!isLedgerRef(name)) throw broken('it holds a ref that is no branch of a ledger');
    refs.set(name, oid);
  }
  if (!equalBytes(encodeBundleHead(refs, prerequisites), bytes.subarray(0, end + 2)))
    throw broken('its head is not in the one form that is written');
  return { refs, prerequisites, pack: bytes.subarray(end + 2) };
}
