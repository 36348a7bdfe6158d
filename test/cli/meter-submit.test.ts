import { afterEach, describe, expect, test } from 'vitest';
import { createMeterHomes, type MeterHomes, type MeterHomesChoices } from '../support/meter-homes.ts';
import { policyText } from '../support/policy-text.ts';
import { toGb18030 } from '../unit/ingest/situation.ts';

const BOUNDARY = `joulemark: boundary/1
applicant: guangnan-cement
supply_points:
  grid-110kv: {carrier: electricity}
  coal-gate: {carrier: raw_coal}
meters:
  kiln-power: {kind: energy, at: grid-110kv, counts: use, product: clinker, reads: register, unit: kWh, digits: "7", multiplier: "6000"}
  coal-belt: {kind: energy, at: coal-gate, counts: use, product: clinker, reads: interval, unit: t, day_starts: "08:00"}
  clinker-out: {kind: product, product: clinker, reads: interval, unit: t, day_starts: "08:00"}
`;

const PROFILE = `joulemark: profile/1
reads: meters
file: {encoding: gb18030, skip_lines: "2", thousands: ",", drop_rows: [{column: 日期, equals: 合计}]}
time: {column: 日期, format: yyyy-MM-dd, zone: Asia/Shanghai, day_starts: "08:00", stamp: start}
shape: wide
columns:
  熟料产量(t): {meter: clinker-out, unit: t}
  入窑煤(t): {meter: coal-belt, unit: t}
cells: {missing: ["", "--"], idle: {column: 运行状态, equals: 停窑}}
`;

const REGISTER_PROFILE = `joulemark: profile/1
reads: meters
file: {encoding: gb18030}
time: {column: 抄表时间, format: yyyy-MM-dd HH:mm, zone: Asia/Shanghai, stamp: reading}
shape: wide
columns:
  窑系统电表止码: {meter: kiln-power, unit: kWh, multiplier: "6000"}
`;

/** 2026-04-02 08:00 +08:00 */
const NOW = Date.UTC(2026, 3, 2) / 1000;

let homes: MeterHomes | undefined;
afterEach(() => {
  homes?.remove();
  homes = undefined;
});

async function create(more: Partial<MeterHomesChoices> = {}): Promise<MeterHomes> {
  homes = await createMeterHomes({
    policy: policyText({ zone: 'Asia/Shanghai', first: '2026-01-01', carriers: '{electricity: {unit: kWh, row: electricity}, raw_coal: {unit: t, row: raw_coal}}', products: '{clinker: {basis: quantity, unit: t}}' }),
    boundary: BOUNDARY,
    now: Date.UTC(2025, 11, 1) / 1000,
    ...more,
  });
  homes.now = NOW;
  homes.write('kiln.yaml', PROFILE);
  homes.write('register.yaml', REGISTER_PROFILE);
  return homes;
}

/** Days of March 2026 as the works exports them, GB 18030. */
function kilnDays(from: number, to: number, more: { readonly coal?: (day: number) => string; readonly state?: (day: number) => string } = {}): Uint8Array {
  const two = (day: number): string => String(day).padStart(2, '0');
  const rows = Array.from({ length: to - from + 1 }, (_, index) => from + index).map((day) => {
    const idle = more.state?.(day) === '停窑';
    return `2026-03-${two(day)},${idle ? '0' : `"5,1${two(day)}.5"`},${idle ? '0' : (more.coal?.(day) ?? `7${two(day)}.1`)},${more.state?.(day) ?? '运行'}`;
  });
  return toGb18030(['水泥厂日报', '单位：吨', '日期,熟料产量(t),入窑煤(t),运行状态', ...rows, '合计,0,0,', ''].join('\n'));
}

describe('meter submit', () => {
  test('appends a month for two meters as one block, and nothing the second time', async () => {
    const { run, write, blocks } = await create();
    write('kiln.csv', kilnDays(1, 31));
    const before = blocks();
    const first = await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml');
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toMatch(/^clinker-out   31 packages   2026-03-01..2026-03-31 \(from 08:00\)   158,611.5 t\ncoal-belt     31 packages   2026-03-01..2026-03-31 \(from 08:00\)   22,199.1 t\nappended block 2 of guangnan-cement \([0-9a-f]{8}\); not yet broadcast\n$/);
    expect(blocks()).toBe(before + 1);
    const second = await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml');
    expect(second).toMatchObject({ status: 0, stderr: '' });
    expect(second.stdout).toContain('already in the ledger');
    expect(blocks()).toBe(before + 1);
  });
});
