/**
 * A repository of SSH-signed commits, made without git and ssh-keygen: commits are written into a pack with signatures from
 * `node:crypto`, in the format of OpenSSH's PROTOCOL.sshsig.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { objectId } from '../../src/ledger/git/git-object.ts';
import { sha1 } from '../../src/ledger/store/git-primitives.ts';
import { initGitStore } from '../../src/ledger/store/git-store.ts';
import { writePack, type PackInput } from '../../src/ledger/store/pack-writer.ts';

const SIGNER = 'meter@example.org';

/** A length and the bytes, as SSH writes a string. */
function sshString(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content as string);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(bytes.length);
  return Buffer.concat([head, bytes]);
}

function armoured(publicKey: Buffer, secretKey: KeyObject, message: Buffer): string {
  const fields = [sshString('git'), sshString(''), sshString('sha512')];
  const signed = Buffer.concat([
    Buffer.from('SSHSIG'),
    ...fields,
    sshString(createHash('sha512').update(message).digest()),
  ]);
  const signature = Buffer.concat([sshString('ssh-ed25519'), sshString(sign(null, signed, secretKey))]);
  const version = Buffer.from([0, 0, 0, 1]);
  const blob = Buffer.concat([Buffer.from('SSHSIG'), version, sshString(publicKey), ...fields, sshString(signature)]);
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----'].join('\n');
}

/** Makes `count` signed commits of an empty tree in a row and returns the arguments with which git checks them all. */
export function makeSignedCommits(folder: string, count: number): readonly string[] {
  const directory = join(folder, 'signed.git');
  const store = initGitStore(directory);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const blob = Buffer.concat([sshString('ssh-ed25519'), sshString(raw)]);
  const tree = { type: 'tree' as const, content: new Uint8Array(0) };
  const objects: PackInput[] = [{ ...tree, oid: objectId(sha1, tree) }];
  let parent: string | null = null;
  for (let index = 0; index < count; index += 1) {
    const who = `Meter <${SIGNER}> ${1_700_000_000 + index} +0000`;
    const head = [
      `tree ${objects[0]?.oid}`,
      ...(parent === null ? [] : [`parent ${parent}`]),
      `author ${who}`,
      `committer ${who}`,
    ].join('\n');
    const message = `package ${index}\n`;
    const signature = armoured(blob, privateKey, Buffer.from(`${head}\n\n${message}`));
    const commit = {
      type: 'commit' as const,
      content: Buffer.from(`${head}\ngpgsig ${signature.replaceAll('\n', '\n ')}\n\n${message}`),
    };
    parent = objectId(sha1, commit);
    objects.push({ ...commit, oid: parent });
  }
  writePack(join(directory, 'objects'), objects.length, objects);
  store.refreshPacks();
  store.compareAndSwapRef('refs/heads/programme', null, parent ?? '');
  store.close();
  const signers = join(folder, 'allowed_signers');
  writeFileSync(signers, `${SIGNER} namespaces="git" ssh-ed25519 ${blob.toString('base64')}\n`);
  return [
    '--git-dir',
    directory,
    '-c',
    'gpg.format=ssh',
    '-c',
    `gpg.ssh.allowedSignersFile=${signers}`,
    'log',
    '--format=%G?',
    'programme',
  ];
}
