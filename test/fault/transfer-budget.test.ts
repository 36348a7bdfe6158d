/**
 * A transfer that breaks falls back to one branch after another. Whoever lists many branches may not send a limit's worth for each of them: what
 * all answers of a transfer may be worth together is bounded, and the home stays as it was.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { JoulemarkError } from '../../src/errors.ts';
import { PACK_LIMITS } from '../../src/ledger/git/pack-reader.ts';
import { PROGRAMME_REF } from '../../src/ledger/git/ref-name.ts';
import { fetchVerified } from '../../src/ledger/remote/fetch-verified.ts';
import { openTransport } from '../../src/ledger/remote/remote.ts';
import type { TransferLimits } from '../../src/ledger/remote/transfer-limits.ts';
import { initGitStore } from '../../src/ledger/store/git-store.ts';
import { packBytes } from '../../src/ledger/store/pack-writer.ts';
import { grow, organisationRef } from '../support/chain.ts';
import { changedFiles, readFolder } from '../support/folder-state.ts';
import { hasGit, withScratch } from '../support/git.ts';
import { type HostileGitServer, RESULT_TYPE, sideBand, startHostileGitServer } from '../support/hostile-git-server.ts';
import { branchOf, gitObject } from '../support/made-branch.ts';
import { hasSshd, type SshServer, startSshServer } from '../support/ssh-server.ts';

let server: HostileGitServer | null = null;
let ssh: SshServer | null = null;
afterEach(async () => {
  await server?.close();
  await ssh?.close();
  server = null;
  ssh = null;
});

/** So many organisations' branches a remote lists, besides the programme's. */
const BRANCHES = 60;

/** One branch of a made-up remote: its name, and what its files hold. */
type Branch = readonly [ref: string, ...files: readonly Uint8Array[]];

const programme: Branch = [PROGRAMME_REF, Buffer.from('a programme')];
const organisations = (files: (index: number) => readonly Uint8Array[]): readonly Branch[] =>
  Array.from({ length: BRANCHES }, (_, index) => [organisationRef(index), ...files(index)] as const);
/** Files of 1.1 megabytes that take little when they are packed, others for each branch. */
const bombOf = (index: number): readonly Uint8Array[] =>
  Array.from({ length: 22 }, (_, at) => new Uint8Array(50_000 + index * 22 + at));

interface Fetched {
  readonly error: JoulemarkError | null;
  /** The branches whose commits came for judgement. */
  readonly came: readonly string[];
}

