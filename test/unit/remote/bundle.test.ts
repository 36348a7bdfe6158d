import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { JoulemarkError } from '../../../src/errors.ts';
import { decodeBundle } from '../../../src/ledger/git/bundle.ts';
import { encodeBundle } from '../../../src/ledger/remote/bundle.ts';
import { withQuarantine } from '../../../src/ledger/remote/quarantine.ts';
import { initGitStore } from '../../../src/ledger/store/git-store.ts';
import { importPack } from '../../../src/ledger/store/pack-import.ts';
import { chainBytes, expectedBytes, grow, organisationRef, PROGRAMME } from '../../support/chain.ts';
import { fsck, git, hasGit, withScratch } from '../../support/git.ts';

const TIME = 1_700_000_000;

test('a bundle gives back its chains, and is the same bytes each time', () =>
  withScratch(async (scratch) => {
    const store = initGitStore(join(scratch, 'a'));
    grow(store, PROGRAMME, 0, 20);
    grow(store, organisationRef(1), 0, 100, 30);
    const bundle = encodeBundle(store, store.listRefs(), TIME);
    expect(Buffer.compare(encodeBundle(store, store.listRefs(), TIME), bundle)).toBe(0);
    const { refs, pack } = decodeBundle(bundle);
    expect([...refs.keys()]).toEqual([...store.listRefs().keys()]);
    const empty = initGitStore(join(scratch, 'b'));
    await withQuarantine(scratch, empty, (quarantine) => {
      importPack(quarantine, pack);
      expect(chainBytes(quarantine, PROGRAMME, refs.get(PROGRAMME) as string).equals(expectedBytes(20))).toBe(true);
      expect(
        chainBytes(quarantine, organisationRef(1), refs.get(organisationRef(1)) as string).equals(expectedBytes(100)),
      ).toBe(true);
    });
  }));

test.skipIf(!hasGit)('stock git verifies, clones and checks it', () =>
  withScratch((scratch) => {
    const store = initGitStore(join(scratch, 'a'));
    grow(store, PROGRAMME, 0, 70);
    grow(store, organisationRef(1), 0, 9);
    writeFileSync(join(scratch, 'ledger.bundle'), encodeBundle(store, store.listRefs(), TIME));
    git(join(scratch, 'a'), 'bundle', 'verify', join(scratch, 'ledger.bundle'));
    git(scratch, 'clone', '-q', 'ledger.bundle', 'clone');
    expect(fsck(join(scratch, 'clone'))).toBe('');
    expect(
      execFileSync('sh', ['-c', 'cat blocks/*.cbs'], { cwd: join(scratch, 'clone') }).equals(expectedBytes(70)),
    ).toBe(true);
    expect(git(join(scratch, 'clone'), 'branch', '-r')).toContain(organisationRef(1).replace('refs/heads', 'origin'));
  }),
);

test('every flipped bit is found', () =>
  withScratch((scratch) => {
    const store = initGitStore(join(scratch, 'a'));
    grow(store, PROGRAMME, 0, 2);
    grow(store, organisationRef(1), 0, 1);
    const bundle = encodeBundle(store, store.listRefs(), TIME);
    const check = (bytes: Uint8Array): boolean => {
      const target = initGitStore(join(scratch, 'check'));
      try {
        const { refs, pack } = decodeBundle(bytes);
        importPack(target, pack);
        // A branch's name is the id of its first block: the ledger's own verification binds it, not the bundle.
        return [...refs].every(
          ([name, oid]) => store.readRef(name) !== null && target.listSegments(name, oid).length > 0,
        );
      } catch (error) {
        if (error instanceof JoulemarkError && error.code === 'VERIFY_FAILED') return false;
        throw error;
      }
    };
    for (let bit = 0; bit < bundle.length * 8; bit++) {
      const damaged = Buffer.from(bundle);
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(check(damaged), `bit ${bit}`).toBe(false);
    }
    expect(check(bundle)).toBe(true);
  }));
