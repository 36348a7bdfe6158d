/** Exports verified in memory, those that hold only what is new with the ones that they build on. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { join } from 'node:path';
import { readExportCopy, verifyExport } from '../../../src/home/verify-export.ts';
import { toVerdict } from '../../../src/programme/verdict.ts';
import type { Verification } from '../../../src/programme/verification.ts';
import { type AuditTown, createAuditTown } from '../../support/audit-town.ts';

let town: AuditTown;
const at = (name: string): string => join(town.root, name);

beforeAll(async () => {
  town = await createAuditTown();
  await town.submit('2026-01');
  await town.ok('body', 'sync');
  await town.ok('body', 'ledger', 'export', at('first'));
  await town.submit('2026-02');
  await town.ok('body', 'sync');
  await town.ok('body', 'ledger', 'export', at('second'), '--since', at('first'));
}, 60_000);
afterAll(() => town?.remove());

const told = (verification: Verification) =>
  toVerdict(verification, { compared: null, pinned: null, now: town.now, maxAge: null });

test('each by itself, and one that holds only what is new with the one before', async () => {
  const [first, second] = [readExportCopy(at('first')), readExportCopy(at('second'))];
  const options = { ledger: null };
  expect(told(await verifyExport(first, [], options)).verdict).toBe('CHECKED');
  const { verdict, blocks } = told(await verifyExport(second, [first], options));
  expect({ verdict, blocks }).toEqual({ verdict: 'CHECKED', blocks: second.folder?.facts.blocks });
  await expect(verifyExport(second, [], options)).rejects.toMatchObject({
    code: 'PENDING',
    hints: [expect.stringContaining('--onto') as string],
  });
  await expect(verifyExport(first, [], { ledger: second.folder!.facts.head.id })).rejects.toMatchObject({
    code: 'VERIFY_FAILED',
  });
});

test('a sum that nothing can be held against is not passed over', () => {
  const sums = readExportCopy(at('first')).folder?.sumsHash ?? '';
  expect(readExportCopy(at('first'), sums).folder?.sumsHash).toBe(sums);
  const bundle = join(at('first'), 'ledger.bundle');
  expect(readExportCopy(bundle).folder).toBeNull();
  expect(() => readExportCopy(bundle, sums)).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
});
