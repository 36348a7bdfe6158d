import { appendFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createExclusively, createIdempotently, replaceAtomically } from '../../../src/ledger/store/files.ts';
import { ensureDirectory } from '../../../src/ledger/store/folders.ts';
import { readFileIfPresent } from '../../../src/ledger/store/read-files.ts';
import { writeInPieces } from '../../../src/ledger/store/piece-writer.ts';
import {
  checkHighWaterMark,
  raiseHighWaterMark,
  readHighWaterMark,
} from '../../../src/ledger/store/high-water-mark.ts';
import { clearJournal, readJournal, writeJournal } from '../../../src/ledger/store/journal.ts';
import { noteFirstSeen, readFirstSeen, readPin, writePin } from '../../../src/ledger/store/pin.ts';
import { PROGRAMME, record } from '../../support/chain.ts';
import { withScratch } from '../../support/git.ts';

const id = (digit: string): string => digit.repeat(64);

describe('files', () => {
  test('replace leaves the new bytes, and nothing else, in the folder', () =>
    withScratch((scratch) => {
      const path = join(scratch, 'a');
      expect(readFileIfPresent(path)).toBeNull();
      replaceAtomically(path, Buffer.from('one'), 0o600);
      replaceAtomically(path, Buffer.from('two'), 0o600);
      expect(readFileIfPresent(path)?.toString()).toBe('two');
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(readdirSync(scratch)).toEqual(['a']);
    }));

  test('exclusive creation never overwrites', () =>
    withScratch((scratch) => {
      const path = join(scratch, 'key');
      createExclusively(path, Buffer.from('secret'));
      expect(() => createExclusively(path, Buffer.from('other'))).toThrow(/exists already/);
      expect(readFileIfPresent(path)?.toString()).toBe('secret');
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }));

  test('idempotent creation accepts the same bytes and refuses others', () =>
    withScratch((scratch) => {
      const path = join(scratch, 'a');
      for (let times = 0; times < 2; times++) createIdempotently(path, Buffer.from('one'));
      expect(() => createIdempotently(path, Buffer.from('two'))).toThrow(/other content/);
    }));

  test("failures name the path and the system's reason", () =>
    withScratch((scratch) => {
      expect(() => replaceAtomically(join(scratch, 'no/such/a'), Buffer.from(''))).toThrow(
        expect.objectContaining({
          code: 'FAILED',
          message: expect.stringMatching(/'.*no\/such': no such file or folder$/),
        }),
      );
      writeFileSync(join(scratch, 'file'), '');
      expect(() => ensureDirectory(join(scratch, 'file/below'))).toThrow(/a part of the path is not a folder/);
      expect(() => readFileIfPresent(scratch)).toThrow(/not a regular file/);
      expect(() => {
        writeFileSync(join(scratch, 'big'), 'x'.repeat(100));
        readFileIfPresent(join(scratch, 'big'), 99);
      }).toThrow(/at most 99/);
    }));

  test('pieces appear together or not at all', () =>
    withScratch((scratch) => {
      const gone = writeInPieces(scratch);
      gone.write(Buffer.from('a'));
      gone.abort();
      expect(readdirSync(scratch)).toEqual([]);
      const kept = writeInPieces(scratch);
      for (const piece of ['a', 'b']) kept.write(Buffer.from(piece));
      kept.commit(join(scratch, 'ab'));
      kept.abort();
      expect(readFileIfPresent(join(scratch, 'ab'))?.toString()).toBe('ab');
    }));
});

