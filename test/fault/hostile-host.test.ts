/** A git host that lies in the protocol itself. Whatever it does, nothing of it becomes visible and nothing is left in quarantine. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { JoulemarkError } from '../../src/errors.ts';
import { PACK_LIMITS } from '../../src/ledger/git/pack-reader.ts';
import { PROGRAMME_REF } from '../../src/ledger/git/ref-name.ts';
import { fetchVerified } from '../../src/ledger/remote/fetch-verified.ts';
import { openTransport } from '../../src/ledger/remote/remote.ts';
import type { TransferLimits } from '../../src/ledger/remote/transfer-limits.ts';
import { copyObjects } from '../../src/ledger/store/copy-objects.ts';
import { sha1 } from '../../src/ledger/store/git-primitives.ts';
import { initGitStore } from '../../src/ledger/store/git-store.ts';
import { importPack } from '../../src/ledger/store/pack-import.ts';
import { packBytes } from '../../src/ledger/store/pack-writer.ts';
import { grow, organisationRef } from '../support/chain.ts';
import { changedFiles, readFolder } from '../support/folder-state.ts';
import { withScratch } from '../support/git.ts';
import { branchOf, gitObject } from '../support/made-branch.ts';
import {
  advertisement,
  ADVERTISEMENT_TYPE,
  FLUSH,
  type HostileGitHost,
  type HostileGitServer,
  packetLine,
  RESULT_TYPE,
  sideBand,
  startHostileGitServer,
} from '../support/hostile-git-server.ts';

let server: HostileGitServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

const HONEST = branchOf(Buffer.from('a chain'));
const HEAD = HONEST[0]!.oid;
const REFS = [[PROGRAMME_REF, HEAD]] as const;
const PACK = packBytes(HONEST);

interface Attempt {
  /** Why it was refused; null when it was not. */
  readonly error: JoulemarkError | null;
  /** The branches that came for judgement, and whether their commit did. */
  readonly judged: ReadonlyMap<string, boolean>;
}

