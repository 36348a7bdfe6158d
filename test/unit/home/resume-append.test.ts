import { expect, test } from 'vitest';
import { resumeAppend } from '../../../src/home/writer.ts';
import { toHomePaths } from '../../../src/home/paths.ts';
import { ensureDirectory } from '../../../src/ledger/store/folders.ts';
import { initGitStore } from '../../../src/ledger/store/git-store.ts';
import { readHighWaterMark } from '../../../src/ledger/store/high-water-mark.ts';
import { readJournal, writeJournal } from '../../../src/ledger/store/journal.ts';
import { splitRecords } from '../../../src/ledger/segment.ts';
import { startOfDay } from '../../../src/programme/calendar.ts';
import { parseDocument } from '../../../src/programme/document.ts';
import { withScratch } from '../../support/git.ts';
import { policyText } from '../../support/policy-text.ts';
import { createWorld } from '../../support/world.ts';

const REF = 'refs/heads/programme';

/** A programme chain of three blocks, and another third one in the same place. */
function chains(): { readonly records: readonly Uint8Array[]; readonly other: Uint8Array } {
  const make = (time: number): readonly Uint8Array[] => {
    const world = createWorld(parseDocument(policyText(), 'policy.yaml'), startOfDay('2012-12-01', 'UTC'));
    world.broadcast();
    world.time = startOfDay('2013-01-01', 'UTC') + time;
    world.broadcast();
    return world.body.records;
  };
  return { records: make(0), other: make(1)[2] as Uint8Array };
}

test('an append cut short after the journal is completed, and the mark rises with it', () =>
  withScratch((directory) => {
    const paths = toHomePaths(directory);
    ensureDirectory(paths.keys);
    const { records } = chains();
    const store = initGitStore(paths.store);
    store.appendRecords({ ref: REF, expectedHead: null, nextSeq: 0, records: records.slice(0, 2), time: 0 });
    writeJournal(paths.journal, { ref: REF, firstSeq: 1, time: 0, records: records.slice(1) });
    resumeAppend(store, paths);
    expect([...store.readSegments(REF)].flatMap(({ bytes }) => splitRecords(bytes))).toHaveLength(3);
    expect(readHighWaterMark(paths.highWaterMark)?.seq).toBe(2);
    expect(readJournal(paths.journal)).toBeNull();
  }));

test('a journal that the chain contradicts stops with status 13, and nothing is appended', () =>
  withScratch((directory) => {
    const paths = toHomePaths(directory);
    const { records, other } = chains();
    const store = initGitStore(paths.store);
    store.appendRecords({ ref: REF, expectedHead: null, nextSeq: 0, records, time: 0 });
    writeJournal(paths.journal, { ref: REF, firstSeq: 2, time: 0, records: [other] });
    const before = store.readRef(REF);
    expect(() => resumeAppend(store, paths)).toThrowError(expect.objectContaining({ code: 'DIVERGED' }));
    expect(store.readRef(REF)).toBe(before);
    expect(readJournal(paths.journal)).not.toBeNull();
  }));
