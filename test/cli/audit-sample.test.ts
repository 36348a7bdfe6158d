/** A sample by the commands: asked, the lottery drawn, looked at, signed, and drawn again by a stranger. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, DELIVERIES, meterRows, townPolicy } from '../support/audit-town.ts';
import { createWorksTown, type WorksTown } from '../support/works-town.ts';

const RULE =
  '  sampling: {windows: {above: "5", number: "2"}, packages: {above: "10", number: "4"}, value: {series: lottery}}\n';
const LOTTERY = `joulemark: table/1
name: lottery
edition: "2026-01"
source: https://example.org/draws/2026-02-07
rows: {}
series: {lottery: {"2026-01": "70139"}}
`;
const RUN = [
  'audit',
  'run',
  'Works',
  '--records',
  'bills.csv',
  '--profile',
  'deliveries.yaml',
  '--all-supply-points',
  'yes',
];

interface Ran {
  readonly audits: readonly {
    readonly draft: string;
    readonly sampled: readonly string[];
    readonly figures: {
      readonly sample: { readonly looks: string; readonly compared: number; readonly value: string };
    };
  }[];
}

describe('where the policy asks for a sample', () => {
  let town: WorksTown;
  beforeAll(async () => {
    town = await createWorksTown({
      policy: townPolicy().replace('  silence: not_a_pass\n', `  silence: not_a_pass\n${RULE}`),
      works: { works: 'Works' },
      auditors: { grid: 'Grid', stranger: 'Stranger' },
      relations: { Grid: ['upstream:Works:grid'] },
    });
    town.now = at('2026-02-03');
    await town.submit('works', 'january.csv', meterRows('2026-01'));
    await town.turn('works', 'grid');
    town.now = at('2026-02-07');
    await town.turn('works', 'grid');
    town.write('grid', 'deliveries.yaml', DELIVERIES.replace('stamp: reading', 'stamp: start'));
    const days = Array.from({ length: 31 }, (_, index) => `2026-01-${String(index + 1).padStart(2, '0')}`);
    town.write(
      'grid',
      'bills.csv',
      ['account;from;to;kwh', ...days.map((day) => `0318;${day};${day};1000`)].join('\n'),
    );
  }, 60_000);
  afterAll(() => town.remove());

  test('the audit waits for the value, and everybody whose task it is sees that', async () => {
    const run = await town.run('grid', ...RUN);
    expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 5, stdout: '' });
    expect(run.stderr).toContain(
      "the value of 'lottery' for 2026-01, which the sample is drawn by, is not on the ledger yet",
    );
    expect((await town.ok('body', 'status')).stdout).toContain("audits wait for the value of 'lottery' for 2026-01");
  });

  test('then four days are drawn, compared one by one and signed; a stranger draws the same', async () => {
    town.now += 3600;
    town.write('body', 'lottery.yaml', LOTTERY);
    await town.ok('body', 'table', 'publish', 'lottery.yaml');
    await town.ok('body', 'sync');
    await town.ok('grid', 'sync');
    const { audits } = await town.json<Ran>('grid', ...RUN);
    const [audit] = audits;
    expect(audit?.sampled).toHaveLength(4);
    expect(audit?.figures.sample).toMatchObject({ looks: 'sample', of: 31, value: '70139', compared: 4, differ: 0 });
    const { stdout } = await town.ok('grid', ...RUN);
    expect(stdout).toContain("4 of 31 packages drawn, by 'lottery' 2026-01 = 70139; 4 compared one by one, 0 differ");
    for (const one of audit?.sampled ?? []) expect(stdout).toContain(`look at ${one}`);
    await town.ok('grid', 'audit', 'sign', 'Works');
    await town.turn('grid');
    await town.ok('stranger', 'sync');
    expect(await town.json('stranger', 'audit', 'show', 'Grid/1')).toMatchObject({ counts: true, sampleAsDrawn: true });
    expect(await town.json('stranger', 'verify')).toMatchObject({ verdict: 'CHECKED' });
  });

  test('an auditor who looked at other days is seen', async () => {
    const { audits } = await town.json<Ran>('grid', ...RUN, '--window', '2026-01');
    const { draft, sampled } = audits[0]!;
    const document = JSON.parse(readFileSync(draft, 'utf8')) as {
      figures: { sample: { packages: [string, [number, number]][] } };
    };
    const free = Array.from({ length: 31 }, (_, index) => `2026-01-${String(index + 1).padStart(2, '0')}`).find(
      (day) => !sampled.includes(`main ${day}`),
    )!;
    document.figures.sample.packages[0] = ['main', [at(free), at(free) + 86_400]];
    writeFileSync(draft, JSON.stringify(document));
    await town.ok('grid', 'audit', 'sign', 'Works');
    await town.turn('grid');
    await town.ok('stranger', 'sync');
    expect(await town.json('stranger', 'audit', 'show', 'Grid/2')).toMatchObject({
      counts: true,
      sampleAsDrawn: false,
    });
    expect((await town.ok('stranger', 'audit', 'show', 'Grid/2')).stdout).toContain('not what anybody else draws');
  });
});
