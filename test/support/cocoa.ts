import { parseDecimal } from '../../src/calc/decimal.ts';
import { calendarWindows, startOfDay } from '../../src/programme/calendar.ts';
import { parseDocument } from '../../src/programme/document.ts';
import { acceptContent, admitContent } from '../../src/programme/entries.ts';
import { policyText } from './policy-text.ts';
import { at, digestOf, documentEntry, MONTH, monthSpan } from './scene.ts';
import { hasShared, sharedJson, sharedText } from './shared.ts';
import { type Actor, createWorld, entryOf, packageEntry, type World } from './world.ts';

/**
 * The example account of Oak Ridge National Laboratory's VERIFI: three plants of a cocoa company, monthly bills whose read dates are no
 * month's ends, production and degree days. Illustrative data of others with the figures that another program gives.
 */
const FOLDER = 'data/ornl-verifi-cocoa-example/';

interface Named {
  readonly guid: string;
  readonly facilityId: string;
  readonly name: string;
}

interface Account {
  readonly facilities: readonly { readonly guid: string; readonly name: string }[];
  readonly meters: readonly (Named & { readonly source: string; readonly groupId: string })[];
  readonly meterData: readonly ({ readonly meterId: string; readonly totalEnergyUse: number } & Dated)[];
  readonly predictors: readonly Named[];
  readonly predictorDataV2: readonly {
    readonly predictorId: string;
    readonly amount: number;
    readonly month: number;
    readonly year: number;
  }[];
  readonly groups: readonly Named[];
}
interface Dated {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export const cocoaAccount: Account = hasShared
  ? sharedJson<Account>(`${FOLDER}ExampleAccount.json`)
  : ({ facilities: [] } as never);

/** The rows of a table of the folder, by the names of its columns; none without the test data. */
export function cocoaTable(file: string): readonly Readonly<Record<string, string>>[] {
  if (!hasShared) return [];
  const [head = '', ...lines] = sharedText(`${FOLDER}${file}`).trim().split('\n');
  const columns = head.split(',');
  return lines.map((line) => {
    // a cell in quotes holds commas
    const cells = [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/gu)].map(
      ([, quoted, plain]) => quoted ?? plain ?? '',
    );
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
  });
}

/** What is asked of the account: all energy of the plants, or that of one group of meters. */
export interface CocoaQuestion {
  readonly baselineYear: number;
  readonly period: 'P1Y' | 'P3M';
  /** Absent: all plants, all their meters, by production and both kinds of degree days. */
  readonly group?: { readonly facility: string; readonly group: string; readonly variables: readonly string[] };
  /** mmBtu of a kWh: of the site, or of what was burnt for it. */
  readonly electricity: string;
}

const DAY = 86_400;
/** A number of the account, as a package holds it: no more than 15 digits. */
const decimalOf = (value: number) => parseDecimal(String(Number(value.toPrecision(15))));
const two = (value: number): string => String(value).padStart(2, '0');
const dateOf = ({ year, month, day }: Dated): number => startOfDay(`${year}-${two(month)}-${two(day)}`, 'UTC');
/** A meter's name from the account's: letters, digits, '-'. */
const nameOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .replaceAll(/^-|-$/gu, '');

const tableText = (electricity: string): string => `joulemark: table/1
name: verifi
edition: "0.15"
rows:
  electricity: {unit: kWh, factor: "${electricity}", factor_unit: mmBtu/kWh}
  gas: {unit: mmBtu, factor: "1", factor_unit: mmBtu/mmBtu}
`;

/** 'HDD', 'HDD Generated (60F)' -> hdd; the name under which a plant records it. */
const weatherOf = (name: string): string => name.slice(0, 3).toLowerCase();
const isWeather = (name: string): boolean => /^[HC]DD/u.test(name);

/** Bills may straddle months and years here, and are spread over their days. */
function policyOf({ baselineYear, period, group }: CocoaQuestion): string {
  const weather = group === undefined ? ['hdd', 'cdd'] : group.variables.filter(isWeather).map(weatherOf);
  const method = `
  method:
    regression:
      rows: month
      products: {cocoa: [output, ${weather.join(', ')}]}
      variables: {${weather.map((name) => `${name}: {takes: sum}`).join(', ')}}
      coverage: "1"
      degrees_of_freedom: terms
      validity: {model_p: "0.10", variable_p: "0.20", one_variable_p: "0.10", r2: "0.5", deviations: "3"}
      confidence: "0.90"
      verdict: print`;
  return policyText({
    first: '2021-01-01',
    length: period,
    unit: 'mmBtu',
    table: 'verifi',
    baseline: `{from: ${baselineYear}-01-01, to: ${baselineYear + 1}-01-01}`,
    carriers: '{electricity: {unit: kWh, row: electricity}, gas: {unit: mmBtu, row: gas}}',
    products: '{cocoa: {basis: quantity, unit: lot}}',
  })
    .replace('\n  rule_fixed:', `${method}\n  rule_fixed:`)
    .replace('straddling: refuse', 'straddling: prorate')
    .replace('longest_interval: P35D', 'longest_interval: P70D')
    .replace('per_meter: "0.90", joint: "0.90", longest_gap: P10D', 'per_meter: "0", joint: "0", longest_gap: P400D');
}

