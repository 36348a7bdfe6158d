import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { initGitStore, openGitStore } from '../../../src/ledger/store/git-store.ts';
import type { GitStore } from '../../../src/ledger/store/git-store.ts';
import { segmentName } from '../../../src/ledger/git/tiers.ts';
import { chainBytes, expectedBytes, grow, organisationRef, PROGRAMME, record } from '../../support/chain.ts';
import { commitOf, move } from '../../support/rewritten-branch.ts';
import { fsck, git, gitBytes, GIT_ENVIRONMENT, hasGit, withScratch } from '../../support/git.ts';

const names = (store: GitStore, ref: string): readonly string[] =>
  store.listSegments(ref).map((segment) => segmentName(segment.firstSeq));

/** A commit by stock git whose tree is what `mktree` makes of these lines; the branch is set to it. */
function commitTree(directory: string, ref: string, lines: string): string {
  const tree = gitBytes(directory, Buffer.from(lines), 'mktree').toString().trim();
  const commit = git(directory, 'commit-tree', tree, '-m', 'by a stranger').trim();
  git(directory, 'update-ref', ref, commit);
  return commit;
}

describe('a store on its own', () => {
  test('returns what was appended, split in tiers of 1, 8 and 64', () =>
    withScratch((scratch) => {
      const store = initGitStore(join(scratch, 'ledger.git'));
      for (const count of [1, 6, 1, 8, 48]) grow(store, PROGRAMME, chainBytes(store, PROGRAMME).length / 300, count);
      expect(names(store, PROGRAMME)).toEqual(['00000000.cbs']);
      grow(store, PROGRAMME, 64, 75);
      expect(names(store, PROGRAMME)).toEqual([
        '00000000.cbs',
        '00000064.cbs',
        '00000128.cbs',
        '00000136.cbs',
        '00000137.cbs',
        '00000138.cbs',
      ]);
      expect(chainBytes(store, PROGRAMME).equals(expectedBytes(139))).toBe(true);
    }));

  test('gives the same commit for the same records, one at a time or opened anew each time', () =>
    withScratch((scratch) => {
      const heads = ['a', 'b'].map((name) => {
        const directory = join(scratch, name);
        initGitStore(directory).close();
        for (let seq = 0; seq < 20; seq++) {
          const store = openGitStore(directory);
          grow(store, PROGRAMME, seq, 1);
          store.close();
        }
        return openGitStore(directory).readRef(PROGRAMME);
      });
      expect(heads[0]).toBe(heads[1]);
    }));

  test('appends in bulk what it appends one by one', () =>
    withScratch((scratch) => {
      const one = initGitStore(join(scratch, 'one'));
      const bulk = initGitStore(join(scratch, 'bulk'));
      grow(one, PROGRAMME, 0, 203);
      grow(bulk, PROGRAMME, 0, 5, 5);
      grow(bulk, PROGRAMME, 5, 198, 198);
      expect(bulk.listSegments(PROGRAMME)).toEqual(one.listSegments(PROGRAMME));
    }));

  test('lists ledger branches only, and knows one that does not exist', () =>
    withScratch((scratch) => {
      const store = initGitStore(join(scratch, 'ledger.git'));
      expect(store.readRef(PROGRAMME)).toBeNull();
      expect(store.listSegments(PROGRAMME)).toEqual([]);
      expect(store.listRefs().size).toBe(0);
      const head = grow(store, organisationRef(1), 0, 1);
      writeFileSync(join(scratch, 'ledger.git/refs/heads/stranger'), `${head}\n`);
      writeFileSync(join(scratch, 'ledger.git/refs/heads/org/readme'), `${head}\n`);
      expect([...store.listRefs()]).toEqual([[organisationRef(1), head]]);
    }));

  test("refuses an append from a head that is not the branch's", () =>
    withScratch((scratch) => {
      const store = initGitStore(join(scratch, 'ledger.git'));
      const first = grow(store, PROGRAMME, 0, 1);
      const second = grow(store, PROGRAMME, 1, 1);
      expect(() =>
        store.appendRecords({ ref: PROGRAMME, expectedHead: first, nextSeq: 1, records: [record(9)], time: 0 }),
      ).toThrow(/moved: expected/);
      expect(store.readRef(PROGRAMME)).toBe(second);
    }));

  test('refuses a position that the chain has, or that leaves a gap at its start', () =>
    withScratch((scratch) => {
      const store = initGitStore(join(scratch, 'ledger.git'));
      const head = grow(store, PROGRAMME, 0, 3);
      const append = (ref: string, expectedHead: string | null, nextSeq: number) => () =>
        store.appendRecords({ ref, expectedHead, nextSeq, records: [record(9)], time: 0 });
      for (const seq of [0, 1, 2])
        expect(append(PROGRAMME, head, seq)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
      expect(append(organisationRef(1), null, 1)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
      expect(append(PROGRAMME, head, 100_000_000)).toThrow(/at most 100000000 blocks/);
      expect(store.readRef(PROGRAMME)).toBe(head);
    }));

  test('goes on from a branch that somebody else split, with a file at its end that holds nothing', () =>
    withScratch((scratch) => {
      const store = initGitStore(join(scratch, 'ledger.git'));
      const files = new Map([
        ['00000000.cbs', Buffer.concat([record(0), record(1)])],
        ['00000002.cbs', Buffer.alloc(0)],
      ]);
      move(store, PROGRAMME, commitOf(store, files));
      grow(store, PROGRAMME, 2, 1);
      expect(names(store, PROGRAMME)).toEqual(['00000000.cbs', '00000002.cbs']);
      expect(chainBytes(store, PROGRAMME).equals(expectedBytes(3))).toBe(true);
    }));

  test('opens only what is a repository of the kind it reads', () =>
    withScratch((scratch) => {
      expect(() => openGitStore(scratch)).toThrow(expect.objectContaining({ code: 'NO_LEDGER' }));
      initGitStore(join(scratch, 'a')).close();
      writeFileSync(
        join(scratch, 'a/config'),
        '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n',
      );
      expect(() => openGitStore(join(scratch, 'a'))).toThrow(/SHA-1/);
    }));

  test('writes a truncated loose object anew', () =>
    withScratch((scratch) => {
      const twin = initGitStore(join(scratch, 'twin'));
      grow(twin, PROGRAMME, 0, 1);
      const oid = twin.listSegments(PROGRAMME)[0]?.oid ?? '';
      const path = join(scratch, 'twin/objects', oid.slice(0, 2), oid.slice(2));
      chmodSync(path, 0o644);
      truncateSync(path, 20);
      expect(() => chainBytes(twin, PROGRAMME)).toThrow(expect.objectContaining({ code: 'VERIFY_FAILED' }));
      grow(twin, organisationRef(1), 0, 1);
      expect(chainBytes(twin, PROGRAMME).equals(expectedBytes(1))).toBe(true);
    }));

  test('names ref and path when a tree is not exactly blocks/ with regular files', () =>
    withScratch((scratch) => {
      const directory = join(scratch, 'ledger.git');
      const store = initGitStore(directory);
      grow(store, PROGRAMME, 0, 2);
      const [blob] = store.listSegments(PROGRAMME).map((segment) => segment.oid);
      const blocks = (lines: string): string => gitBytes(directory, Buffer.from(lines), 'mktree').toString().trim();
      const file = (name: string, mode = '100644'): string => `${mode} blob ${blob}\t${name}\n`;
      const good = blocks(file('00000000.cbs'));
      const cases: readonly [string, string, string][] = [
        [`040000 tree ${good}\tblocks\n${file('README')}`, 'README', 'does not belong'],
        [`040000 tree ${good}\tblock\n`, 'block', 'does not belong'],
        [file('blocks'), 'blocks', 'is not a folder'],
        [`040000 tree ${blocks(file('00000000.cbs', '100755'))}\tblocks\n`, 'blocks/00000000.cbs', 'has mode 100755'],
        [`040000 tree ${blocks(file('00000000.cbs', '120000'))}\tblocks\n`, 'blocks/00000000.cbs', 'has mode 120000'],
        [`040000 tree ${blocks(file('00000001.cbs'))}\tblocks\n`, 'blocks/00000001.cbs', 'comes first'],
        [`040000 tree ${blocks(file('00000000.cbs') + file('notes'))}\tblocks\n`, 'blocks/notes', 'does not belong'],
        [
          `040000 tree ${blocks(file('00000000.cbs') + `040000 tree ${good}\t00000001.cbs\n`)}\tblocks\n`,
          'blocks/00000001.cbs',
          'has mode 40000',
        ],
        [`040000 tree ${blocks('')}\tblocks\n`, 'blocks', 'is empty'],
      ];
      for (const [lines, path, why] of cases) {
        commitTree(directory, PROGRAMME, lines);
        expect(() => store.listSegments(PROGRAMME)).toThrow(
          expect.objectContaining({
            code: 'VERIFY_FAILED',
            message: expect.stringContaining(why),
            details: expect.objectContaining({ ref: PROGRAMME, path }),
          }),
        );
      }
    }));
});

describe.skipIf(!hasGit)('stock git and the store', () => {
  const count = 150;

  test('git accepts what we write: fsck, clone, gc', () =>
    withScratch((scratch) => {
      const directory = join(scratch, 'ledger.git');
      const store = initGitStore(directory);
      grow(store, PROGRAMME, 0, count);
      grow(store, organisationRef(1), 0, 90, 90);
      expect(fsck(directory)).toBe('');
      git(scratch, 'clone', '-q', directory, 'clone');
      expect(
        execFileSync('sh', ['-c', 'cat blocks/*.cbs'], { cwd: join(scratch, 'clone') }).equals(expectedBytes(count)),
      ).toBe(true);
      git(directory, 'gc', '-q', '--aggressive');
      expect(fsck(directory)).toBe('');
    }));

  test('we read what git packed, with deltas, in several packs, with packed refs, under an open store', () =>
    withScratch((scratch) => {
      const directory = join(scratch, 'ledger.git');
      const store = initGitStore(directory);
      const other = organisationRef(2);
      grow(store, PROGRAMME, 0, count);
      grow(store, other, 0, 30);
      git(directory, 'gc', '-q', '--aggressive', '--prune=now');
      expect(readdirSync(join(directory, 'refs/heads'))).not.toContain('programme');
      expect(git(directory, 'count-objects', '-v')).toMatch(/count: 0/);
      const deltas = git(
        directory,
        'verify-pack',
        '-v',
        ...readdirSync(join(directory, 'objects/pack'))
          .filter((name) => name.endsWith('.idx'))
          .map((name) => `objects/pack/${name}`),
      );
      expect(deltas).toMatch(/chain length = \d/);
      expect(chainBytes(store, PROGRAMME).equals(expectedBytes(count))).toBe(true);
      grow(store, PROGRAMME, count, 40);
      git(directory, 'repack', '-q', '-d');
      grow(store, PROGRAMME, count + 40, 3);
      expect(readdirSync(join(directory, 'objects/pack')).filter((name) => name.endsWith('.pack')).length).toBe(2);
      expect(fsck(directory)).toBe('');
      for (const reader of [store, openGitStore(directory)]) {
        expect(chainBytes(reader, PROGRAMME).equals(expectedBytes(count + 43))).toBe(true);
        expect(chainBytes(reader, other).equals(expectedBytes(30))).toBe(true);
      }
      expect([...store.listRefs().keys()]).toEqual([PROGRAMME, other].sort());
    }));

  test('every object of a pack by git with long delta chains reads as git reads it', () =>
    withScratch((scratch) => {
      const directory = join(scratch, 'ledger.git');
      const store = initGitStore(directory);
      grow(store, PROGRAMME, 0, 120);
      git(directory, '-c', 'pack.depth=200', '-c', 'pack.window=50', 'repack', '-adfq', '--depth=200');
      const oids = git(directory, 'cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)')
        .trim()
        .split('\n');
      expect(oids.length).toBeGreaterThan(360);
      const byGit = gitBytes(
        directory,
        Buffer.from(oids.map((line) => `${line.slice(0, 40)}\n`).join('')),
        'cat-file',
        '--batch',
      );
      const byUs = oids.flatMap((line) => {
        const { type, content } = store.readStored(line.slice(0, 40));
        return [Buffer.from(`${line.slice(0, 40)} ${type} ${content.length}\n`), content, Buffer.from('\n')];
      });
      expect(Buffer.concat(byUs).equals(byGit)).toBe(true);
    }));

  test('a foreign index that lies is found out, one that is missing is not needed', () =>
    withScratch((scratch) => {
      const directory = join(scratch, 'ledger.git');
      const store = initGitStore(directory);
      grow(store, PROGRAMME, 0, 70, 70);
      grow(store, organisationRef(1), 0, 70);
      git(directory, 'gc', '-q', '--prune=now');
      const packs = join(directory, 'objects/pack');
      const [index = ''] = readdirSync(packs).filter((name) => name.endsWith('.idx'));
      const path = join(packs, index);
      const oids = git(directory, 'rev-list', '--objects', '--all')
        .trim()
        .split('\n')
        .map((line) => line.slice(0, 40));
      const bytes = readFileSync(path);
      chmodSync(path, 0o644);
      // Swap the offsets of the first two objects.
      const total = bytes.readUInt32BE(8 + 255 * 4);
      const offsets = 8 + 1024 + total * 24;
      const [a, b] = [bytes.readUInt32BE(offsets), bytes.readUInt32BE(offsets + 4)];
      bytes.writeUInt32BE(b, offsets);
      bytes.writeUInt32BE(a, offsets + 4);
      writeFileSync(path, bytes);
      const lied = openGitStore(directory);
      for (const oid of oids) lied.readStored(oid);
      rmSync(path);
      const without = openGitStore(directory);
      for (const oid of oids) without.readStored(oid);
      expect(chainBytes(without, PROGRAMME).equals(expectedBytes(70))).toBe(true);
    }));

  test('what stock git commits into the branch is read like ours', () =>
    withScratch((scratch) => {
      const directory = join(scratch, 'ledger.git');
      const store = initGitStore(directory);
      grow(store, PROGRAMME, 0, 10);
      git(scratch, 'clone', '-q', directory, 'clone');
      writeFileSync(join(scratch, 'clone/blocks/00000010.cbs'), Buffer.concat([record(10), record(11)]));
      git(join(scratch, 'clone'), 'add', '-A');
      git(join(scratch, 'clone'), 'commit', '-q', '-m', 'by hand');
      git(join(scratch, 'clone'), 'push', '-q', 'origin', 'HEAD:programme');
      expect(chainBytes(store, PROGRAMME).equals(expectedBytes(12))).toBe(true);
      grow(store, PROGRAMME, 12, 60);
      expect(chainBytes(store, PROGRAMME).equals(expectedBytes(72))).toBe(true);
      expect(fsck(directory)).toBe('');
    }));

  test('a FIFO in the place of a file does not hang the reader', () =>
    withScratch((scratch) => {
      const directory = join(scratch, 'ledger.git');
      const store = initGitStore(directory);
      const head = grow(store, PROGRAMME, 0, 1);
      const path = join(directory, 'objects', head.slice(0, 2), head.slice(2));
      rmSync(path);
      execFileSync('mkfifo', [path], { env: GIT_ENVIRONMENT });
      expect(() => store.listSegments(PROGRAMME)).toThrow(/not a regular file/);
    }));
});
