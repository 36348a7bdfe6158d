/** A small programme in memory: one applicant with a heat meter and a product meter, its supplier, packages a month each. */
import { parseDecimal } from '../../src/calc/decimal.ts';
import { encodeEntry } from '../../src/ledger/entry.ts';
import type { Finding } from '../../src/ledger/finding.ts';
import { documentDigest } from '../../src/programme/dated-document.ts';
import { auditedPackages, commitsRoot } from '../../src/programme/audit-set.ts';
import { addDuration, calendarWindows, type Span, startOfDay } from '../../src/programme/calendar.ts';
import { type Decided, decide } from '../../src/programme/decide.ts';
import { parseDocument } from '../../src/programme/document.ts';
import {
  acceptContent,
  admitContent,
  type AdmitContent,
  auditContent,
  type AuditContent,
  type AuditVerdict,
  correctContent,
  type CorrectionReason,
  type PackageContent,
} from '../../src/programme/entries.ts';
import { encodeFigures, type FiguresLine } from '../../src/programme/figures.ts';
import { commitTo, figuresContext, type PackagePayload } from '../../src/programme/package.ts';
import { type Period, periodNamed, policyInForce } from '../../src/programme/rules.ts';
import type { Organisation, ProgrammeState } from '../../src/programme/state.ts';
import { decisionEntry } from './decision-entry.ts';
import { type PolicyChoices, policyText } from './policy-text.ts';
import { type Actor, createWorld, entryOf, packageEntry, type World } from './world.ts';

export const DAY = 86_400;
export const MONTH = { years: 0, months: 1, days: 0, seconds: 0 };
export const SUPPLY_POINT = 'gate';

export const METERS = `
  heat: {kind: energy, at: gate, counts: use, unit: mmBtu}
  out: {kind: product, product: electricity, unit: MWh}`;

export const boundaryText = (
  meters = METERS,
  points = '{gate: {carrier: waste_coal}}',
): string => `joulemark: boundary/1
applicant: Plant
supply_points: ${points}
meters:${meters}
`;

export interface SceneChoices {
  readonly policy?: PolicyChoices;
  /** Changes the policy's text after it is made. */
  readonly edit?: (policy: string) => string;
  readonly boundary?: string;
  /** When the ledger is founded, the boundary accepted and the applicant admitted. */
  readonly founded?: string;
  readonly admit?: Partial<AdmitContent>;
}

export interface Scene {
  readonly world: World;
  readonly plant: Actor;
  readonly supplier: Actor;
}

/** Midnight UTC that begins a day, or a month or year given without it. */
export const at = (date: string): number => startOfDay(`${date}-01-01`.slice(0, 10), 'UTC');

export const documentEntry = (type: string, text: string): Uint8Array =>
  encodeEntry(type, new Map([['document', parseDocument(text, `${type}.yaml`)]]));
export const digestOf = (text: string): ReturnType<typeof documentDigest> =>
  documentDigest(parseDocument(text, 'document.yaml'));

export function createScene(choices: SceneChoices = {}): Scene {
  const { edit = (text) => text, boundary = boundaryText(), founded = '2023-12-01', admit = {} } = choices;
  const policy = edit(policyText({ first: '2024-01-01', ...choices.policy }));
  const world = createWorld(parseDocument(policy, 'policy.yaml'), at(founded));
  const supplier = world.join('Supplier');
  const plant = world.join('Plant');
  const relations = [{ applicant: plant.id, relation: 'upstream' as const, labels: [SUPPLY_POINT] }];
  world.append(plant, documentEntry('boundary', boundary));
  world.broadcast(
    entryOf('admit', admitContent, { org: plant.id, roles: ['applicant'], relations: [], ...admit }),
    entryOf('admit', admitContent, { org: supplier.id, roles: ['auditor'], relations }),
  );
  world.append(world.body, entryOf('accept', acceptContent, { org: plant.id, boundary: digestOf(boundary) }));
  return { world, plant, supplier };
}

/** The month '2024-03'. */
export function monthSpan(month: string): Span {
  const start = at(month);
  return { start, end: addDuration(start, MONTH, 'UTC') };
}

export const quantity = (text: string, more: Partial<PackagePayload> = {}): PackagePayload => ({
  quantity: parseDecimal(text),
  unit: 'mmBtu',
  provenance: 'metered',
  ...more,
});

export function heatPackage(
  { world, plant }: Scene,
  { start, end }: Span,
  amount: string,
  more: Partial<PackagePayload> = {},
): PackageContent {
  return world.packageOf(plant, 'heat', 'energy', start, end, quantity(amount, more));
}

