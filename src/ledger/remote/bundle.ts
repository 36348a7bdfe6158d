/**
 * Git bundles, version 2 (gitformat-bundle): a ledger in one file, which stock git verifies and clones. The bundles written here stand
 * alone: one commit a branch, without history (nobody reads a commit's parents), the branches sorted by name, then HEAD. Only that one form
 * is read, and what is parsed is serialised again and compared: no bit of a bundle can differ unseen.
 */
import { JoulemarkError } from '../../errors.ts';
import { findMissing, readForPack } from '../store/copy-objects.ts';
import { encodeCommit, isOid, objectId } from '../store/git-object.ts';
import { sha1 } from '../store/git-primitives.ts';
import type { GitStore } from '../store/git-store.ts';
import { packBytes } from '../store/pack-writer.ts';
import type { PackInput } from '../store/pack-writer.ts';
import { isLedgerRef, PROGRAMME_REF } from '../store/refs.ts';

const SIGNATURE = '# v2 git bundle\n';

function encodeBundleHead(refs: ReadonlyMap<string, string>): Uint8Array {
  const names = [...refs.keys()].sort();
  const programme = refs.get(PROGRAMME_REF);
  const head = programme === undefined ? '' : `${programme} HEAD\n`;
  return new TextEncoder().encode(
    `${SIGNATURE}${names.map((name) => `${refs.get(name)} ${name}\n`).join('')}${head}\n`,
  );
}

/**
 * The bundle of some branches of a store (name -> commit). `time`: seconds since 1970, for its commits only: the same chains at the same
 * time give the same bytes. Throws VERIFY_FAILED when an object is missing or broken.
 */
export function encodeBundle(store: GitStore, refs: ReadonlyMap<string, string>, time: number): Uint8Array {
  const heads = new Map<string, string>();
  const commits: PackInput[] = [];
  for (const [name, oid] of [...refs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const content = encodeCommit({ tree: store.readCommit(oid).tree, parents: [] }, time, name);
    const commit = { type: 'commit' as const, content, oid: objectId(sha1, { type: 'commit', content }) };
    heads.set(name, commit.oid);
    commits.push(commit);
  }
  const old = new Set(refs.values());
  const { oids } = findMissing(store, old, () => false, { headsOnly: true });
  const rest = oids.filter((oid) => !old.has(oid));
  return Buffer.concat([encodeBundleHead(heads), packBytes([...commits, ...readForPack(store, rest)])]);
}

/** The branches that a bundle holds, and its pack, which is not checked here (importPack does). Throws VERIFY_FAILED. */
export function decodeBundle(bytes: Uint8Array): {
  readonly refs: ReadonlyMap<string, string>;
  readonly pack: Uint8Array;
} {
  const broken = (why: string): JoulemarkError => new JoulemarkError('VERIFY_FAILED', `broken bundle: ${why}`);
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('\n\n');
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, end + 1));
  if (end < 0 || !text.startsWith(SIGNATURE)) throw broken('no head of a version 2 git bundle');
  const refs = new Map<string, string>();
  for (const line of text.slice(SIGNATURE.length, -1).split('\n')) {
    const [oid, name] = [line.slice(0, 40), line.slice(41)];
    if (!isOid(oid)) throw broken('a line of its head is no branch');
    if (name === 'HEAD') continue;
    if (!isLedgerRef(name)) throw broken('it holds a ref that is no branch of a ledger');
    refs.set(name, oid);
  }
  if (Buffer.compare(encodeBundleHead(refs), bytes.subarray(0, end + 2)) !== 0)
    throw broken('its head is not in the one form that is written');
  return { refs, pack: bytes.subarray(end + 2) };
}
