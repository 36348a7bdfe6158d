import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { JoulemarkError } from '../../../src/errors.ts';
import { initGitStore } from '../../../src/ledger/store/git-store.ts';
import { objectId, oidToBytes } from '../../../src/ledger/git/git-object.ts';
import { nodePackTools, sha1 } from '../../../src/ledger/store/git-primitives.ts';
import { importPack } from '../../../src/ledger/store/pack-import.ts';
import { decodePackIndex, encodePackIndex } from '../../../src/ledger/git/pack-index.ts';
import { applyDelta, PACK_LIMITS, scanPack } from '../../../src/ledger/git/pack-reader.ts';
import { packBytes } from '../../../src/ledger/store/pack-writer.ts';
import { grow, PROGRAMME, record } from '../../support/chain.ts';
import { git, gitBytes, hasGit, withScratch } from '../../support/git.ts';

const blob = (content: Uint8Array) => ({
  type: 'blob' as const,
  content,
  oid: objectId(sha1, { type: 'blob', content }),
});

/** A pack around raw entries, with a right checksum. */
function packOf(...entries: readonly Uint8Array[]): Buffer {
  const head = Buffer.from('5041434b0000000200000000', 'hex');
  head.writeUInt32BE(entries.length, 8);
  const body = Buffer.concat([head, ...entries]);
  return Buffer.concat([body, oidToBytes(sha1(body))]);
}

function entryHead(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size % 16)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) as number) | 0x80;
    bytes.push(rest % 128);
  }
  return Buffer.from(bytes);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 0x80, ...varint(Math.floor(value / 128))];
}

const rawBlob = (content: Uint8Array): Buffer => Buffer.concat([entryHead(3, content.length), deflateSync(content)]);
const nameDelta = (base: string, delta: Uint8Array): Buffer =>
  Buffer.concat([entryHead(7, delta.length), oidToBytes(base), deflateSync(delta)]);

/** A delta that copies a whole base of `size` bytes (< 64 KiB) and appends one byte. */
const appending = (size: number, byte: number): Buffer =>
  Buffer.from([...varint(size), ...varint(size + 1), 0xb0, size & 0xff, size >> 8, 1, byte]);

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof JoulemarkError && error.code === 'VERIFY_FAILED') return error.message;
    throw error;
  }
  return 'accepted';
}

/** Gives the pack a right checksum, so that damage is found by what lies under it. */
function rechecksum(pack: Buffer): Buffer {
  const body = pack.subarray(0, -20);
  return Buffer.concat([body, oidToBytes(sha1(body))]);
}

describe('own packs', () => {
  const objects = [0, 1, 15, 16, 17, 2047, 2048, 300_000].map((size, index) =>
    blob(record(index, Math.max(size, 1)).subarray(0, size)),
  );

  test('what is packed is found again, by scan and by index', () => {
    const pack = packBytes(objects);
    const found = scanPack(pack, nodePackTools);
    expect(found.map((object) => object.oid)).toEqual(objects.map((object) => object.oid));
    const index = decodePackIndex(encodePackIndex(found, pack.subarray(-20), sha1), pack.length);
    for (const object of found) expect(index.find(object.oid)).toBe(object.offset);
    expect(index.find('0'.repeat(40))).toBeNull();
    expect(index.find('f'.repeat(40))).toBeNull();
  });

  test.skipIf(!hasGit)('pack and index are byte for byte what git index-pack makes of the pack', () =>
    withScratch((scratch) => {
      initGitStore(scratch).close();
      const pack = packBytes(objects);
      writeFileSync(join(scratch, 'p.pack'), pack);
      git(scratch, 'index-pack', '--strict', '-o', 'p.idx', 'p.pack');
      expect(
        readFileSync(join(scratch, 'p.idx')).equals(
          encodePackIndex(scanPack(pack, nodePackTools), pack.subarray(-20), sha1),
        ),
      ).toBe(true);
    }),
  );

  test("offsets beyond 2 GiB go to the index's 64-bit table", () => {
    const oids = [1, 2, 3].map((number) => sha1(Uint8Array.of(number)));
    const offsets = [12, 0x8000_0000, 2 ** 40 + 5];
    const bytes = encodePackIndex(
      oids.map((oid, index) => ({ oid, offset: offsets[index] as number, crc: 0 })),
      new Uint8Array(20),
      sha1,
    );
    const index = decodePackIndex(bytes, 2 ** 41);
    expect(oids.map((oid) => index.find(oid))).toEqual(offsets);
    expect(refusal(() => oids.map((oid) => decodePackIndex(bytes, 2 ** 30).find(oid)))).toMatch(/outside the pack/);
  });
});