/** Fetches from `url` into a home with a chain of its own, takes nothing over, and expects the home to be as it was. */
async function fetchFrom(
  scratch: string,
  url: string,
  limits: Partial<TransferLimits>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Fetched> {
  const home = join(scratch, 'home');
  mkdirSync(join(home, 'quarantine'), { recursive: true });
  const main = initGitStore(join(home, 'ledger.git'));
  grow(main, organisationRef(9999), 0, 3);
  const before = readFolder(home);
  let came: readonly string[] = [];
  let error: JoulemarkError | null = null;
  try {
    await fetchVerified({
      transport: openTransport(url, { limits, environment }),
      main,
      home,
      lockPath: join(home, 'lock'),
      verify: (quarantine, refs) => {
        came = [...refs].filter(([, oid]) => quarantine.has(oid)).map(([ref]) => ref);
        return new Map();
      },
    });
  } catch (caught) {
    if (!(caught instanceof JoulemarkError)) throw caught;
    error = caught;
  }
  main.close();
  expect(changedFiles(before, readFolder(home))).toEqual([]);
  expect([...readFolder(home).keys()].filter((path) => /^quarantine\/./.test(path))).toEqual([]);
  return { error, came };
}

/** The same from a host over http. `answer`: the pack it sends for the branch asked for; null for all of them together. */
function fetchHttp(
  branches: readonly Branch[],
  answer: (asked: Branch | null) => Uint8Array | Promise<Uint8Array>,
  limits: Partial<TransferLimits>,
): Promise<Fetched & { readonly asked: number; readonly listed: number }> {
  return withScratch(async (scratch) => {
    const heads = branches.map((branch) => {
      const [, ...files] = branch;
      return [branch, branchOf(...files)[0]!.oid] as const;
    });
    server = await startHostileGitServer({
      refs: heads.map(([[ref], oid]) => [ref, oid] as const),
      answer: (response, request) => {
        const wanted = heads.filter(([, oid]) => request.includes(`want ${oid}`));
        void Promise.resolve(answer(wanted.length === 1 ? wanted[0]![0] : null)).then((pack) =>
          response.writeHead(200, { 'content-type': RESULT_TYPE }).end(sideBand(pack)),
        );
      },
    });
    const fetched = await fetchFrom(scratch, server.url, limits);
    const count = (method: string): number =>
      server?.requests.filter((request) => request.startsWith(method)).length ?? 0;
    return { ...fetched, asked: count('POST'), listed: count('GET') };
  });
}

const pack = (limits: Partial<TransferLimits['pack']>): Partial<TransferLimits> => ({
  pack: { ...PACK_LIMITS, ...limits },
});
const honestPack = (branches: readonly Branch[]): Uint8Array =>
  packBytes(branches.flatMap(([, ...files]) => branchOf(...files)));
const noise = (size: number): Buffer => Buffer.from(Array.from({ length: size }, (_, at) => (at * at * 31 + at) & 255));

describe('a host that answers for each of its branches', () => {
  const many = [...organisations((index) => [Buffer.from(`chain ${index}`)]), programme];

  test('with a bomb is given up after the first few', async () => {
    const bomb = packBytes(branchOf(...bombOf(0)));
    const { error, came, asked } = await fetchHttp(many, () => bomb, pack({ maxTotalBytes: 1_000_000 }));
    expect(error?.code).toBe('FAILED');
    expect(error?.message).toContain('at most 2000000 unpacked bytes over all its answers');
    expect(came).toEqual([]);
    expect(asked).toBeLessThan(12);
  });

  test('with as many objects as an answer may hold is given up after the first few', async () => {
    const sizes = [1001, 1000, 500, 250, 125, 63, 31, 16, 8, 4, 2, 1];
    const crowd = (branch: Branch | null): Uint8Array =>
      packBytes(
        Array.from({ length: sizes.shift() ?? 1 }, (_, index) =>
          gitObject('blob', Buffer.from(`${branch?.[0]} ${index}`)),
        ),
      );
    const { error, asked } = await fetchHttp(many, crowd, pack({ maxObjects: 1000 }));
    expect(error?.message).toContain('at most 2000 git objects over all its answers');
    expect(asked).toBeLessThan(12);
  });

  test('with as many bytes as an answer may have is cut off', async () => {
    const broken = noise(90_000);
    const { error, asked } = await fetchHttp(many, () => broken, { maxBytes: 100_000 });
    expect(error?.message).toContain('sends more than 200000 bytes over all its answers');
    expect(asked).toBeLessThan(4);
  });

  test('as slowly as an answer may be is given up when all together were that slow', async () => {
    const slow = (): Promise<Uint8Array> =>
      new Promise((resolve) => {
        setTimeout(() => resolve(Buffer.from('PACK'.repeat(20))), 150);
      });
    const { error, asked } = await fetchHttp(many, slow, { graceMs: 500, bytesPerSecond: 1_000_000 });
    expect(error?.message).toContain('sends fewer than 1000000 bytes a second');
    expect(asked).toBeLessThan(12);
  });
});

test('of one branch that is a bomb the others notice nothing, though it costs twice', async () => {
  const bomb: Branch = [organisationRef(0), ...bombOf(0)];
  const honest = [...organisations((index) => [Buffer.from(`chain ${index}`)]).slice(1), programme];
  const all = [bomb, ...honest];
  const { error, came, asked, listed } = await fetchHttp(
    all,
    (branch) => honestPack(branch === null ? all : [branch]),
    pack({ maxTotalBytes: 1_000_000 }),
  );
  expect(error).toBeNull();
  expect(came.toSorted()).toEqual(honest.map(([ref]) => ref).toSorted());
  expect(asked).toBe(1 + all.length);
  // the list of branches: to see what is new, once for all that is fetched then, and to see whether what is missing is elsewhere by now
  expect(listed).toBe(3);
});

describe.each([
  ['from a folder', true, (path: string) => Promise.resolve({ url: path, environment: {} })],
  [
    'over ssh',
    hasGit && hasSshd,
    async (path: string, scratch: string) => {
      ssh = await startSshServer(join(scratch, 'ssh'));
      return { url: `${ssh.url}${path}`, environment: ssh.environment };
    },
  ],
] as const)('%s', (_, isHere, reach) => {
  const put = (path: string, branches: readonly Branch[]): void => {
    const store = initGitStore(path);
    for (const [ref, ...files] of branches) {
      const objects = branchOf(...files);
      store.writeObjects(objects.toReversed());
      store.compareAndSwapRef(ref, null, objects[0]!.oid);
    }
    store.close();
  };
  const limits = pack({ maxTotalBytes: 1_000_000 });

  test.skipIf(!isHere)('a bomb a branch is given up after the first few', () =>
    withScratch(async (scratch) => {
      const path = join(scratch, 'hub.git');
      put(path, [...organisations(bombOf), programme]);
      const { url, environment } = await reach(path, scratch);
      const { error } = await fetchFrom(scratch, url, limits, environment);
      expect(error?.code).toBe('FAILED');
      expect(error?.message).toContain('at most 2000000 unpacked bytes over all its answers');
    }),
  );

  test.skipIf(!isHere)('one bomb keeps nobody from the others', () =>
    withScratch(async (scratch) => {
      const path = join(scratch, 'hub.git');
      const honest = [...organisations((index) => [Buffer.from(`chain ${index}`)]).slice(1, 6), programme];
      put(path, [[organisationRef(0), ...bombOf(0)], ...honest]);
      const { url, environment } = await reach(path, scratch);
      const { error, came } = await fetchFrom(scratch, url, limits, environment);
      expect(error).toBeNull();
      expect(came.toSorted()).toEqual(honest.map(([ref]) => ref).toSorted());
    }),
  );
});