/** Fetches from such a host into a home with a chain of its own, and expects that nothing there has changed. Nothing is accepted. */
function attack(host: HostileGitHost, limits: Partial<TransferLimits> = {}): Promise<Attempt> {
  return withScratch(async (scratch) => {
    server = await startHostileGitServer(host);
    const home = join(scratch, 'home');
    mkdirSync(join(home, 'quarantine'), { recursive: true });
    const main = initGitStore(join(home, 'ledger.git'));
    grow(main, organisationRef(9), 0, 3);
    const before = readFolder(home);
    let judged: ReadonlyMap<string, boolean> = new Map();
    let error: JoulemarkError | null = null;
    try {
      await fetchVerified({
        transport: openTransport(server.url, { limits }),
        main,
        home,
        lockPath: join(home, 'lock'),
        verify: (quarantine, refs) => {
          judged = new Map([...refs].map(([ref, oid]) => [ref, quarantine.has(oid)]));
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
    return { error, judged };
  });
}

const reply =
  (type: string, ...parts: readonly Uint8Array[]) =>
  (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': type }).end(Buffer.concat(parts));
  };

test('an honest answer comes for judgement: the attacks below differ from it in one thing', async () => {
  expect(await attack({ refs: REFS, pack: PACK })).toEqual({ error: null, judged: new Map([[PROGRAMME_REF, true]]) });
});

describe('a list of branches', () => {
  test('with odd names: only those of a ledger are looked at', async () => {
    const odd = [
      '../../../etc/passwd',
      'refs/heads/../../config',
      'refs/heads/org/../programme',
      `refs/heads/org/${'0'.repeat(63)}G`,
      `refs/heads/org/${'a'.repeat(64)}/x`,
      `refs/heads/org/${'a'.repeat(64)}.lock`,
      'refs/heads/org/\u001b[31m',
      'refs/heads/programme\u0000x',
      'refs/heads/-x',
      '__proto__',
    ].map((name) => [name, HEAD] as const);
    const { judged } = await attack({ refs: [...REFS, ...odd], pack: PACK });
    expect([...judged.keys()]).toEqual([PROGRAMME_REF]);
  });

  test('with ids that are none: they are not asked for', async () => {
    const refs = ['x', '', HEAD.toUpperCase(), `${HEAD}00`, '../../x'].map(
      (oid, index) => [organisationRef(index), oid] as const,
    );
    const { error, judged } = await attack({ refs: [...REFS, ...refs], pack: PACK });
    expect(error?.code ?? [...judged.keys()]).toEqual(error === null ? [PROGRAMME_REF] : 'FAILED');
  });

  test('of five thousand branches that it does not have: each is missed, none is visible', async () => {
    const refs = Array.from(
      { length: 5000 },
      (_, index) => [organisationRef(index), sha1(Buffer.from([index >> 8, index & 255]))] as const,
    );
    const { error, judged } = await attack({ refs: [...REFS, ...refs], pack: PACK });
    expect(error).toBeNull();
    expect([...judged.values()].filter(Boolean)).toHaveLength(1);
  });

  test.each([
    ['that is a page', (response: ServerResponse) => void response.end('<html>welcome</html>')],
    ['that is empty', (response: ServerResponse) => void response.end()],
    ['with a line of impossible length', reply(ADVERTISEMENT_TYPE, Buffer.from('zzzz'), FLUSH)],
    ['with a line longer than what follows', reply(ADVERTISEMENT_TYPE, Buffer.from('fff0# service'))],
  ])('%s', async (_, advertise) => {
    const { error, judged } = await attack({ refs: [], advertise });
    expect({ code: error?.code, judged: judged.size }).toEqual({ code: 'FAILED', judged: 0 });
  });

  test('that ends in a line names no branch', async () => {
    const cut = reply(ADVERTISEMENT_TYPE, advertisement(REFS).subarray(0, -20));
    expect((await attack({ refs: [], advertise: cut })).judged.size).toBe(0);
  });

  test('without end', async () => {
    const line = packetLine(`${HEAD} refs/heads/endless\n`);
    const { error } = await attack(
      {
        refs: [],
        advertise: (response) =>
          pour(
            response,
            ADVERTISEMENT_TYPE,
            Buffer.concat(Array.from({ length: 1000 }, () => line)),
            advertisement(REFS).subarray(0, -4),
          ),
      },
      { maxBytes: 1_000_000 },
    );
    expect(error?.message).toContain('sends more than 1000000 bytes');
  });
});

/** Sends the same bytes for ever. */
function pour(response: ServerResponse, type: string, bytes: Uint8Array, before: Uint8Array = Buffer.alloc(0)): void {
  response.writeHead(200, { 'content-type': type });
  response.write(before);
  const more = (): void => {
    while (!response.destroyed && response.write(bytes));
  };
  response.on('drain', more);
  more();
}

describe('a pack', () => {
  const refused = async (pack: Uint8Array, limits: Partial<TransferLimits> = {}): Promise<JoulemarkError> => {
    const { error, judged } = await attack({ refs: REFS, pack }, limits);
    expect(judged.size).toBe(0);
    return error!;
  };

  test.each([
    ['cut in the middle', PACK.subarray(0, PACK.length / 2)],
    ['with its checksum turned', PACK.map((byte, index) => (index === PACK.length - 1 ? byte ^ 1 : byte))],
    ['with bytes after its end', Buffer.concat([PACK, Buffer.alloc(64)])],
    ['that is none', Buffer.from('PACK'.repeat(100))],
    ['that states four billion objects', withCount(PACK, 0xffff_ffff)],
    ['that states one object more than it has', withCount(PACK, 5)],
  ])('%s is refused', async (_, pack) => {
    expect(['VERIFY_FAILED', 'FAILED']).toContain((await refused(pack)).code);
  });

  test('with the objects in another order is the same; with another object in the place of one, the branch is missed', async () => {
    expect((await attack({ refs: REFS, pack: packBytes(HONEST.toReversed()) })).judged.get(PROGRAMME_REF)).toBe(true);
    await server?.close();
    const other = packBytes(branchOf(Buffer.from('another chain')));
    expect((await attack({ refs: REFS, pack: other })).judged.get(PROGRAMME_REF)).toBe(false);
  });

  test('that is a bomb, one object or all together, is refused at the limit', async () => {
    const bomb = packBytes(branchOf(new Uint8Array(50_000_000)));
    expect(bomb.length).toBeLessThan(500_000);
    const one = await refused(bomb, { pack: { ...PACK_LIMITS, maxObjectBytes: 10_000_000 } });
    expect(one.message).toContain('at most 10000000 allowed');
    await server?.close();
    const many = packBytes(
      Array.from({ length: 40 }, (_, index) => gitObject('blob', new Uint8Array(1_000_000 + index))),
    );
    const all = await refused(many, { pack: { ...PACK_LIMITS, maxTotalBytes: 10_000_000 } });
    expect(all.message).toContain('take more than 10000000 bytes');
    await server?.close();
    const large = await refused(PACK, { pack: { ...PACK_LIMITS, maxPackBytes: PACK.length - 1 } });
    expect(large.message).toContain(`at most ${PACK.length - 1} allowed`);
  });

  test('without end is cut off', async () => {
    const { error } = await attack(
      {
        refs: REFS,
        answer: (response) =>
          pour(response, RESULT_TYPE, Buffer.concat([packetLine('NAK\n'), sideBand(PACK).subarray(8, -4)])),
      },
      { maxBytes: 2_000_000 },
    );
    expect(error?.message).toContain('sends more than 2000000 bytes');
  });

  test('that trickles is cut off, though it is never silent', async () => {
    const trickle = (response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': RESULT_TYPE });
      const timer = setInterval(() => response.write('0'), 20);
      response.on('close', () => clearInterval(timer));
    };
    const { error } = await attack({ refs: REFS, answer: trickle }, { graceMs: 300, bytesPerSecond: 1000 });
    expect(error?.message).toContain('fewer than 1000 bytes a second');
  });

  test('that never begins is given up', async () => {
    const silent = (response: ServerResponse): void =>
      response.writeHead(200, { 'content-type': RESULT_TYPE }).flushHeaders();
    const { error } = await attack({ refs: REFS, answer: silent }, { idleMs: 300 });
    expect(error?.code).toBe('FAILED');
  });
});

test('copying from a folder stops at the same limits, and a pack at that of its own size', () =>
  withScratch((scratch) => {
    const from = initGitStore(join(scratch, 'from.git'));
    const to = initGitStore(join(scratch, 'to.git'));
    for (const one of branchOf(new Uint8Array(1_000_000))) from.writeObjects([one]);
    const head = branchOf(new Uint8Array(1_000_000))[0]!.oid;
    const few = { ...PACK_LIMITS, maxObjects: 3 };
    const small = { ...PACK_LIMITS, maxTotalBytes: 999_999 };
    expect(() => copyObjects(from, to, [head], { limits: few })).toThrow('more than 3 git objects');
    expect(() => copyObjects(from, to, [head], { limits: small })).toThrow('more than 999999 bytes');
    expect(() => importPack(to, PACK, { ...PACK_LIMITS, maxPackBytes: 100 })).toThrow('at most 100 allowed');
    expect(copyObjects(from, to, [head])).toBe(4);
    from.close();
    to.close();
  }));

function withCount(pack: Uint8Array, count: number): Uint8Array {
  const bytes = Buffer.from(pack.subarray(0, -20));
  bytes.writeUInt32BE(count, 8);
  return Buffer.concat([bytes, Buffer.from(sha1(bytes), 'hex')]);
}