export function outPackage(
  { world, plant }: Scene,
  { start, end }: Span,
  amount: string,
  more: Partial<PackagePayload> = {},
): PackageContent {
  return world.packageOf(plant, 'out', 'product', start, end, quantity(amount, { unit: 'MWh', ...more }));
}

/** Appends packages to the plant's chain and covers them at a time. */
export function submit({ world, plant }: Scene, time: number, ...packages: readonly PackageContent[]): void {
  world.append(plant, ...packages.map(packageEntry));
  broadcastAt({ world }, time);
}

export function broadcastAt({ world }: Pick<Scene, 'world'>, time: number): void {
  world.time = time;
  world.broadcast();
}

export const correction = (
  replaces: PackageContent,
  replacement: PackageContent,
  reason: CorrectionReason = 'meter_error',
): Uint8Array => entryOf('correct', correctContent, { replaces: replaces.commit, package: replacement, reason });

export const monthsOf = (year: string): readonly Span[] =>
  calendarWindows(at(year), at(String(Number(year) + 1)), MONTH, 'UTC');

/** The packages of a year, month by month, each month covered a day after its end. */
export function submitYear(
  scene: Scene,
  year: string,
  energy: string,
  product: string,
  change: (packages: readonly PackageContent[], month: number) => readonly PackageContent[] = (same) => same,
): void {
  for (const [index, month] of monthsOf(year).entries()) {
    submit(
      scene,
      Math.max(scene.world.time, month.end + DAY),
      ...change([heatPackage(scene, month, energy), outPackage(scene, month, product)], index + 1),
    );
  }
}

/** An audit entry over exactly the packages that count now. */
export function auditOf(
  { world, plant }: Scene,
  state: ProgrammeState,
  auditor: Actor,
  window: Span,
  more: {
    readonly verdict?: AuditVerdict;
    readonly lines?: readonly FiguresLine[];
    readonly labels?: readonly string[];
    readonly change?: (content: AuditContent) => AuditContent;
  } = {},
): Uint8Array {
  const { verdict = 'pass', lines = [], labels = [SUPPLY_POINT], change = (same) => same } = more;
  const span = [window.start, window.end] as const;
  const payload = encodeFigures({ relation: 'upstream', method: 'reconcile', proposal: verdict, lines });
  const { salt, commit } = commitTo(figuresContext(auditor.id, plant.id, 'upstream', span), payload, (message) =>
    auditor.makeSalt(message),
  );
  const root = commitsRoot(auditedPackages(state.organisations.get(plant.id)!, 'upstream', labels, window));
  return entryOf(
    'audit',
    auditContent,
    change({
      applicant: plant.id,
      relation: 'upstream',
      labels,
      window: span,
      at: world.body.state.seq,
      root,
      verdict,
      figures: commit,
      salt,
      payload,
    }),
  );
}

/** The supplier's audit of a whole year, covered three weeks after it. */
export function auditYear(scene: Scene, year: string, verdict: AuditVerdict = 'pass'): void {
  const window = { start: at(year), end: at(String(Number(year) + 1)) };
  scene.world.append(scene.supplier, auditOf(scene, scene.world.replay().state, scene.supplier, window, { verdict }));
  broadcastAt(scene, Math.max(scene.world.time, window.end + 21 * DAY));
}

export const plantOf = ({ plant }: Scene, state: ProgrammeState): Organisation => state.organisations.get(plant.id)!;

export function periodOf(state: ProgrammeState, label: string): Period {
  for (const { value } of state.policies.toReversed()) {
    const period = periodNamed(value, label);
    if (period !== undefined && policyInForce(state.policies, period.start)?.value === value) return period;
  }
  throw new Error(`no period '${label}'`);
}

export function decideAt(
  scene: Scene,
  label: string,
  time: number,
): { readonly state: ProgrammeState; readonly decided: Decided } {
  const { state } = scene.world.replay();
  return { state, decided: decide(state, plantOf(scene, state), periodOf(state, label), time) };
}

/** Decides a year 65 days after its end and puts the decision on the ledger. */
export function decideYear(scene: Scene, year: string): Decided {
  scene.world.time = at(String(Number(year) + 1)) + 65 * DAY;
  const { decided } = decideAt(scene, year, scene.world.time);
  scene.world.append(scene.world.body, decisionEntry(scene.world, decided));
  return decided;
}

export const codesOf = (findings: readonly Finding[]): readonly string[] => findings.map(({ code }) => code);