describe.skipIf(!hasGit)('packs by git', () => {
  const packed = (scratch: string, ...options: readonly string[]): Buffer => {
    const directory = join(scratch, 'ledger.git');
    grow(initGitStore(directory), PROGRAMME, 0, 100);
    const revisions = Buffer.from(
      `${git(directory, 'rev-list', '--objects', '--all')
        .trim()
        .split('\n')
        .map((line) => line.slice(0, 40))
        .join('\n')}\n`,
    );
    return gitBytes(directory, revisions, 'pack-objects', '--stdout', '-q', '--window=50', '--depth=50', ...options);
  };

  for (const options of [['--delta-base-offset'], [], ['--no-reuse-delta', '--delta-base-offset']]) {
    test(`every object is found, as index-pack finds it (${options.join(' ') || 'bases by name'})`, () =>
      withScratch((scratch) => {
        const pack = packed(scratch, ...options);
        const found = scanPack(pack, nodePackTools);
        mkdirSync(join(scratch, 'other'));
        initGitStore(join(scratch, 'other')).close();
        gitBytes(join(scratch, 'other'), pack, 'index-pack', '--stdin', '--strict');
        const directory = join(scratch, 'other/objects/pack');
        const [index = ''] = readdirSync(directory).filter((name) => name.endsWith('.idx'));
        expect(readFileSync(join(directory, index)).equals(encodePackIndex(found, pack.subarray(-20), sha1))).toBe(
          true,
        );
      }));
  }

  test("any flipped byte is found: by the checksum, and without it by the objects' own names", () =>
    withScratch((scratch) => {
      const directory = join(scratch, 'ledger.git');
      grow(initGitStore(directory), PROGRAMME, 0, 5);
      const revisions = Buffer.from(
        `${git(directory, 'rev-list', '--objects', '--all')
          .trim()
          .split('\n')
          .map((line) => line.slice(0, 40))
          .join('\n')}\n`,
      );
      const pack = gitBytes(directory, revisions, 'pack-objects', '--stdout', '-q', '--delta-base-offset');
      const names = (bytes: Buffer): string =>
        scanPack(bytes, nodePackTools)
          .map((object) => object.oid)
          .sort()
          .join();
      const expected = names(pack);
      const harmless = new Set<number>();
      for (let at = 0; at < pack.length; at++) {
        for (const flip of [0x01, 0x80, 0xff]) {
          const damaged = Buffer.from(pack);
          damaged[at] = (damaged[at] as number) ^ flip;
          expect(refusal(() => scanPack(damaged, nodePackTools))).toMatch(/^broken git/);
          // With the checksum put right either the pack is refused or some object has another name, but for the few bits of
          // a deflate stream that mean nothing (before its checksum, and in unused code lengths): a byte or two an object.
          if (at >= pack.length - 20) continue;
          const outcome = refusal(() => {
            const found = names(rechecksum(damaged));
            if (found === expected) return;
            throw new JoulemarkError('VERIFY_FAILED', 'other names');
          });
          if (outcome === 'accepted') harmless.add(at);
        }
      }
      expect(harmless.size).toBeLessThanOrEqual(2 * expected.split(',').length);
    }));

  test('a truncated pack, and one with bytes too many, is refused', () =>
    withScratch((scratch) => {
      const pack = packed(scratch);
      for (const length of [0, 11, 12, 31, 32, 100, pack.length - 21, pack.length - 1]) {
        expect(refusal(() => scanPack(pack.subarray(0, length), nodePackTools))).toMatch(/^broken git pack/);
      }
      expect(refusal(() => scanPack(rechecksum(Buffer.concat([pack, Buffer.alloc(40)])), nodePackTools))).toMatch(
        /stand between/,
      );
    }));
});

