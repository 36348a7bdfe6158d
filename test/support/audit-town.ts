/** A certification body, a works, its electricity supplier, a customer and a peer, each with a real home, around one hub. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startOfDay } from '../../src/programme/calendar.ts';
import { type PolicyChoices, policyText } from './policy-text.ts';
import { PROJECT_ROOT } from './sources.ts';
import { createTown, type Town } from './town.ts';

export const DAY = 86_400;
export const at = (date: string): number => startOfDay(date, 'UTC');

/** `more`: lines of meters, each with two blanks before it. */
export const boundaryOf = (name: string, more = ''): string => `joulemark: boundary/1
applicant: ${name}
supply_points: {grid: {carrier: electricity, loss_to_site: "0.01"}}
meters:
  main: {kind: energy, at: grid, counts: import, unit: kWh, accuracy: "0.005"}
  out: {kind: product, product: cement, unit: t}
  sold: {kind: shipment, product: cement, unit: t}
${more}`;

/** The policy of these towns: electricity, cement, GJ, from 2026 on. */
export const townPolicy = (more: PolicyChoices = {}): string =>
  policyText({
    first: '2026-01-01',
    unit: 'GJ',
    table: 'energy-units',
    carriers: '{electricity: {unit: kWh, row: electricity}}',
    products: '{cement: {basis: quantity, unit: t}}',
    ...more,
  });

export const METER_PROFILE = `joulemark: profile/1
reads: meters
file: {encoding: utf-8}
time: {column: day, format: yyyy-MM-dd, zone: UTC}
shape: wide
columns:
  kwh: {meter: main, unit: kWh}
  cement: {meter: out, unit: t}
  pearl: {meter: sold, unit: t, party: Pearl}
`;

export const DELIVERIES = `joulemark: profile/1
reads: deliveries
file: {encoding: utf-8, delimiter: ";"}
time: {from: from, to: to, format: yyyy-MM-dd, zone: UTC, stamp: reading}
shape: {account: account, value: kwh, unit: kWh}
account: {"0318": grid}
accuracy: {grid: "0.002"}
`;

export const RECEIPTS = `joulemark: profile/1
reads: receipts
file: {encoding: utf-8}
time: {column: day, format: yyyy-MM-dd, zone: UTC}
shape: {product: article, value: tonnes, unit: t}
product: {PO42: cement}
`;

/** Days from a month's first, 990 kWh and 10 t each, half of it to Pearl. `kwh`: by day of the month; `days`: how many, else all. */
export function meterRows(
  month: string,
  kwh: (day: number) => string = () => '990',
  days = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate(),
): string {
  const rows = Array.from(
    { length: days },
    (_, index) => `${month}-${String(index + 1).padStart(2, '0')},${kwh(index + 1)},10,5`,
  );
  return ['day,kwh,cement,pearl', ...rows].join('\n');
}

export interface AuditTown extends Town {
  readonly ledger: string;
  /** Everybody publishes, the body broadcasts, everybody fetches. */
  turn(...names: readonly string[]): Promise<void>;
  /** The works submits a month; the clock stands two days after its end, and the month is broadcast. */
  submit(month: string, kwh?: (day: number) => string): Promise<void>;
}

/** Everybody publishes, the body broadcasts, everybody fetches. */
async function turnOf(town: Town, names: readonly string[]): Promise<void> {
  for (const name of names) await town.ok(name, 'sync');
  await town.ok('body', 'broadcast');
  for (const name of names) await town.ok(name, 'sync');
}

/** A programme founded in the home `body`, its table published, a hub beside it, and a home joined for each member: folder -> name. */
export async function foundTown(
  town: Town,
  policy: string,
  members: Readonly<Record<string, string>>,
  table = readFileSync(`${PROJECT_ROOT}fixtures/tables/energy-units.yaml`, 'utf8'),
): Promise<{ readonly ledger: string; readonly turn: (...names: readonly string[]) => Promise<void> }> {
  town.write('body', 'policy.yaml', policy);
  await town.ok('body', 'init', 'Body');
  const { ledger } = await town.json<{ ledger: string }>('body', 'programme', 'create', 'policy.yaml');
  const hub = join(town.root, 'hub.git');
  await town.ok('body', 'remote', 'init', hub);
  await town.ok('body', 'remote', 'add', 'hub', hub);
  town.write('body', 'table.yaml', table);
  await town.ok('body', 'table', 'publish', 'table.yaml');
  await town.ok('body', 'sync');
  for (const [folder, name] of Object.entries(members)) {
    await town.ok(folder, 'init', name);
    await town.ok(folder, 'join', hub, '--ledger', ledger);
  }
  return { ledger, turn: (...names) => turnOf(town, names) };
}

export async function createAuditTown(
  more: { readonly baselineAudited?: 'required' | 'printed' } = {},
): Promise<AuditTown> {
  const town = createTown(at('2025-12-10'));
  const policy = townPolicy({
    baselineMore: '  adjustment: {quantified: yes, reason: yes, asked_by: applicant, admitted_by: body}\n',
    ...more,
  });
  const members = { works: 'Works', grid: 'Grid', pearl: 'Pearl', peer: 'Peer' };
  const everybody = Object.keys(members);
  const { ledger, turn } = await foundTown(town, policy, members);
  const auditTown: AuditTown = Object.assign(town, {
    ledger,
    turn,
    submit: async (month: string, kwh?: (day: number) => string) => {
      town.now = Math.max(town.now, at(`${month}-01`) + 33 * DAY);
      town.write('works', `${month}.csv`, meterRows(month, kwh));
      await town.ok('works', 'meter', 'submit', `${month}.csv`, '--profile', 'meters.yaml');
      await turn(...everybody);
    },
  });
  town.write('works', 'boundary.yaml', boundaryOf('Works'));
  town.write('works', 'meters.yaml', METER_PROFILE);
  town.write('grid', 'deliveries.yaml', DELIVERIES);
  town.write('pearl', 'receipts.yaml', RECEIPTS);
  await town.ok('works', 'boundary', 'set', 'boundary.yaml');
  await turn(...everybody);
  await town.ok('body', 'org', 'admit', 'Works', '--role', 'applicant');
  await town.ok('body', 'boundary', 'accept', 'Works');
  for (const [name, relation] of [
    ['Grid', 'upstream:Works:grid'],
    ['Pearl', 'downstream:Works:cement'],
    ['Peer', 'peer:Works:cement'],
  ] as const)
    await town.ok('body', 'org', 'admit', name, '--role', 'auditor', '--relation', relation);
  await turn(...everybody);
  return auditTown;
}
