/**
 * Git's object formats: pure helpers over bytes. SHA-1 names objects here because git does; it is transport, never evidence
 * (ledger spec section 2).
 */
import { JoulemarkError } from '../../errors.ts';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

/** An object: its type and its content without git's header. */
export type GitObject = { readonly type: ObjectType; readonly content: Uint8Array };

/** SHA-1 of the parts in a row, as 40 lower-case hex digits. */
export type Sha1 = (...parts: readonly Uint8Array[]) => string;

export type TreeEntry = { readonly mode: string; readonly name: string; readonly oid: string };

export type Commit = { readonly tree: string; readonly parents: readonly string[] };

export const OID_PATTERN: RegExp = /^[0-9a-f]{40}$/;
export const MODE_FILE = '100644';
export const MODE_DIRECTORY = '40000';

const encoder = new TextEncoder();

/** True for 40 lower-case hex digits. */
export function isOid(text: string): boolean {
  return OID_PATTERN.test(text);
}

/** The header that git hashes, and loose files carry, before the content. */
export function objectHeader(type: ObjectType, size: number): Uint8Array {
  return encoder.encode(`${type} ${size}\0`);
}

/** The object's name. */
export function objectId(sha1: Sha1, object: GitObject): string {
  return sha1(objectHeader(object.type, object.content.length), object.content);
}

function hexToBytes(hex: string, into: Uint8Array, at: number): void {
  for (let index = 0; index < hex.length; index += 2)
    into[at + index / 2] = Number.parseInt(hex.slice(index, index + 2), 16);
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** 20 bytes at `at` as hex. */
export function oidAt(bytes: Uint8Array, at: number): string {
  let text = '';
  for (let index = at; index < at + 20; index++) text += HEX[bytes[index] as number] as string;
  return text;
}

/** The 20 bytes of an object name. */
export function oidToBytes(oid: string): Uint8Array {
  const bytes = new Uint8Array(20);
  hexToBytes(oid, bytes, 0);
  return bytes;
}

/** A tree's content. Entries must come in git's order; ours (one folder, or digits-only names) do when sorted by name. */
export function encodeTree(entries: readonly TreeEntry[]): Uint8Array {
  const heads = entries.map((entry) => encoder.encode(`${entry.mode} ${entry.name}\0`));
  const bytes = new Uint8Array(heads.reduce((size, head) => size + head.length + 20, 0));
  let at = 0;
  for (const [index, entry] of entries.entries()) {
    const head = heads[index] as Uint8Array;
    bytes.set(head, at);
    hexToBytes(entry.oid, bytes, at + head.length);
    at += head.length + 20;
  }
  return bytes;
}

function malformed(what: string, why: string): JoulemarkError {
  return new JoulemarkError('VERIFY_FAILED', `malformed git ${what}: ${why}`);
}

/** The entries of a tree's content. Throws VERIFY_FAILED on anything that is not one. */
export function decodeTree(content: Uint8Array): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  const latin1 = new TextDecoder('latin1');
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const zero = content.indexOf(0, at);
    if (space < 0 || zero < space || zero + 21 > content.length)
      throw malformed('tree', `an entry at byte ${at} is cut short`);
    const mode = latin1.decode(content.subarray(at, space));
    const name = latin1.decode(content.subarray(space + 1, zero));
    if (!/^[1-7][0-7]{4,5}$/.test(mode)) throw malformed('tree', `a mode at byte ${at} is not octal`);
    entries.push({ mode, name, oid: oidAt(content, zero + 1) });
    at = zero + 21;
  }
  return entries;
}

/** A commit's content. Author and committer are fixed: nobody reads them, and the same input gives the same bytes. */
export function encodeCommit(commit: Commit, time: number, message: string): Uint8Array {
  const who = `joulemark <joulemark@localhost> ${time} +0000`;
  const parents = commit.parents.map((parent) => `parent ${parent}\n`).join('');
  return encoder.encode(`tree ${commit.tree}\n${parents}author ${who}\ncommitter ${who}\n\n${message}\n`);
}

/** Tree and parents of a commit's content; nothing else in a commit is ever read. Throws VERIFY_FAILED. */
export function decodeCommit(content: Uint8Array): Commit {
  const text = new TextDecoder('latin1').decode(content.subarray(0, Math.min(content.length, 1 << 16)));
  const lines = text.split('\n');
  const tree = /^tree ([0-9a-f]{40})$/.exec(lines[0] ?? '')?.[1];
  if (tree === undefined) throw malformed('commit', 'no tree');
  const parents: string[] = [];
  for (const line of lines.slice(1)) {
    const parent = /^parent ([0-9a-f]{40})$/.exec(line)?.[1];
    if (parent === undefined) break;
    parents.push(parent);
  }
  return { tree, parents };
}
