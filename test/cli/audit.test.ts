import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { at, type AuditTown, createAuditTown, DAY } from '../support/audit-town.ts';

interface Task {
  readonly applicantName: string;
  readonly relation: string;
  readonly window: string;
  readonly due: string;
  readonly standing: string;
  readonly overdue: boolean;
}

interface Listed {
  readonly tasks: readonly Task[];
  readonly standings: readonly {
    readonly relation: string;
    readonly window: string;
    readonly passed: boolean;
    readonly passes: number;
    readonly share: string | null;
  }[];
}

interface Signed {
  readonly audits: readonly {
    readonly window: string;
    readonly verdict: string;
    readonly proposal: string;
    readonly standing: string;
    readonly place: { readonly seq: number } | null;
  }[];
  readonly already: boolean;
}

interface Compared {
  readonly audits: readonly {
    readonly window: string;
    readonly packages: number;
    readonly draft: string;
    readonly figures: { readonly proposal: string; readonly lines: readonly Record<string, unknown>[] };
  }[];
}

let town: AuditTown;
beforeEach(async () => {
  town = await createAuditTown();
  await town.submit('2026-01');
  town.now = at('2026-02-07');
  await town.turn('works', 'grid', 'pearl', 'peer');
});
afterEach(() => town.remove());

const runArgs = [
  'audit',
  'run',
  'Works',
  '--records',
  'bills.csv',
  '--profile',
  'deliveries.yaml',
  '--all-supply-points',
  'yes',
] as const;

/** January at the supplier's own meter: 31,000 kWh less 1 % on the way to the works is 30,690. */
const bills = (kwh = '31000'): string =>
  town.write('grid', 'bills.csv', `account;from;to;kwh\n0318;2025-12-31;2026-01-31;${kwh}\n`);

const blocksOf = (name: string): Promise<{ readonly chains?: unknown }> => town.json(name, 'verify', '--full');

describe('what the calendar asks', () => {
  test('waits for each auditor, with its date', async () => {
    const { tasks } = await town.json<Listed>('grid', 'audit', 'list');
    expect(tasks).toMatchObject([
      {
        applicantName: 'Works',
        relation: 'upstream',
        window: '2026-01',
        due: '2026-02-26',
        standing: 'open',
        overdue: false,
      },
    ]);
    expect((await town.ok('pearl', 'audit', 'list')).stdout).toContain('downstream');
    town.now = at('2026-02-27');
    expect((await town.json<Listed>('grid', 'audit', 'list')).tasks[0]?.overdue).toBe(true);
  });

  test('is asked by broadcast, so that audit ask finds nothing more', async () => {
    expect(await town.json('body', 'audit', 'ask')).toMatchObject({ asks: [], block: null, already: true });
    town.now = at('2026-03-07');
    const shown = await town.json<{ asks: unknown[]; block: unknown }>('grid', 'audit', 'ask');
    expect(shown.asks).toHaveLength(3);
    expect(shown.block).toBeNull();
    const dry = await town.ok('body', 'audit', 'ask', '--dry-run');
    expect(dry.stdout).toContain('nothing was written');
    expect((await town.json<{ asks: unknown[] }>('body', 'audit', 'ask')).asks).toHaveLength(3);
    expect((await town.json<{ asks: unknown[] }>('body', 'audit', 'ask')).asks).toHaveLength(0);
  });
});