describe('hostile packs', () => {
  const base = record(1, 1000);
  const baseOid = blob(base).oid;

  test('a delta chain is followed to the limit and not beyond', () => {
    const entries: Buffer[] = [rawBlob(base)];
    let content: Uint8Array = base;
    for (let depth = 0; depth < 40; depth++) {
      const delta = appending(content.length, depth);
      entries.push(nameDelta(blob(content).oid, delta));
      content = Buffer.concat([content, Uint8Array.of(depth)]);
    }
    const pack = packOf(...entries);
    expect(scanPack(pack, nodePackTools).some((object) => object.oid === blob(content).oid)).toBe(true);
    expect(refusal(() => scanPack(pack, nodePackTools, { ...PACK_LIMITS, maxDeltaDepth: 39 }))).toMatch(
      /more than 39 deltas/,
    );
  });

  test('a delta whose base is not in the pack is refused', () => {
    expect(refusal(() => scanPack(packOf(nameDelta(baseOid, appending(1000, 1))), nodePackTools))).toMatch(
      /1 of its deltas have no base/,
    );
  });

  test('an offset-delta on something that is no entry, on itself, or before the pack is refused', () => {
    const delta = deflateSync(appending(1000, 1));
    for (const distance of [[0], [1], [0x7f], [0xff, 0x7f], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]]) {
      const pack = packOf(
        rawBlob(base),
        Buffer.concat([entryHead(6, appending(1000, 1).length), Buffer.from(distance), delta]),
      );
      expect(refusal(() => scanPack(pack, nodePackTools))).toMatch(/^broken git pack/);
    }
  });

  test('a zlib bomb stops at the size that its entry states', () => {
    const bomb = deflateSync(Buffer.alloc(50_000_000));
    const before = process.memoryUsage().arrayBuffers;
    expect(refusal(() => scanPack(packOf(Buffer.concat([entryHead(3, 10), bomb])), nodePackTools))).toMatch(
      /corrupt or too long/,
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
    expect(refusal(() => scanPack(packOf(Buffer.concat([entryHead(3, 2 ** 40), bomb])), nodePackTools))).toMatch(
      /at most/,
    );
    expect(refusal(() => scanPack(packOf(Buffer.concat([entryHead(3, 60_000_000), bomb])), nodePackTools))).toMatch(
      /states 60000000 bytes/,
    );
  });

  test('a delta bomb stops at the limits for one object and for all', () => {
    const huge = Buffer.from([...varint(1000), ...varint(2 ** 45), 0x90, 1]);
    expect(refusal(() => scanPack(packOf(rawBlob(base), nameDelta(baseOid, huge)), nodePackTools))).toMatch(/at most/);
    const doubling = Array.from({ length: 50 }, (_, index) => nameDelta(baseOid, appending(1000, index)));
    expect(
      refusal(() =>
        scanPack(packOf(rawBlob(base), ...doubling), nodePackTools, { ...PACK_LIMITS, maxTotalBytes: 40_000 }),
      ),
    ).toMatch(/take more than 40000/);
  });

  test('a chain of deltas that each make a large object is refused before all of them are in memory', () => {
    const limits = { ...PACK_LIMITS, maxChainBytes: 20_000 };
    const entries: Buffer[] = [rawBlob(base)];
    let content: Uint8Array = base;
    for (let depth = 0; depth < 30; depth++) {
      entries.push(nameDelta(blob(content).oid, appending(content.length, depth)));
      content = Buffer.concat([content, Uint8Array.of(depth)]);
    }
    expect(refusal(() => scanPack(packOf(...entries), nodePackTools, limits))).toMatch(/more than 20000 bytes/);
    const beside = Array.from({ length: 30 }, (_, index) => nameDelta(baseOid, appending(1000, index)));
    expect(scanPack(packOf(rawBlob(base), ...beside), nodePackTools, limits)).toHaveLength(31);
  });

  test('a count beyond what the bytes can hold is refused before anything is allocated', () => {
    const pack = packOf(rawBlob(base));
    pack.writeUInt32BE(0xffff_ffff, 8);
    expect(refusal(() => scanPack(rechecksum(pack), nodePackTools))).toMatch(/4294967295 objects/);
    expect(
      refusal(() => scanPack(packOf(rawBlob(base), rawBlob(base)), nodePackTools, { ...PACK_LIMITS, maxObjects: 1 })),
    ).toMatch(/2 objects/);
  });

  test('deltas that reach outside their base or their result are refused', () => {
    const cases: readonly (readonly [string, readonly number[]])[] = [
      ['copies from outside', [...varint(1000), ...varint(16), 0x93, 0xe0, 0x03, 0x10]],
      ['copies from outside', [...varint(1000), ...varint(8), 0x90, 0x10]],
      ['inserts too much', [...varint(1000), ...varint(1), 2, 1, 1]],
      ['inserts too much', [...varint(1000), ...varint(9), 9, 1]],
      ['reserved command', [...varint(1000), ...varint(1), 0]],
      ['makes 1 bytes, not 2', [...varint(1000), ...varint(2), 1, 1]],
      ['is for a base of 999', [...varint(999), ...varint(1), 1, 1]],
      ['is cut short', [...varint(1000), ...varint(1), 0xff]],
      ['states no size', [0x80]],
    ];
    for (const [why, delta] of cases)
      expect(refusal(() => applyDelta(base, Buffer.from(delta), 2 ** 20))).toContain(why);
  });

  test('nothing of a broken pack is written', () =>
    withScratch((scratch) => {
      const store = initGitStore(join(scratch, 'a'));
      const pack = packBytes([blob(base)]);
      pack[20] = (pack[20] as number) ^ 1;
      expect(refusal(() => importPack(store, pack))).toMatch(/checksum/);
      expect(readdirSync(join(scratch, 'a/objects/pack'))).toEqual([]);
      expect(importPack(store, packBytes([blob(base)]))).toBe(1);
      expect(Buffer.from(store.readObject(baseOid, 'blob')).equals(base)).toBe(true);
    }));
});
