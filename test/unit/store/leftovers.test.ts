import { existsSync, linkSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryPath } from '../../../src/ledger/store/files.ts';
import { removeLeftovers, sweepRepository } from '../../../src/ledger/store/leftovers.ts';
import { processIdentity } from '../../../src/ledger/store/process-identity.ts';
import { withScratch } from '../../support/git.ts';

const [pid = '', , boot = '', namespace = '', host = ''] = processIdentity().split('.');
/** This pid, started at another time: whoever that was is gone. */
const DEAD = `${pid}.1.${boot}.${namespace}.${host}`;
/** Nobody here can tell. */
const ELSEWHERE = `${pid}.1.${boot}.${namespace}.another-host`;

describe('what killed processes left', () => {
  test('goes, but for what may belong to somebody', () =>
    withScratch((scratch) => {
      const kept = [
        temporaryPath(scratch),
        ...[`tmp_obj_${ELSEWHERE}~1_2_3`, 'tmp_obj_Xy12Zz', 'config', `${DEAD}~1`].map((name) => join(scratch, name)),
      ];
      for (const path of [...kept, join(scratch, `tmp_obj_${DEAD}~1_2_3`)]) writeFileSync(path, 'x');
      removeLeftovers(scratch);
      expect(readdirSync(scratch).toSorted()).toEqual(kept.map((path) => path.slice(scratch.length + 1)).toSorted());
      removeLeftovers(join(scratch, 'absent'));
    }));

  test('a lock of a branch goes with the file that it is a second name of, no other lock', () =>
    withScratch((scratch) => {
      const refs = join(scratch, 'refs/heads/org');
      mkdirSync(refs, { recursive: true });
      const leftover = join(scratch, `tmp_obj_${DEAD}~1_2_3`);
      writeFileSync(leftover, 'x');
      linkSync(leftover, join(refs, 'ours.lock'));
      writeFileSync(join(refs, 'of-git.lock'), 'x');
      sweepRepository(scratch, 'release');
      expect(existsSync(leftover)).toBe(false);
      expect(readdirSync(refs)).toEqual(['of-git.lock']);
    }));

  test('among objects it is looked for after a death only', () =>
    withScratch((scratch) => {
      const folders = ['objects/pack', 'objects/0a'].map((name) => join(scratch, name));
      for (const folder of folders) {
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, `tmp_obj_${DEAD}~1_2_3`), 'x');
      }
      const left = (): number => folders.flatMap((folder) => readdirSync(folder)).length;
      sweepRepository(scratch, 'release');
      expect(left()).toBe(2);
      sweepRepository(scratch, 'death');
      expect(left()).toBe(0);
    }));
});
