/** An export verified in memory and on worker threads' way: one answer. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { join } from 'node:path';
import { readExportCopy, verifyExport, verifyExportOnThreads } from '../../../src/home/verify-export.ts';
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

test('through a repository and in memory', async () => {
  const [first, second] = [readExportCopy(at('first')), readExportCopy(at('second'))];
  const options = { ledger: null };
  for (const [copy, earlier] of [
    [first, []],
    [second, [first]],
  ] as const) {
    const inMemory = told(verifyExport(copy, earlier, options));
    expect(inMemory.verdict).toBe('CHECKED');
    expect(told(await verifyExportOnThreads(copy, earlier, options, 0))).toEqual(inMemory);
  }
  const alone = { code: 'PENDING', hints: [expect.stringContaining('--onto') as string] };
  expect(() => verifyExport(second, [], options)).toThrow(expect.objectContaining(alone) as Error);
  await expect(verifyExportOnThreads(second, [], options, 0)).rejects.toMatchObject(alone);
  await expect(verifyExportOnThreads(first, [], { ledger: second.folder!.facts.head.id }, 0)).rejects.toMatchObject({
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