describe('an upstream audit', () => {
  test('is compared, signed once, and counts', async () => {
    bills();
    const run = await town.json<Compared>('grid', ...runArgs);
    expect(run.audits).toMatchObject([
      {
        window: '2026-01',
        packages: 31,
        figures: {
          proposal: 'pass',
          lines: [
            {
              label: 'grid',
              unit: 'kWh',
              reported: '30690',
              own: '30690',
              difference: '0',
              tolerancePercent: '1',
              en: '0',
              agrees: true,
            },
          ],
        },
      },
    ]);
    const signed = await town.json<Signed>('grid', 'audit', 'sign', 'Works');
    expect(signed.audits).toMatchObject([{ window: '2026-01', verdict: 'pass', proposal: 'pass', standing: 'signed' }]);
    const again = await town.json<Signed>('grid', 'audit', 'sign', 'Works');
    expect(again).toMatchObject({
      already: true,
      audits: [{ standing: 'already', place: { seq: signed.audits[0]?.place?.seq } }],
    });
    expect((await town.json<Listed>('grid', 'audit', 'list')).tasks).toMatchObject([
      { standing: 'open', signed: true },
    ]);
    expect((await town.ok('grid', 'audit', 'list')).stdout).toContain('signed, not yet broadcast');
    await town.turn('grid', 'works');
    // a new draft of the same packages at a later broadcast says the same
    await town.ok('grid', ...runArgs, '--period', '2026', '--labels', 'grid');
    expect(await town.json<Signed>('grid', 'audit', 'sign', 'Works')).toMatchObject({ already: true });
    expect((await town.json<Listed>('grid', 'audit', 'list')).tasks).toEqual([]);
    const { standings } = await town.json<Listed>('works', 'audit', 'list');
    expect(standings).toContainEqual(
      expect.objectContaining({ relation: 'upstream', window: '2026-01', passed: true, passes: 1, share: '100.0' }),
    );
    const shown = await town.ok('works', 'audit', 'show', 'Grid/1');
    expect(shown.stdout).toMatch(/counts +yes/);
    expect(shown.stdout).toContain('30,690');
  });

  test('prints what it compared', async () => {
    bills('31200');
    const { stdout } = await town.ok('grid', ...runArgs);
    expect(stdout).toMatch(/2026-01 +grid +kWh +30,690 +30,888 +-0\.641 % +1 % +1\.197 +differs/);
    expect(stdout).toContain('proposes fail');
  });

  test('--dry-run of sign writes nothing, nor does any refusal', async () => {
    bills();
    await town.ok('grid', ...runArgs);
    const before = await blocksOf('grid');
    const dry = await town.ok('grid', 'audit', 'sign', 'Works', '--dry-run');
    expect(dry.stdout).toContain('nothing was written');
    expect((await town.run('grid', 'audit', 'sign', 'Works', '--verdict', 'fail')).status).toBe(2);
    expect(await blocksOf('grid')).toEqual(before);
    expect((await town.json<Signed>('grid', 'audit', 'sign', 'Works')).audits[0]?.standing).toBe('signed');
  });

  test('a person judges otherwise with a reason, both recorded', async () => {
    bills('31200');
    await town.ok('grid', ...runArgs);
    const signed = await town.json<Signed>(
      'grid',
      'audit',
      'sign',
      'Works',
      '--verdict',
      'pass_with_remarks',
      '--because',
      'our meter drifts, see log 7',
    );
    expect(signed.audits).toMatchObject([{ verdict: 'pass_with_remarks', proposal: 'fail' }]);
    await town.turn('grid');
    const shown = await town.json('grid', 'audit', 'show', 'Grid/1');
    expect(shown).toMatchObject({
      verdict: 'pass_with_remarks',
      reason: 'our meter drifts, see log 7',
      figures: { proposal: 'fail' },
      counts: true,
    });
  });

  test('packages that came after the draft make it stale: exit 5, run again', async () => {
    bills();
    const { audits } = await town.json<Compared>('grid', ...runArgs);
    const draft = audits[0]!.draft;
    const text = readFileSync(draft, 'utf8');
    writeFileSync(draft, text.replace(/"root": "..../u, '"root": "0000'));
    const run = await town.run('grid', 'audit', 'sign', 'Works');
    expect(run.status).toBe(5);
    expect(run.stdout).toContain('run it again: joulemark audit run');
    writeFileSync(draft, '{"joulemark":');
    expect((await town.run('grid', 'audit', 'sign', 'Works')).status).toBe(2);
    await town.ok('grid', ...runArgs);
    await town.ok('grid', 'audit', 'sign', 'Works');
  });

  test('what is wrong is refused with status 2, and nothing is written', async () => {
    const wrong: readonly (readonly [argv: readonly string[], message: string])[] = [
      [['audit', 'run', 'Works'], 'needs your own deliveries'],
      [['audit', 'run', 'Works', '--records', 'bills.csv'], 'records without a profile'],
      [
        ['audit', 'run', 'Works', '--records', 'bills.csv', '--profile', 'deliveries.yaml'],
        'all points at which he supplies',
      ],
      [[...runArgs, '--labels', 'coal-gate'], "not admitted to audit 'coal-gate'"],
      [[...runArgs, '--relation', 'peer'], 'not admitted as peer auditor'],
      [[...runArgs, '--window', '2026-02'], 'has not ended yet'],
      [[...runArgs, '--window', '2026-1'], 'is not a window'],
      [[...runArgs, '--window', '2026-01', '--period', '2026'], 'both a window and a period'],
      [['audit', 'run', 'Pearl', '--records', 'bills.csv', '--profile', 'deliveries.yaml'], 'is not admitted to audit'],
      [['audit', 'sign', 'Works'], 'no draft of an audit'],
      [['audit', 'show', 'Grid'], 'not the place of an audit'],
      [['audit', 'show', 'Grid/7'], 'has no audit at'],
      [['audit', 'rule', 'Grid/1', '--ruling', 'upheld', '--because', 'x'], 'only the certification body'],
    ];
    bills();
    const before = await blocksOf('grid');
    for (const [argv, message] of wrong) {
      const run = await town.run('grid', ...argv);
      expect(run.stderr, argv.join(' ')).toContain(message);
      expect(run.status, argv.join(' ')).toBe(2);
    }
    expect(await blocksOf('grid')).toEqual(before);
    expect(existsSync(join(town.root, 'grid', '.joulemark', 'drafts'))).toBe(false);
  });
});

describe('a correction', () => {
  test('opens again the audit of its month and no other', async () => {
    town.write(
      'grid',
      'bills.csv',
      'account;from;to;kwh\n0318;2025-12-31;2026-01-31;31000\n0318;2026-01-31;2026-02-28;28000\n',
    );
    await town.submit('2026-02');
    town.now = at('2026-03-07');
    await town.turn('works', 'grid');
    await town.ok('grid', ...runArgs);
    expect((await town.json<Signed>('grid', 'audit', 'sign', 'Works')).audits).toHaveLength(2);
    await town.turn('grid', 'works');
    expect((await town.json<Listed>('grid', 'audit', 'list')).tasks).toEqual([]);
    await town.ok('works', 'meter', 'correct', 'main', '2026-02-03', '991', '--because', 'transcription');
    await town.turn('works', 'grid');
    const { tasks } = await town.json<Listed>('grid', 'audit', 'list');
    expect(tasks).toMatchObject([{ window: '2026-02', standing: 'reopened' }]);
    expect((await town.run('grid', 'audit', 'sign', 'Works')).status).toBe(5);
    await town.ok('grid', ...runArgs);
    const again = await town.json<Signed>('grid', 'audit', 'sign', 'Works');
    expect(again.audits.map(({ window, standing }) => [window, standing])).toEqual([
      ['2026-01', 'already'],
      ['2026-02', 'signed'],
    ]);
    await town.turn('grid');
    expect((await town.json<Listed>('grid', 'audit', 'list')).tasks).toEqual([]);
  });
});

describe('a fail', () => {
  test('is answered, ruled on, and set aside only with a second pass', async () => {
    bills('40000');
    await town.ok('grid', ...runArgs);
    await town.ok('grid', 'audit', 'sign', 'Works');
    await town.turn('grid', 'works');
    const refused = await town.run('grid', 'audit', 'answer', 'Grid/1', '--text', 'no');
    expect(refused.status).toBe(2);
    expect((await town.ok('works', 'audit', 'answer', 'Grid/1', '--text', 'your meter', '--dry-run')).stdout).toContain(
      'nothing was written',
    );
    expect(await town.json('works', 'audit', 'answer', 'Grid/1', '--text', 'your meter')).toMatchObject({
      already: false,
    });
    expect(await town.json('works', 'audit', 'answer', 'Grid/1', '--text', 'your meter')).toMatchObject({
      already: true,
    });
    await town.turn('works', 'grid');
    const ruling = await town.ok(
      'body',
      'audit',
      'rule',
      'Grid/1',
      '--ruling',
      'set_aside',
      '--because',
      'their meter was broken',
    );
    expect(ruling.stdout).toContain('it counts on until a second auditor');
    expect(
      await town.json(
        'body',
        'audit',
        'rule',
        'Grid/1',
        '--ruling',
        'set_aside',
        '--because',
        'their meter was broken',
      ),
    ).toMatchObject({ already: true, secondPass: null });
    const shown = await town.json('body', 'audit', 'show', 'Grid/1');
    expect(shown).toMatchObject({
      counts: true,
      answers: [{ text: 'your meter' }],
      ruling: { ruling: 'set_aside', effective: false },
    });
    // the peer's packages are those of energy and product: they hold the disputed ones
    await town.ok('peer', 'audit', 'run', 'Works');
    await town.ok('peer', 'audit', 'sign', 'Works', '--verdict', 'pass', '--because', 'I read their meter myself');
    await town.turn('peer');
    expect(await town.json('body', 'audit', 'show', 'Grid/1')).toMatchObject({
      counts: false,
      ruling: { effective: true },
    });
  });
});

describe('a customer', () => {
  test('compares receipts with the shipments to itself', async () => {
    const rows = Array.from(
      { length: 31 },
      (_, day) => `2026-01-${String(day + 1).padStart(2, '0')},PO42,${day === 30 ? '7' : '5'}`,
    );
    town.write('pearl', 'receipts.csv', `day,article,tonnes\n${rows.join('\n')}\n2026-01-05,SAND,900\n`);
    const run = await town.json<Compared>(
      'pearl',
      'audit',
      'run',
      'Works',
      '--records',
      'receipts.csv',
      '--profile',
      'receipts.yaml',
    );
    expect(run.audits[0]?.figures).toMatchObject({
      proposal: 'pass',
      lines: [{ label: 'cement', reported: '155', own: '157', agrees: true, tolerancePercent: '2' }],
    });
    await town.ok('pearl', 'audit', 'sign', 'Works');
    await town.turn('pearl');
    expect((await town.json<Listed>('body', 'audit', 'list', '--applicant', 'Works')).standings).toContainEqual(
      expect.objectContaining({ relation: 'downstream', passed: true }),
    );
  });
});

describe('a peer', () => {
  test('cannot judge alone, may withdraw, and is not asked again', async () => {
    const run = await town.json<Compared>('peer', 'audit', 'run', 'Works');
    expect(run.audits[0]?.figures).toMatchObject({
      proposal: 'cannot_judge',
      lines: [{ unit: 'GJ/t', reported: '0.3564' }],
    });
    expect((await town.run('peer', 'audit', 'recuse', 'Works', '--window', '2026', '--because', ' ')).status).toBe(2);
    expect(
      (await town.ok('peer', 'audit', 'recuse', 'Works', '--window', '2026', '--because', 'a merger', '--dry-run'))
        .stdout,
    ).toContain('nothing was written');
    expect(
      await town.json('peer', 'audit', 'recuse', 'Works', '--window', '2026', '--because', 'a merger'),
    ).toMatchObject({ already: false, relation: 'peer', window: '2026' });
    expect(
      await town.json('peer', 'audit', 'recuse', 'Works', '--window', '2026', '--because', 'a merger'),
    ).toMatchObject({ already: true });
    await town.turn('peer');
    expect((await town.json<Listed>('peer', 'audit', 'list')).tasks).toEqual([]);
    expect((await town.json<Listed>('peer', 'audit', 'list', '--all')).tasks).toMatchObject([{ standing: 'recused' }]);
    town.now += 30 * DAY;
    const { asks } = await town.json<{ asks: { relation: string }[] }>('body', 'audit', 'ask');
    expect(asks.map(({ relation }) => relation).sort()).toEqual(['downstream', 'upstream']);
  });
});