describe('journal', () => {
  const entry = {
    ref: PROGRAMME,
    firstSeq: 7,
    time: 1_700_000_000,
    records: [record(7), record(8, 5), new Uint8Array(0)],
  };

  test('gives back the same bytes until it is cleared', () =>
    withScratch((scratch) => {
      expect(readJournal(scratch)).toBeNull();
      writeJournal(scratch, entry);
      const read = readJournal(scratch);
      expect(read).toMatchObject({ ref: PROGRAMME, firstSeq: 7, time: 1_700_000_000 });
      expect(read?.records.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(
        entry.records.map((bytes) => Buffer.from(bytes).toString('hex')),
      );
      clearJournal(scratch);
      clearJournal(scratch);
      expect(readJournal(scratch)).toBeNull();
    }));

  test('any damaged byte of the records or the frame is reported, never emitted', () =>
    withScratch((scratch) => {
      writeJournal(scratch, entry);
      const path = join(scratch, 'journal');
      const bytes = readFileIfPresent(path) as Buffer;
      const frame = bytes.indexOf(0x0a);
      for (let at = frame; at < bytes.length; at++) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] as number) ^ 1;
        writeFileSync(path, damaged);
        expect(() => readJournal(scratch)).toThrow(/damaged journal/);
      }
      for (const cut of [0, 1, frame, bytes.length - 1]) {
        writeFileSync(path, bytes.subarray(0, cut));
        expect(() => readJournal(scratch)).toThrow(/damaged journal/);
      }
    }));
});

describe('high-water mark', () => {
  const key = id('a');

  test('rises and never falls', () =>
    withScratch((scratch) => {
      const path = join(scratch, 'key.mark');
      expect(readHighWaterMark(path)).toBeNull();
      for (const [raise, after] of [
        [0, 0],
        [5, 5],
        [3, 5],
        [6, 6],
      ] as const) {
        raiseHighWaterMark(path, { keyId: key, seq: raise });
        expect(readHighWaterMark(path)).toEqual({ keyId: key, seq: after });
      }
      raiseHighWaterMark(path, { keyId: id('b'), seq: 1 });
      expect(readHighWaterMark(path)).toEqual({ keyId: id('b'), seq: 1 });
    }));

  test('allows exactly the next position', () =>
    withScratch((scratch) => {
      const path = join(scratch, 'key.mark');
      checkHighWaterMark(path, key, 12);
      raiseHighWaterMark(path, { keyId: key, seq: 4 });
      checkHighWaterMark(path, key, 5);
      checkHighWaterMark(path, id('b'), 1);
      expect(() => checkHighWaterMark(path, key, 4)).toThrow(
        expect.objectContaining({ code: 'DIVERGED', message: expect.stringMatching(/restored backup/) }),
      );
      expect(() => checkHighWaterMark(path, key, 6)).toThrow(
        expect.objectContaining({ code: 'DIVERGED', message: expect.stringMatching(/in use elsewhere/) }),
      );
    }));

  test('a damaged file is an error, not a fresh start', () =>
    withScratch((scratch) => {
      const path = join(scratch, 'key.mark');
      for (const text of [
        '',
        '{',
        '[]',
        'null',
        '{"keyId":"a","seq":1}',
        `{"keyId":"${key}","seq":-1}`,
        `{"keyId":"${key}","seq":"1"}`,
      ]) {
        writeFileSync(path, text);
        expect(() => checkHighWaterMark(path, key, 5)).toThrow(/damaged/);
      }
    }));
});

describe('pin and first-seen notes', () => {
  test('the pin comes back as written', () =>
    withScratch((scratch) => {
      const path = join(scratch, 'pin.json');
      expect(readPin(path)).toBeNull();
      writePin(path, { ledger: id('1'), seq: 3, id: id('2') });
      expect(readPin(path)).toEqual({ ledger: id('1'), seq: 3, id: id('2') });
      for (const text of [
        '',
        '{}',
        `{"ledger":"${id('1')}","seq":1.5,"id":"${id('2')}"}`,
        `{"ledger":"${id('1')}","seq":1,"id":"x"}`,
      ]) {
        writeFileSync(path, text);
        expect(() => readPin(path)).toThrow(/damaged pin/);
      }
    }));

  test('the first note of a block stays, and a torn line costs that line only', () =>
    withScratch((scratch) => {
      const path = join(scratch, 'first-seen');
      expect(readFirstSeen(path).size).toBe(0);
      noteFirstSeen(path, [id('1'), id('2')], 100);
      noteFirstSeen(path, [], 150);
      noteFirstSeen(path, [id('2'), id('3')], 200);
      appendFileSync(path, `${id('4')} 30`);
      noteFirstSeen(path, [id('5')], 400);
      expect([...readFirstSeen(path)]).toEqual([
        [id('1'), 100],
        [id('2'), 100],
        [id('3'), 200],
        [id('5'), 400],
      ]);
    }));
});