type Meter = Account['meters'][number];
const isElectric = ({ source }: Meter): boolean => source === 'Electricity';

function metersOf(facility: string, group: CocoaQuestion['group']): readonly Meter[] {
  const all = cocoaAccount.meters.filter(({ facilityId }) => facilityId === facility);
  if (group === undefined) return all;
  const found = cocoaAccount.groups.find(({ name, facilityId }) => name === group.group && facilityId === facility)!;
  return all.filter(({ groupId }) => groupId === found.guid);
}

const predictorsOf = (facility: string): readonly Named[] =>
  cocoaAccount.predictors.filter(({ facilityId }) => facilityId === facility);

function boundaryOf(facility: string, group: CocoaQuestion['group']): string {
  const meters = metersOf(facility, group).map((meter) => {
    const [carrier, unit] = isElectric(meter) ? ['electricity', 'kWh'] : ['gas', 'mmBtu'];
    return `  ${nameOf(meter.name)}: {kind: energy, carrier: ${carrier}, counts: use, reads: bill, unit: ${unit}, accuracy: "0.005"}`;
  });
  const weather = predictorsOf(facility)
    .filter(({ name }) => isWeather(name))
    .map(({ name }) => `  ${weatherOf(name)}: {kind: variable, unit: Fd}`);
  return `joulemark: boundary/1
applicant: Cocoa Co.
supply_points: {}
meters:
${[...meters, ...weather].join('\n')}
  out: {kind: product, product: cocoa, unit: lot, accuracy: "0.005"}
`;
}

/** A bill read on 3 March and 2 April covers [4 March, 3 April): what it says is of the days up to its own. */
function billsOf(world: World, actor: Actor, meter: Meter): readonly Uint8Array[] {
  const bills = cocoaAccount.meterData
    .filter(({ meterId }) => meterId === meter.guid)
    .toSorted((a, b) => dateOf(a) - dateOf(b));
  const unit = isElectric(meter) ? 'kWh' : 'mmBtu';
  const toEntry = (from: number, to: number, energy: number) =>
    packageEntry(
      world.packageOf(actor, nameOf(meter.name), 'energy', from, to, {
        quantity: decimalOf(energy),
        unit,
        provenance: 'metered' as const,
      }),
    );
  const first = dateOf(bills[0]!) + DAY;
  return [
    // the solar plant was built in 2024: before that nothing came through its meter, which is said month by month
    ...calendarWindows(at('2022'), first, MONTH, 'UTC').map(({ start, end }) =>
      toEntry(start, Math.min(end, first), 0),
    ),
    ...bills
      .slice(1)
      .map((bill, index) => toEntry(dateOf(bills[index]!) + DAY, dateOf(bill) + DAY, bill.totalEnergyUse)),
  ];
}

function monthsOf(world: World, actor: Actor, predictor: Named): readonly Uint8Array[] {
  const [meter, kind, unit] = isWeather(predictor.name)
    ? [weatherOf(predictor.name), 'variable', 'Fd']
    : ['out', 'product', 'lot'];
  return cocoaAccount.predictorDataV2
    .filter(({ predictorId, year }) => predictorId === predictor.guid && year >= 2022)
    .map(({ amount, year, month }) => {
      const { start, end } = monthSpan(`${year}-${two(month)}`);
      const payload = { quantity: decimalOf(amount), unit, provenance: 'metered' as const };
      return packageEntry(world.packageOf(actor, meter, kind, start, end, payload));
    });
}

/** A ledger with the plants as applicants, every bill, month of production and month of degree days a package. */
export function foundCocoa(question: CocoaQuestion): {
  readonly world: World;
  readonly plants: ReadonlyMap<string, Actor>;
} {
  const { group } = question;
  const world = createWorld(parseDocument(policyOf(question), 'policy.yaml'), startOfDay('2020-12-01', 'UTC'));
  world.append(world.body, documentEntry('table', tableText(question.electricity)));
  const facilities = cocoaAccount.facilities.filter(({ name }) => group === undefined || name === group.facility);
  const plants = new Map<string, Actor>();
  for (const { guid, name } of facilities) {
    const plant = world.join(name);
    plants.set(name, plant);
    const boundary = boundaryOf(guid, group);
    world.append(plant, documentEntry('boundary', boundary));
    world.broadcast(entryOf('admit', admitContent, { org: plant.id, roles: ['applicant'], relations: [] }));
    world.append(world.body, entryOf('accept', acceptContent, { org: plant.id, boundary: digestOf(boundary) }));
  }
  world.time = startOfDay('2026-04-15', 'UTC');
  const output = group?.variables[0] ?? 'Production';
  for (const { guid, name } of facilities) {
    const plant = plants.get(name)!;
    for (const meter of metersOf(guid, group)) world.append(plant, ...billsOf(world, plant, meter));
    for (const predictor of predictorsOf(guid))
      if (predictor.name === output || isWeather(predictor.name))
        world.append(plant, ...monthsOf(world, plant, predictor));
  }
  world.broadcast();
  return { world, plants };
}
