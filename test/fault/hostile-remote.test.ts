/**
 * Remotes that mean no good: each attack is made on a copy of an honest hub, served from a folder and by a real git http-backend. Afterwards
 * everything in the home is as it was, byte for byte, and nothing is left in quarantine.
 */
import { chmodSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadChain } from '../../src/home/chain-reader.ts';
import { encodeCommit, encodeTree, MODE_DIRECTORY, MODE_FILE } from '../../src/ledger/git/git-object.ts';
import { organisationRef, PROGRAMME_REF } from '../../src/ledger/git/ref-name.ts';
import type { Id } from '../../src/ledger/codec/id.ts';
import { type GitStore, openGitStore } from '../../src/ledger/store/git-store.ts';
import { changedFiles, readFolder, restoreFolder } from '../support/folder-state.ts';
import { git, hasGit } from '../support/git.ts';
import { startGitHttpServer } from '../support/git-http-server.ts';
import { policyText } from '../support/policy-text.ts';
import { commitOf, move, putObject as put, recordsOf, rewrite } from '../support/rewritten-branch.ts';
import { createVictimTown, type VictimTown } from '../support/victim-town.ts';

let town: VictimTown;
let worksBefore: ReturnType<typeof readFolder>;
beforeAll(async () => {
  town = await createVictimTown();
  worksBefore = readFolder(town.folder('works'));
});
afterAll(() => town.remove());

/** The commit before the newest of a branch. */
const parentOf = (store: GitStore, ref: string): string => store.readCommit(store.readRef(ref)!).parents[0]!;
/** Brings the programme back to what the works have, so that nothing honest is new. */
const rewindProgramme = (store: GitStore): void => move(store, PROGRAMME_REF, parentOf(store, PROGRAMME_REF));
const gridRef = (): string => organisationRef(town.gridId as Id);

/** Every object in one pack with git's own index. */
function pack(path: string): string {
  git(path, 'gc', '-q');
  const folder = join(path, 'objects/pack');
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.pack'))!,
  );
}

