import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, type AuditTown, createAuditTown } from '../support/audit-town.ts';

let town: AuditTown;
beforeAll(async () => {
  town = await createAuditTown();
  await town.submit('2026-01');
  town.now = at('2026-02-07');
  await town.turn('works');
});
afterAll(() => town.remove());

const ASK = ['--product', 'cement', '--window', '2026-01', '--energy', '-12.5', '--because', 'a second shift'];

interface Shown {
  readonly adjustments: readonly { readonly place: string; readonly energy: string; readonly admitted: unknown }[];
}

describe('an adjustment', () => {
  test('is asked for by the works, admitted by the body, and shown by both', async () => {
    const asked = await town.ok('works', 'baseline', 'adjust', ...ASK);
    expect(asked.stdout).toContain('asked for');
    expect((await town.ok('works', 'baseline', 'adjust', ...ASK)).stdout).toContain('already in the ledger');
    await town.turn('works');
    const before = await town.json<Shown>('body', 'baseline', 'show', 'Works', '--period', '2026');
    expect(before.adjustments).toMatchObject([{ energy: '-12.5', admitted: null }]);
    const { place } = before.adjustments[0]!;
    const admitted = await town.ok('body', 'baseline', 'adjust', place, '--because', 'seen on site');
    expect(admitted.stdout).toContain('cement of Works, 2026-01: -12.5 GJ admitted');
    const again = await town.ok('body', 'baseline', 'adjust', place, '--because', 'seen on site');
    expect(again.stdout).toContain('already in the ledger');
    const { adjustments } = await town.json<Shown>('body', 'baseline', 'show', 'Works', '--period', '2026');
    expect(adjustments).toMatchObject([{ place, admitted: { reason: 'seen on site' } }]);
    const text = await town.ok('body', 'baseline', 'show', 'Works', '--period', '2026');
    expect(text.stdout).toMatch(
      /adjustment \S+ +cement, 2026-01 +-12\.5 GJ +a second shift\n +admitted in block \d+: seen on site/u,
    );
  });

  test('is not admitted with figures, nor another one, nor with another reason', async () => {
    expect((await town.run('body', 'baseline', 'adjust', ...ASK)).status).toBe(2);
    const missing = await town.run('body', 'baseline', 'adjust', 'Works/999', '--because', 'x');
    expect(missing).toMatchObject({ status: 2, stdout: '' });
    expect(missing.stderr).toContain("'Works/999'");
    const [{ place } = { place: '' }] = (
      await town.json<Shown>('body', 'baseline', 'show', 'Works', '--period', '2026')
    ).adjustments;
    const other = await town.run('body', 'baseline', 'adjust', place, '--because', 'another reason');
    expect(other.stderr).toContain('is admitted already: seen on site');
    const odd = await town.run('body', 'baseline', 'adjust', 'Works', '--because', 'x');
    expect(odd.stderr).toContain('<applicant>/<block>');
  });
});
