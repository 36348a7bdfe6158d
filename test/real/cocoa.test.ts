import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../src/calc/decimal.ts';
import type { Comparison } from '../../src/calc/evaluation.ts';
import { multiplyRatio, type Rational, ratio } from '../../src/calc/ratio.ts';
import { roundPlaces, roundSignificant } from '../../src/calc/rounding.ts';
import { dateAt, startOfDay } from '../../src/programme/calendar.ts';
import { decide } from '../../src/programme/decide.ts';
import { parseDocument } from '../../src/programme/document.ts';
import { acceptContent, admitContent } from '../../src/programme/entries.ts';
import { digestOf, documentEntry, monthSpan, periodOf } from '../support/scene.ts';
import { hasShared, sharedJson, sharedText } from '../support/shared.ts';
import { policyText } from '../support/policy-text.ts';
import { type Actor, createWorld, entryOf, packageEntry, type World } from '../support/world.ts';

/**
 * The example account of Oak Ridge National Laboratory's VERIFI: three plants of a cocoa company, monthly bills whose read dates are no
 * month's ends, production and degree days. Illustrative data of others with the figures that another program gives.
 */
const FOLDER = 'data/ornl-verifi-cocoa-example/';

interface Account {
  readonly facilities: readonly { readonly guid: string; readonly name: string }[];
  readonly meters: readonly {
    readonly guid: string;
    readonly facilityId: string;
    readonly name: string;
    readonly source: string;
  }[];
  readonly meterData: readonly ({ readonly meterId: string; readonly totalEnergyUse: number } & Dated)[];
  readonly predictors: readonly { readonly guid: string; readonly facilityId: string; readonly name: string }[];
  readonly predictorDataV2: readonly {
    readonly predictorId: string;
    readonly amount: number;
    readonly month: number;
    readonly year: number;
  }[];
}
interface Dated {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const DAY = 86_400;
const two = (value: number): string => String(value).padStart(2, '0');
const dateOf = ({ year, month, day }: Dated): number => startOfDay(`${year}-${two(month)}-${two(day)}`, 'UTC');
/** A meter's name from the account's: letters, digits, '-'. */
const nameOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .replaceAll(/^-|-$/gu, '');

const TABLE = `joulemark: table/1
name: verifi
edition: "0.15"
rows:
  electricity: {unit: kWh, factor: "0.003412142", factor_unit: mmBtu/kWh}
  gas: {unit: mmBtu, factor: "1", factor_unit: mmBtu/mmBtu}
`;

/** Bills may straddle months and years here, and are spread over their days; the solar plant was built in 2024. */
const POLICY = policyText({
  first: '2021-01-01',
  unit: 'mmBtu',
  table: 'verifi',
  baseline: '{from: 2022-01-01, to: 2023-01-01}',
  carriers: '{electricity: {unit: kWh, row: electricity}, gas: {unit: mmBtu, row: gas}}',
  products: '{cocoa: {basis: quantity, unit: lot}}',
})
  .replace('straddling: refuse', 'straddling: prorate')
  .replace('longest_interval: P35D', 'longest_interval: P70D')
  .replace('per_meter: "0.90", joint: "0.90", longest_gap: P10D', 'per_meter: "0", joint: "0", longest_gap: P400D');

function boundaryOf(account: Account, facility: string): string {
  const meters = account.meters
    .filter(({ facilityId }) => facilityId === facility)
    .map(({ name, source }) => {
      const [carrier, unit] = source === 'Electricity' ? ['electricity', 'kWh'] : ['gas', 'mmBtu'];
      return `  ${nameOf(name)}: {kind: energy, carrier: ${carrier}, counts: use, unit: ${unit}, accuracy: "0.005"}`;
    });
  return `joulemark: boundary/1
applicant: Cocoa Co.
supply_points: {}
meters:
${meters.join('\n')}
  out: {kind: product, product: cocoa, unit: lot, accuracy: "0.005"}
`;
}

/** A bill read on 3 March and 2 April covers [4 March, 3 April): what it says is of the days up to its own. */
function billsOf(
  { world }: { world: World },
  actor: Actor,
  account: Account,
  meter: Account['meters'][number],
): readonly Uint8Array[] {
  const bills = account.meterData
    .filter(({ meterId }) => meterId === meter.guid)
    .toSorted((a, b) => dateOf(a) - dateOf(b));
  const unit = meter.source === 'Electricity' ? 'kWh' : 'mmBtu';
  return bills.slice(1).map((bill, index) => {
    const payload = { quantity: parseDecimal(bill.totalEnergyUse.toFixed(6)), unit, provenance: 'metered' as const };
    const from = dateOf(bills[index]!) + DAY;
    return packageEntry(world.packageOf(actor, nameOf(meter.name), 'energy', from, dateOf(bill) + DAY, payload));
  });
}

function productionOf(
  { world }: { world: World },
  actor: Actor,
  account: Account,
  facility: string,
): readonly Uint8Array[] {
  const predictor = account.predictors.find(
    ({ facilityId, name }) => facilityId === facility && name === 'Production',
  )!;
  return account.predictorDataV2
    .filter(({ predictorId, year }) => predictorId === predictor.guid && year >= 2022 && year <= 2025)
    .map(({ amount, year, month }) => {
      const { start, end } = monthSpan(`${year}-${two(month)}`);
      const payload = { quantity: parseDecimal(amount.toFixed(6)), unit: 'lot', provenance: 'metered' as const };
      return packageEntry(world.packageOf(actor, 'out', 'product', start, end, payload));
    });
}

/** A ledger with the three plants as applicants, every bill and month of production a package. */
function foundLedger(account: Account): { readonly world: World; readonly plants: ReadonlyMap<string, Actor> } {
  const world = createWorld(parseDocument(POLICY, 'policy.yaml'), startOfDay('2020-12-01', 'UTC'));
  world.append(world.body, documentEntry('table', TABLE));
  const plants = new Map<string, Actor>();
  for (const { guid, name } of account.facilities) {
    const plant = world.join(name);
    plants.set(name, plant);
    const boundary = boundaryOf(account, guid);
    world.append(plant, documentEntry('boundary', boundary));
    world.broadcast(entryOf('admit', admitContent, { org: plant.id, roles: ['applicant'], relations: [] }));
    world.append(world.body, entryOf('accept', acceptContent, { org: plant.id, boundary: digestOf(boundary) }));
  }
  world.time = startOfDay('2026-04-15', 'UTC');
  for (const { guid, name } of account.facilities) {
    const plant = plants.get(name)!;
    for (const meter of account.meters.filter(({ facilityId }) => facilityId === guid))
      world.append(plant, ...billsOf({ world }, plant, account, meter));
    world.append(plant, ...productionOf({ world }, plant, account, guid));
  }
  world.broadcast();
  return { world, plants };
}

interface Row {
  readonly facility: string;
  readonly year: string;
  readonly energy: string;
  readonly production: string;
  readonly intensity: string;
  readonly change: string;
}

const rows: readonly Row[] = hasShared
  ? sharedText(`${FOLDER}expected_annual.csv`)
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => {
        const [facility = '', year = '', , , energy = '', production = '', intensity = '', change = ''] =
          line.split(',');
        return { facility, year, energy, production, intensity, change };
      })
  : [];