/** The commits, trees and blobs of a hub, each a file of its own. */
const looseFiles = (path: string): readonly string[] =>
  readdirSync(join(path, 'objects'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /^[0-9a-f]{2}\/[0-9a-f]{38}$/.test(name))
    .map((name) => join(path, 'objects', name));

interface Attack {
  readonly name: string;
  readonly needsGit?: boolean;
  readonly commit: (store: GitStore, path: string) => void | Promise<void>;
  /** The exit status from a folder. A real host may notice by itself, which is status 1. */
  readonly status: number;
}

const ATTACKS: readonly Attack[] = [
  { name: 'rewinds the programme', commit: rewindProgramme, status: 0 },
  {
    name: 'rewinds an organisation, and with it what is covered',
    commit: (store) => {
      rewindProgramme(store);
      rewrite(store, gridRef(), (records) => records.slice(0, 1));
    },
    status: 0,
  },
  {
    name: 'leaves out a block of the programme',
    commit: (store) => rewrite(store, PROGRAMME_REF, ([first, , ...rest]) => [first!, ...rest]),
    status: 3,
  },
  {
    name: 'reorders blocks of an organisation',
    commit: (store) => {
      rewindProgramme(store);
      rewrite(store, gridRef(), ([first, second, third, ...rest]) => [first!, third!, second!, ...rest]);
    },
    status: 0,
  },
  {
    name: "serves one organisation's chain under another's name",
    commit: (store) => {
      rewindProgramme(store);
      move(store, gridRef(), store.readRef(organisationRef(town.worksId as Id))!);
    },
    status: 0,
  },
  {
    name: 'serves the programme under the name of an organisation, and an organisation as the programme',
    commit: (store) => {
      const grid = store.readRef(gridRef())!;
      move(store, gridRef(), store.readRef(PROGRAMME_REF)!);
      move(store, PROGRAMME_REF, grid);
    },
    status: 3,
  },
  {
    name: 'drops objects',
    commit: (_, path) => {
      for (const file of looseFiles(path)) rmSync(file);
    },
    status: 3,
  },
  {
    name: 'drops a blob of the programme',
    commit: (store, path) => {
      const [segment] = [...store.readSegments(PROGRAMME_REF)].toReversed();
      const oid = segment!.oid;
      rmSync(join(path, 'objects', oid.slice(0, 2), oid.slice(2)));
    },
    status: 3,
  },
  {
    name: 'truncates its pack',
    needsGit: true,
    commit: (_, path) => {
      const file = pack(path);
      truncateSync(file, Math.floor(readFileSync(file).length / 2));
    },
    status: 3,
  },
  {
    name: 'turns bits in its pack',
    needsGit: true,
    commit: (_, path) => {
      const file = pack(path);
      writeFileSync(
        file,
        readFileSync(file).map((byte, index) => (index > 12 && index % 40 === 0 ? byte ^ 1 : byte)),
      );
    },
    status: 3,
  },
  {
    name: 'serves an object of 200 MB in 200 KB',
    commit: (store) => {
      rewindProgramme(store);
      move(store, gridRef(), commitOf(store, new Map([['00000000.cbs', new Uint8Array(200_000_000)]])));
    },
    status: 0,
  },
  {
    name: 'serves a tree of ten thousand files that are none of a chain',
    commit: (store) => {
      rewindProgramme(store);
      const oid = put(store, 'blob', new Uint8Array(1));
      const entries = Array.from({ length: 10_000 }, (_, index) => ({
        mode: MODE_FILE,
        name: `${String(index).padStart(8, '0')}.cbs`,
        oid,
      }));
      const blocks = put(store, 'tree', encodeTree(entries));
      const root = put(store, 'tree', encodeTree([{ mode: MODE_DIRECTORY, name: 'blocks', oid: blocks }]));
      move(store, gridRef(), put(store, 'commit', encodeCommit({ tree: root, parents: [] }, 0, 'x')));
    },
    status: 0,
  },
  {
    name: 'has two thousand branches of organisations that are none',
    commit: (store, path) => {
      rewindProgramme(store);
      const lines = Array.from(
        { length: 2000 },
        (_, index) => `${store.readRef(PROGRAMME_REF)} ${organisationRef(index.toString(16).padStart(64, '0') as Id)}`,
      );
      writeFileSync(join(path, 'packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${lines.join('\n')}\n`);
    },
    status: 0,
  },
  {
    name: 'has branches with odd names',
    commit: (store, path) => {
      rewindProgramme(store);
      const head = store.readRef(PROGRAMME_REF);
      const names = [
        `refs/heads/org/${'A'.repeat(64)}`,
        `refs/heads/org/${'0'.repeat(63)}`,
        `refs/heads/org/${'0'.repeat(64)}.bak`,
        'refs/heads/org/x',
        'refs/heads/main',
        'refs/tags/programme',
        'refs/notes/x',
        'refs/heads/programme2',
      ];
      for (const name of names) {
        git(path, 'update-ref', name, head!);
      }
    },
    needsGit: true,
    status: 0,
  },
  {
    name: 'points a branch at something that is no commit',
    commit: (store) => {
      rewindProgramme(store);
      move(store, gridRef(), put(store, 'blob', Buffer.from('no commit')));
    },
    status: 0,
  },
  {
    name: 'serves another ledger',
    commit: async (store, path) => {
      const name = `rival-${path.split('/').at(-2)}`;
      await town.ok(name, 'init', 'Rival');
      town.write(name, 'policy.yaml', policyText({ edition: '2' }));
      await town.ok(name, 'programme', 'create', 'policy.yaml');
      const rival = openGitStore(join(town.folder(name), '.joulemark', 'ledger.git'));
      move(
        store,
        PROGRAMME_REF,
        commitOf(store, new Map([['00000000.cbs', Buffer.concat([...recordsOf(rival, PROGRAMME_REF)])]])),
      );
      rival.close();
    },
    status: 3,
  },
];

const kinds = ['folder', ...(hasGit ? ['http-backend'] : [])] as const;

describe.each(kinds)('a remote over a %s', (kind) => {
  test.each(ATTACKS.filter(({ needsGit }) => needsGit !== true || hasGit))('that $name', async (attack) => {
    restoreFolder(town.folder('works'), worksBefore);
    const path = town.evilHub();
    const store = openGitStore(path);
    await attack.commit(store, path);
    store.close();
    if (kind === 'folder') {
      const { status, stdout, stderr } = await town.expectUnharmed(path);
      expect(status, stdout + stderr).toBe(attack.status);
      return;
    }
    const server = await startGitHttpServer(dirname(path));
    try {
      const { status, stdout, stderr } = await town.expectUnharmed(`${server.url}/ledger.git`);
      expect([attack.status, 1, ...(attack.status === 0 ? [3] : [])], stdout + stderr).toContain(status);
    } finally {
      await server.close();
    }
  });
});

describe('a pack index in a folder', () => {
  test.skipIf(!hasGit)('that names other offsets is a hint and no more: all that is honest comes', async () => {
    restoreFolder(town.folder('works'), worksBefore);
    const path = town.evilHub();
    const index = pack(path).replace(/\.pack$/, '.idx');
    const bytes = readFileSync(index);
    const count = bytes.readUInt32BE(8 + 255 * 4);
    const offsets = 8 + 1024 + count * 24;
    // every object is said to be where the next one is
    const first = bytes.subarray(offsets, offsets + 4).toString('hex');
    bytes.copyWithin(offsets, offsets + 4, offsets + count * 4);
    bytes.write(first, offsets + (count - 1) * 4, 'hex');
    writeFileSync(index, bytes);
    await town.ok('works', 'remote', 'remove', 'origin');
    await town.ok('works', 'remote', 'add', 'origin', path);
    await town.ok('works', 'sync', '--fetch-only');
    await town.ok('works', 'verify', '--full');
    const honest = openGitStore(town.hub);
    const works = openGitStore(join(town.folder('works'), '.joulemark', 'ledger.git'));
    const name = { kind: 'programme' as const, ledger: town.ledger as Id };
    expect(loadChain(works, name, null)?.state).toEqual(loadChain(honest, name, null)?.state);
    honest.close();
    works.close();
  });
});

describe('the honest hub', () => {
  test('is served after every attack as if nothing had been', async () => {
    restoreFolder(town.folder('works'), worksBefore);
    await town.expectUnharmed(join(town.root, 'nowhere', 'ledger.git'));
    await town.ok('works', 'remote', 'remove', 'origin');
    await town.ok('works', 'remote', 'add', 'origin', town.hub);
    await town.ok('works', 'sync');
    const home = join(town.folder('works'), '.joulemark');
    const before = readFolder(home);
    await town.ok('works', 'verify', '--full');
    await town.ok('works', 'sync');
    expect(
      changedFiles(before, readFolder(home)).filter((line) => !/(checked\.json|checkpoint\.cache)$/.test(line)),
    ).toEqual([]);
  });
});
