/**
 * An organisation whose branch on a hub holds only leaf hashes of what it signed. Whoever may write there may put that: it is the organisation's
 * own affair. The others are served, and nobody's answer becomes pending for it.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withWriter } from '../../src/home/session.ts';
import { decodeRecord } from '../../src/ledger/block.ts';
import { encodeEntry } from '../../src/ledger/entry.ts';
import { encodeRecord, leafOf } from '../../src/ledger/record.ts';
import type { Id } from '../../src/ledger/codec/id.ts';
import { organisationRef } from '../../src/ledger/git/ref-name.ts';
import { openGitStore } from '../../src/ledger/store/git-store.ts';
import { rewrite, recordsOf } from '../support/rewritten-branch.ts';
import { createVictimTown, type VictimTown } from '../support/victim-town.ts';

let town: VictimTown;
let honest: readonly Uint8Array[];

beforeAll(async () => {
  town = await createVictimTown();
  const home = join(town.folder('grid'), '.joulemark');
  const note = (text: string): Uint8Array => encodeEntry('note', new Map([['text', text]]));
  const grid = { home, dryRun: false, wait: 0, now: () => town.now, passphrase: () => Promise.resolve('') };
  await withWriter(grid, (writer) => writer.append([note('kept'), note('withheld')]));
  await withWriter(grid, (writer) => writer.append([note('after')]));
  await town.ok('grid', 'sync');
  const store = openGitStore(town.hub);
  honest = recordsOf(store, organisationRef(town.gridId as Id)).map((record) => Uint8Array.from(record));
  store.close();
});
afterAll(() => town.remove());

/** Puts the grid's branch on the hub once more, with the hash only of one entry of its last block but one; null: whole. */
function publishWithout(index: number | null): void {
  const store = openGitStore(town.hub);
  rewrite(store, organisationRef(town.gridId as Id), () =>
    honest.map((record, seq) => {
      const { bytes, items } = decodeRecord(record);
      if (seq !== honest.length - 2) return record;
      return encodeRecord(
        bytes,
        items.map((item, at) => (at === index ? { leaf: leafOf(item) } : item)),
      );
    }),
  );
  store.close();
}

interface Synced {
  readonly remotes: readonly { readonly refused: readonly { readonly ref: string; readonly because: string }[] }[];
}

interface Broadcast {
  readonly heads: readonly { readonly org: string; readonly seq: number }[];
}

const listed = async (): Promise<number | undefined> => {
  town.now += 7200;
  const { heads } = await town.json<Broadcast>('body', 'broadcast');
  return heads.find(({ org }) => org === town.gridId)?.seq;
};

test('of entry 0: that branch is refused, the others come', async () => {
  publishWithout(0);
  const refused = [
    { ref: organisationRef(town.gridId as Id), because: expect.stringContaining('leaf hash') as string },
  ];
  // the body looks at what nobody has admitted yet; the others do once it is
  expect((await town.json<Synced>('body', 'sync')).remotes[0]?.refused).toMatchObject(refused);
  await town.ok('body', 'org', 'admit', town.gridId, '--role', 'applicant');
  await town.ok('body', 'sync');
  expect((await town.json<Synced>('works', 'sync')).remotes[0]?.refused).toMatchObject(refused);
  expect((await town.run('body', 'sync')).status).toBe(0);
});

test('of a later entry: no broadcast covers the block before its entries are there, and nobody is kept waiting for them', async () => {
  publishWithout(1);
  await town.ok('body', 'sync');
  expect(await listed()).toBeUndefined();
  await town.ok('body', 'sync');
  expect((await town.json<{ verdict: string }>('body', 'verify')).verdict).toBe('CHECKED');
  publishWithout(null);
  await town.ok('body', 'sync');
  expect(await listed()).toBe(honest.length - 1);
  expect((await town.json<{ verdict: string }>('body', 'verify')).verdict).toBe('CHECKED');
});