describe.skipIf(!hasShared)('a cocoa company from its bills', () => {
  const account = hasShared ? sharedJson<Account>(`${FOLDER}ExampleAccount.json`) : ({ facilities: [] } as never);
  const { world, plants } = hasShared ? foundLedger(account) : ({} as ReturnType<typeof foundLedger>);
  const state = hasShared ? world.replay().state : ({} as never);
  const decideYear = (facility: string, year: string) =>
    decide(
      state,
      state.organisations.get(plants.get(facility)!.id)!,
      periodOf(state, year),
      startOfDay('2026-05-01', 'UTC'),
    );
  const percent = (value: Rational): string => roundPlaces(multiplyRatio(value, ratio(-100n, 1n)), 5);

  test('every bill is a package that counts, and none is refused', () => {
    expect(dateAt(world.time, 'UTC')).toBe('2026-04-15');
    const codes = new Set(state.findings.map(({ code }) => code));
    expect([...codes].filter((code) => code !== 'package-late')).toEqual([]);
  });

  test.each(rows.filter(({ year }) => year !== '2022').map((row) => [row.facility, row.year, row] as const))(
    '%s, %s: energy, production, energy per unit and change as another program has them',
    (facility, year, row) => {
      const before = rows.find((one) => one.facility === facility && one.year === '2022')!;
      // nothing put in for the months before the solar plant was built: theirs is no gap rule
      const found = decideYear(facility, year).evaluation!.products[0]!.withoutFill!;
      const shown = ({ baseline, reporting, rate }: Comparison) => ({
        energy: [roundPlaces(baseline.energy, 3), roundPlaces(reporting.energy, 3)],
        production: [roundPlaces(baseline.quantity, 3), roundPlaces(reporting.quantity, 3)],
        intensity: [roundSignificant(baseline.intensity!, 9), roundSignificant(reporting.intensity!, 9)],
        change: percent(rate!),
      });
      expect(shown(found)).toEqual({
        energy: [before.energy, row.energy],
        production: [before.production, row.production],
        intensity: [before.intensity, row.intensity],
        change: row.change,
      });
    },
  );

  test.each(['HQ (Simple)', 'Peanuts (Average)', 'Roasting (Advanced)'])(
    '%s saved in 2025, distinguishably at meters of class 0.5; nobody audited it',
    (facility) => {
      const { status, reasons, evaluation } = decideYear(facility, '2025');
      const product = evaluation!.products[0]!;
      expect(product.verdict).toBe('saved');
      expect(product.uncertainty).toMatchObject({ distinguishable: true });
      expect({ status, reasons }).toEqual({ status: 'INCOMPLETE', reasons: ['audit-missing'] });
    },
  );
});
