import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { JoulemarkError } from '../../src/errors.ts';
import { fetchVerified } from '../../src/ledger/remote/fetch-verified.ts';
import { openTransport } from '../../src/ledger/remote/remote.ts';
import { encodeCommit, encodeTree, type GitObject, objectId } from '../../src/ledger/git/git-object.ts';
import { sha1 } from '../../src/ledger/store/git-primitives.ts';
import { type GitStore, initGitStore } from '../../src/ledger/store/git-store.ts';
import { PROGRAMME_REF } from '../../src/ledger/git/ref-name.ts';

const folder = mkdtempSync(join(tmpdir(), 'joulemark-hub-'));
afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
});

const refOf = (digit: string): string => `refs/heads/org/${digit.repeat(64)}`;
const record = new Uint8Array([0x82, 0x41, 1, 0x81, 0x41, 2]);

function put(hub: GitStore, type: GitObject['type'], content: Uint8Array): string {
  const oid = objectId(sha1, { type, content });
  hub.writeObjects([{ type, content, oid }]);
  return oid;
}

/** A commit over a tree that no ledger has: a link in its root. */
function strangeCommit(hub: GitStore): string {
  const link = put(hub, 'blob', Buffer.from('/etc/passwd'));
  return put(
    hub,
    'commit',
    encodeCommit(
      { tree: put(hub, 'tree', encodeTree([{ mode: '120000', name: 'blocks', oid: link }])), parents: [] },
      0,
      'x',
    ),
  );
}

/** Fetches from a hub with two honest branches and what `poison` does to it; the branches that came, and those that could not be read. */
async function fetchFrom(poison: (hub: GitStore) => void) {
  const hub = initGitStore(join(folder, 'hub.git'));
  for (const ref of [PROGRAMME_REF, refOf('a')])
    hub.appendRecords({ ref, expectedHead: null, nextSeq: 0, records: [record], time: 0 });
  const main = initGitStore(join(folder, 'main.git'));
  // a home that has something already fetches whole histories
  main.appendRecords({ ref: refOf('f'), expectedHead: null, nextSeq: 0, records: [record], time: 1 });
  poison(hub);
  hub.close();
  const refused: string[] = [];
  await fetchVerified({
    transport: openTransport(join(folder, 'hub.git'), {}),
    main,
    home: folder,
    lockPath: join(folder, 'lock'),
    verify: (quarantine, refs) =>
      new Map(
        [...refs].filter(([ref, oid]) => {
          try {
            return [...quarantine.readSegments(ref, oid)].length > 0;
          } catch (error) {
            if (!(error instanceof JoulemarkError) || error.code !== 'VERIFY_FAILED') throw error;
            refused.push(ref);
            return false;
          }
        }),
      ),
  });
  const refs = [...main.listRefs().keys()];
  main.close();
  return { refs, refused };
}

test("a branch whose tree is none of a ledger's is refused, the others come", async () => {
  const { refs, refused } = await fetchFrom((hub) => hub.compareAndSwapRef(refOf('b'), null, strangeCommit(hub)));
  expect({ refs, refused }).toEqual({ refs: [refOf('a'), refOf('f'), PROGRAMME_REF], refused: [refOf('b')] });
});

test('a branch with such a commit behind its head comes like the others: what is behind is never read', async () => {
  const { refs, refused } = await fetchFrom((hub) => {
    const head = hub.readCommit(hub.readRef(refOf('a')) ?? '');
    hub.compareAndSwapRef(
      refOf('b'),
      null,
      put(hub, 'commit', encodeCommit({ tree: head.tree, parents: [strangeCommit(hub)] }, 0, 'x')),
    );
  });
  expect({ refs, refused }).toEqual({ refs: [refOf('a'), refOf('b'), refOf('f'), PROGRAMME_REF], refused: [] });
});

test('a branch of which objects are missing is refused, the others come', async () => {
  const { refs, refused } = await fetchFrom((hub) => {
    const gone = '1'.repeat(40);
    hub.compareAndSwapRef(refOf('b'), null, put(hub, 'commit', encodeCommit({ tree: gone, parents: [] }, 0, 'x')));
    const head = hub.readCommit(hub.readRef(refOf('a')) ?? '');
    hub.compareAndSwapRef(
      refOf('c'),
      null,
      put(hub, 'commit', encodeCommit({ tree: head.tree, parents: [gone] }, 0, 'x')),
    );
  });
  expect({ refs, refused }).toEqual({
    refs: [refOf('a'), refOf('c'), refOf('f'), PROGRAMME_REF],
    refused: [refOf('b')],
  });
});
