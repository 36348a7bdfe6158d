import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { verifyConsistency, verifyInclusion } from '../../src/crypto/merkle.ts';
import { hasShared, sharedJson, sharedPath } from '../support/shared.ts';

interface Inclusion {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly root: string;
  readonly leafHash: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

interface Consistency {
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'));
const files = (folder: string): readonly string[] =>
  readdirSync(sharedPath(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => `${folder}/${name}`);

describe.skipIf(!hasShared)('RFC 6962 proofs of transparency-dev/merkle', () => {
  test('inclusion: 98 vectors', () => {
    const names = files('vectors/rfc6962-merkle/testdata/inclusion');
    expect(names.length).toBe(98);
    for (const name of names) {
      const row = sharedJson<Inclusion>(name);
      const proof = (row.proof ?? []).map(fromBase64);
      expect(
        verifyInclusion(row.leafIdx, row.treeSize, fromBase64(row.leafHash), proof, fromBase64(row.root)),
        name,
      ).toBe(!row.wantErr);
    }
  });

  test('consistency: 98 vectors', () => {
    const names = files('vectors/rfc6962-merkle/testdata/consistency');
    expect(names.length).toBe(98);
    for (const name of names) {
      const row = sharedJson<Consistency>(name);
      const proof = (row.proof ?? []).map(fromBase64);
      expect(verifyConsistency(row.size1, row.size2, fromBase64(row.root1), fromBase64(row.root2), proof), name).toBe(
        !row.wantErr,
      );
    }
  });
});
