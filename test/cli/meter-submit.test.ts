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
    policy: policyText({
      zone: 'Asia/Shanghai',
      first: '2026-01-01',
      carriers: '{electricity: {unit: kWh, row: electricity}, raw_coal: {unit: t, row: raw_coal}}',
      products: '{clinker: {basis: quantity, unit: t}}',
    }),
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
function kilnDays(
  from: number,
  to: number,
  more: { readonly coal?: (day: number) => string; readonly state?: (day: number) => string } = {},
): Uint8Array {
  const two = (day: number): string => String(day).padStart(2, '0');
  const rows = Array.from({ length: to - from + 1 }, (_, index) => from + index).map((day) => {
    const idle = more.state?.(day) === '停窑';
    return `2026-03-${two(day)},${idle ? '0' : `"5,1${two(day)}.5"`},${idle ? '0' : (more.coal?.(day) ?? `7${two(day)}.1`)},${more.state?.(day) ?? '运行'}`;
  });
  return toGb18030(
    ['水泥厂日报', '单位：吨', '日期,熟料产量(t),入窑煤(t),运行状态', ...rows, '合计,0,0,', ''].join('\n'),
  );
}

describe('meter submit', () => {
  test('appends a month for two meters as one block, and nothing the second time', async () => {
    const { run, write, blocks } = await create();
    write('kiln.csv', kilnDays(1, 31));
    const before = blocks();
    const first = await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml');
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toMatch(
      /^clinker-out   31 packages   2026-03-01..2026-03-31 \(from 08:00\)   158,611.5 t\ncoal-belt     31 packages   2026-03-01..2026-03-31 \(from 08:00\)   22,199.1 t\nappended block 2 of guangnan-cement \([0-9a-f]{8}\); not yet broadcast\n$/,
    );
    expect(blocks()).toBe(before + 1);
    const second = await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml');
    expect(second).toMatchObject({ status: 0, stderr: '' });
    expect(second.stdout).toContain('already in the ledger');
    expect(blocks()).toBe(before + 1);
  });

  test('refuses a file that says something else, and writes nothing', async () => {
    const { run, write, blocks } = await create();
    write('kiln.csv', kilnDays(1, 9));
    await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml');
    const before = blocks();
    write('kiln.csv', kilnDays(1, 11, { coal: (day) => (day === 9 ? '731.9' : `7${String(day).padStart(2, '0')}.1`) }));
    const refused = await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml');
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr.split('\n')).toEqual([
      'error: coal-belt 2026-03-09 (from 08:00) is on the ledger with another quantity',
      '  ledger  709.1 t   block 2, 2026-04-02 08:00',
      '  file    731.9 t   kiln.csv line 12',
      '  nothing was written (4 other packages of this file wait; --append-the-rest takes them)',
      'hint: if the ledger is wrong: joulemark meter correct coal-belt 2026-03-09 731.9 --because "..."',
      '',
    ]);
    expect(blocks()).toBe(before);
    const rest = await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml', '--append-the-rest', '--json');
    expect(rest).toMatchObject({ status: 2, stderr: '' });
    expect(JSON.parse(rest.stdout)).toMatchObject({
      conflicts: [
        { meter: 'coal-belt', ledger: { quantity: '709.1', block: 2 }, file: { quantity: '731.9', line: 12 } },
      ],
      blocks: [{ entries: 5 }],
    });
    expect(blocks()).toBe(before + 1);
  });

  test('knows what is covered as well as what is pending', async () => {
    const { run, write, blocks, broadcast } = await create();
    write('kiln.csv', kilnDays(1, 9));
    await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml');
    await broadcast();
    write('kiln.csv', kilnDays(5, 11));
    const { status, stdout } = await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).meters).toMatchObject([
      { meter: 'clinker-out', packages: 2, repeats: 5, quantity: '10222' },
      { meter: 'coal-belt', packages: 2, repeats: 5 },
    ]);
    const before = blocks();
    write('kiln.csv', kilnDays(1, 11, { coal: () => '1' }));
    expect((await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml')).stderr).toContain('and 6 more');
    expect(blocks()).toBe(before);
  });

  test('declares idle days, holds the day that is not over, and says so', async () => {
    const h = await create();
    h.write('kiln.csv', kilnDays(1, 3, { state: (day) => (day === 2 ? '停窑' : '运行') }));
    h.now = Date.UTC(2026, 2, 3, 22) / 1000; // 2026-03-04 06:00 +08:00, two hours before the production day is over
    const { status, stdout } = await h.run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml');
    expect(status).toBe(0);
    expect(stdout).toContain('clinker-out   2 packages   2026-03-01..2026-03-02 (from 08:00)   5,101.5 t');
    expect(stdout).toContain(
      'clinker-out   held         2026-03-03 is not finished: it ends at 2026-03-04 08:00 +08:00',
    );
    const shown = JSON.parse((await h.run('meter', 'show', 'coal-belt', '--json')).stdout);
    expect(shown.newest).toMatchObject([
      { provenance: 'metered' },
      { provenance: 'idle', quantity: '0', standing: 'pending' },
    ]);
  });

  test('follows a register over files, exchanges and days without a reading', async () => {
    const { run, write, blocks } = await create();
    const readings = (...rows: readonly string[]): Uint8Array =>
      toGb18030(['抄表时间,窑系统电表止码', ...rows, ''].join('\n'));
    await run('meter', 'enroll', 'kiln-power', '--at', '2026-03-01', '--reading', '41208.60');
    write('power.csv', readings('2026-03-02 00:00,41239.64', '2026-03-03 00:00,41271.10'));
    const first = await run('meter', 'submit', 'power.csv', '--profile', 'register.yaml');
    expect(first.stdout).toContain(
      'kiln-power   2 packages   2026-03-01..2026-03-02   375,000 kWh   register 41,208.6 -> 41,271.1',
    );
    write('power.csv', readings('2026-03-05 00:00,41330.10', '2026-03-06 00:00,10.5'));
    const backwards = await run('meter', 'submit', 'power.csv', '--profile', 'register.yaml');
    expect(backwards).toMatchObject({ status: 2, stdout: '' });
    expect(backwards.stderr).toContain('goes backwards');
    const before = blocks();
    expect(
      (
        await run(
          'meter',
          'exchange',
          'kiln-power',
          '--at',
          '2026-03-05 12:00',
          '--old',
          '41340.1',
          '--new',
          '0',
          '--serial',
          'B-2',
        )
      ).status,
    ).toBe(0);
    const spanned = await run('meter', 'submit', 'power.csv', '--profile', 'register.yaml');
    expect(spanned).toMatchObject({ status: 0 });
    // 59 over two days, then 10 and 10.5 of the two devices
    expect(spanned.stdout).toContain('kiln-power   2 packages   2026-03-03..2026-03-05   477,000 kWh');
    expect(blocks()).toBe(before + 2);
    const again = await run(
      'meter',
      'exchange',
      'kiln-power',
      '--at',
      '2026-03-05 12:00',
      '--old',
      '41340.10',
      '--new',
      '0.0',
      '--serial',
      'B-2',
    );
    expect(again).toMatchObject({ status: 0 });
    expect(again.stdout).toContain('already in the ledger');
    expect(blocks()).toBe(before + 2);
  });

  test('refuses what does not agree with the enrolled meter, and what the file does not say clearly', async () => {
    const { run, write, blocks } = await create();
    const before = blocks();
    write('kiln.csv', kilnDays(1, 2));
    write('wrong.yaml', REGISTER_PROFILE.replace('"6000"', '"60"'));
    write('power.csv', toGb18030('抄表时间,窑系统电表止码\n2026-03-02 00:00,41239.64\n'));
    expect((await run('meter', 'submit', 'power.csv', '--profile', 'wrong.yaml')).stderr).toContain('multiplier');
    write('unit.yaml', PROFILE.replace('coal-belt, unit: t', 'coal-belt, unit: kg'));
    expect((await run('meter', 'submit', 'kiln.csv', '--profile', 'unit.yaml')).stderr).toContain(
      "unit of 'coal-belt' is 'kg'",
    );
    write('column.yaml', PROFILE.replace('入窑煤(t)', '入窑煤'));
    expect((await run('meter', 'submit', 'kiln.csv', '--profile', 'column.yaml')).stderr).toContain(
      "no column '入窑煤'",
    );
    write('meter.yaml', PROFILE.replace('coal-belt', 'coal-yard'));
    expect((await run('meter', 'submit', 'kiln.csv', '--profile', 'meter.yaml')).stderr).toContain("'coal-yard'");
    write(
      'twice.yaml',
      'joulemark: profile/1\nreads: meters\nfile: {}\ntime: {column: t, format: yyyy-MM-dd HH:mm, zone: Europe/Berlin, stamp: start, every: PT1H}\nshape: wide\ncolumns:\n  c: {meter: coal-belt, unit: t, day_starts: "08:00"}\n',
    );
    write('twice.csv', 't,c\n2025-10-26 02:00,1\n');
    expect((await run('meter', 'submit', 'twice.csv', '--profile', 'twice.yaml')).stderr).toContain(
      'was twice in Europe/Berlin',
    );
    expect((await run('meter', 'submit', 'kiln.csv')).stderr).toContain('no profile');
    expect((await run('meter', 'submit', 'absent.csv', '--profile', 'kiln.yaml')).status).toBe(2);
    expect((await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml', '--format', 'ndjson')).status).toBe(2);
    expect(blocks()).toBe(before);
  });

  test('refuses what the ledger has no form for, with its place, and goes on with the next file', async () => {
    const { run, runWith, write, blocks } = await create({
      boundary: `${BOUNDARY}  sold: {kind: shipment, product: clinker, reads: interval, unit: t, day_starts: "08:00"}\n`,
    });
    const before = blocks();
    const refusal = async (rows: string): Promise<string> => {
      write('kiln.csv', toGb18030(`a\nb\n日期,熟料产量(t),入窑煤(t),运行状态\n${rows}\n`));
      const { status, stdout, stderr } = await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml');
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      return stderr;
    };
    expect(await refusal('0001-03-01,5,7,')).toContain(
      'cannot be written, expected seconds since 1970, 0..253402300799, in kiln.csv:4',
    );
    expect(await refusal('2026-03-01,5,7,\n2026-03-02,5,123456789012345678,')).toContain(
      "package of 'coal-belt' from 2026-03-02 08:00 +08:00 to 2026-03-03 08:00 +08:00: quantity: 123456789012345678e0 has no exact encoding",
    );
    expect(await refusal('2026-03-01,0.0000000000000000000000001,7,')).toContain(', in kiln.csv:4');
    const long = await refusal(`2026-03-01,${'1'.repeat(100_000)},7,`);
    expect(long).toMatch(
      /^error: not a number: '1+\.\.\., expected a number such as 1,234\.5, in kiln\.csv:4, column '熟料产量\(t\)'\n$/,
    );
    expect(long.length).toBeLessThan(1200);
    const lorry = `{"meter":"sold","party":"${'x'.repeat(150)}","start":"2026-03-01T08:00:00+08:00","end":"2026-03-02T08:00:00+08:00","value":20,"unit":"t"}\n`;
    const { status, stderr } = await runWith(lorry, 'meter', 'submit', '-', '--format', 'ndjson');
    expect(status).toBe(2);
    expect(stderr).toContain('cannot be written, expected text of 1 to 120 characters, in standard input:1');
    expect(blocks()).toBe(before);
    write('kiln.csv', kilnDays(1, 2));
    expect(await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml')).toMatchObject({ status: 0 });
  });

  test('reads NDJSON from standard input and shows what it would append', async () => {
    const { runWith, blocks } = await create();
    const lines =
      '{"meter":"coal-belt","start":"2026-03-01T08:00:00+08:00","end":"2026-03-02T08:00:00+08:00","value":739.10,"unit":"t"}\n';
    const before = blocks();
    const dry = await runWith(lines, 'meter', 'submit', '-', '--format', 'ndjson', '--dry-run', '--json');
    expect(dry.status).toBe(0);
    const planned = JSON.parse(dry.stdout);
    expect(planned).toMatchObject({
      dryRun: true,
      packages: [{ meter: 'coal-belt', quantity: '739.1', unit: 't', provenance: 'metered' }],
    });
    expect(blocks()).toBe(before);
    expect((await runWith(lines, 'meter', 'submit', '-', '--format', 'ndjson', '--dry-run')).stdout).toContain(
      'would append block 2 of guangnan-cement; nothing was written',
    );
    expect((await runWith(lines, 'meter', 'submit', '-', '--format', 'ndjson')).status).toBe(0);
    const shown = await runWith('', 'meter', 'show', 'coal-belt', '--json');
    expect(JSON.parse(shown.stdout).newest).toMatchObject([{ commit: planned.packages[0].commit }]);
  });

  test('without a boundary, and before admission', async () => {
    const none = await create({ boundary: null });
    none.write('kiln.csv', kilnDays(1, 2));
    expect((await none.run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml')).stderr).toContain(
      'no boundary is declared',
    );
    none.remove();
    const early = await create({ admitted: false });
    early.write('kiln.csv', kilnDays(1, 2));
    const { status, stdout } = await early.run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml');
    expect(status).toBe(0);
    expect(stdout).toContain('not admitted as an applicant');
    // covered without effect: appending it once more would change nothing as long as that is so
    await early.broadcast();
    expect((await early.run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml')).stdout).toContain(
      'already in the ledger',
    );
  });
});

describe('meter correct', () => {
  test('replaces a package once, keeping what is not corrected', async () => {
    const { run, write, blocks, broadcast } = await create();
    write('kiln.csv', kilnDays(1, 9));
    await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml');
    await broadcast();
    const before = blocks();
    expect((await run('meter', 'correct', 'coal-belt', '2026-03-09', '731.9', '--because', 'misread')).status).toBe(2);
    expect(
      (await run('meter', 'correct', 'coal-belt', '2026-03-10', '731.9', '--because', 'transcription')).stderr,
    ).toContain('its last is 2026-03-09');
    expect((await run('meter', 'correct', 'coal-belt', '2026-03-09', '-5', '--because', 'transcription')).status).toBe(
      2,
    );
    expect(blocks()).toBe(before);
    const first = await run('meter', 'correct', 'coal-belt', '2026-03-09', '731.9', '--because', 'transcription');
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toMatch(
      /^coal-belt 2026-03-09 \(from 08:00\) {3}709.1 -> 731.9 t {3}\(transcription\)\nappended block 3 of guangnan-cement/,
    );
    expect(
      (await run('meter', 'correct', 'coal-belt', '2026-03-09', '731.90', '--because', 'transcription')).stdout,
    ).toContain('already in the ledger: block 3');
    expect(blocks()).toBe(before + 1);
    // the old file is a repeat, the corrected one too
    expect((await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml')).stdout).toContain(
      'already in the ledger',
    );
    write('kiln.csv', kilnDays(9, 9, { coal: () => '731.9' }));
    expect((await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml')).stdout).toContain(
      'already in the ledger',
    );
    expect(
      (await run('meter', 'correct', 'coal-belt', '2026-03-09', '709.1', '--because', 'transcription')).stderr,
    ).toContain('--note');
    await broadcast();
    const shown = JSON.parse((await run('meter', 'show', 'coal-belt', '--packages', '1', '--json')).stdout);
    expect(shown.newest).toMatchObject([{ quantity: '731.9', standing: 'on_time', block: 3 }]);
  });

  test("holds a register to its readings and ends with the policy's date", async () => {
    const h = await create();
    h.write(
      'power.csv',
      toGb18030(
        '抄表时间,窑系统电表止码\n2026-03-01 00:00,41208.60\n2026-03-02 00:00,41239.64\n2026-03-03 00:00,41271.10\n',
      ),
    );
    await h.run('meter', 'submit', 'power.csv', '--profile', 'register.yaml');
    const before = h.blocks();
    expect(
      (await h.run('meter', 'correct', 'kiln-power', '2026-03-01', '186000', '--because', 'meter_error')).stderr,
    ).toContain('makes 186240 kWh, found 186000');
    expect(h.blocks()).toBe(before);
    const { status, stdout } = await h.run(
      'meter',
      'correct',
      'kiln-power',
      '2026-03-01',
      '186000',
      '--close',
      '41239.60',
      '--because',
      'meter_error',
    );
    expect(status).toBe(0);
    expect(stdout).toContain('opens at 41239.64: correct it too');
    h.now = Date.UTC(2027, 1, 15) / 1000;
    expect(
      (
        await h.run(
          'meter',
          'correct',
          'kiln-power',
          '2026-03-02',
          '188700',
          '--open',
          '41239.65',
          '--because',
          'meter_error',
        )
      ).stderr,
    ).toContain('corrections of 2026 were possible until 2027-01-31');
  });
});

describe('meters', () => {
  test('are enrolled and retired once', async () => {
    const { run, write, blocks } = await create();
    const before = blocks();
    expect((await run('meter', 'retire', 'no-such')).stderr).toContain(
      'expected one of coal-belt, kiln-power, clinker-out',
    );
    expect((await run('meter', 'enroll', 'coal-belt', '--reading', '5')).stderr).toContain('has no register');
    expect((await run('meter', 'enroll', 'kiln-power', '--at', '2027-01-01')).stderr).toContain('still to come');
    expect(
      (await run('meter', 'exchange', 'kiln-power', '--at', '2026-03-01', '--event', 'rollover', '--old', '1')).status,
    ).toBe(2);
    expect(blocks()).toBe(before);
    write('kiln.csv', kilnDays(1, 3));
    expect((await run('meter', 'retire', 'coal-belt', '--at', '2026-03-03 08:00', '--dry-run')).stdout).toContain(
      'nothing was written',
    );
    expect((await run('meter', 'retire', 'coal-belt', '--at', '2026-03-03 08:00')).status).toBe(0);
    expect((await run('meter', 'retire', 'coal-belt')).stdout).toContain('already in the ledger');
    expect((await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml')).stderr).toContain(
      "'coal-belt' was retired at 2026-03-03 08:00 +08:00",
    );
    expect((await run('meter', 'enroll', 'coal-belt', '--serial', 'BW-8')).status).toBe(0);
    expect((await run('meter', 'enroll', 'coal-belt', '--serial', 'BW-8')).stdout).toContain('already in the ledger');
    expect(blocks()).toBe(before + 2);
    expect((await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml')).status).toBe(0);
  });

  test('show what is missing and what is due', async () => {
    const { run, write } = await create();
    write('kiln.csv', kilnDays(1, 9));
    await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml');
    write('kiln.csv', kilnDays(12, 31));
    await run('meter', 'submit', 'kiln.csv', '--profile', 'kiln.yaml');
    const status = JSON.parse((await run('meter', 'status', '--json')).stdout);
    expect(status.meters.find(({ meter }: { meter: string }) => meter === 'coal-belt')).toMatchObject({
      missing: [
        { dates: '2026-01-01..2026-02-28 (from 08:00)' },
        { dates: '2026-03-10..2026-03-11 (from 08:00)', late: false },
        { dates: '2026-04-01 (from 08:00)' },
      ],
      pending: 29,
    });
    const text = await run('meter', 'status');
    expect(text.stdout).toContain('next due');
    const list = await run('meter', 'list');
    expect(list.stdout).toContain('clinker-out');
    expect(list.stdout).toMatch(/2026-03-31/);
    expect((await run('meter', 'list', 'nobody')).status).toBe(2);
  });
});
