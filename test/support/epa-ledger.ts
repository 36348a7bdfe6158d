import { parseDecimal, ZERO_DECIMAL } from '../../src/calc/decimal.ts';
import {
  addRatio,
  compareRatio,
  divideRatio,
  type Rational,
  ratioOfDecimal,
  ratioOfText,
  ZERO,
} from '../../src/calc/ratio.ts';
import { benchmark } from '../../src/calc/benchmark.ts';
import { reconcileUpstream } from '../../src/calc/reconcile.ts';
import { encodeEntry } from '../../src/ledger/entry.ts';
import { auditedPackages, commitsRoot } from '../../src/programme/audit-set.ts';
import { calendarWindows, type Span, startOfDay } from '../../src/programme/calendar.ts';
import { documentDigest } from '../../src/programme/dated-document.ts';
import { parseDocument } from '../../src/programme/document.ts';
import {
  acceptContent,
  admitContent,
  auditContent,
  type AuditVerdict,
  type RelationKind,
} from '../../src/programme/entries.ts';
import { type AuditFigures, encodeFigures } from '../../src/programme/figures.ts';
import { commitTo, figuresContext } from '../../src/programme/package.ts';
import type { CountedPackage } from '../../src/programme/packages.ts';
import type { ProgrammeState } from '../../src/programme/state.ts';
import { type Plant, type PlantDay, PLANTS, readPlant } from './epa.ts';
import { policyText } from './policy-text.ts';
import { type Actor, createWorld, entryOf, packageEntry, type World } from './world.ts';

const DAY = 86_400;
const SUPPLY_POINT = 'coal-gate';
const MONTH = { years: 0, months: 1, days: 0, seconds: 0 };

/** The four plants on a ledger, each with its chain. */
export interface EpaLedger {
  readonly world: World;
  readonly supplier: Actor;
  readonly plants: readonly { readonly plant: Plant; readonly actor: Actor }[];
}

export interface EpaChoices {
  /** Years whose packages are submitted. */
  readonly years: readonly string[];
  /** Days whose energy package is held back. */
  readonly isWithheld?: (plant: Plant, day: PlantDay) => boolean;
}

export const midnight = (date: string): number => startOfDay(date, 'UTC');

/**
 * A ledger as it would have grown: founded and its rules fixed before 2013, then each month the packages of every plant and a
 * broadcast. Policy: baseline 2013-2015, one relation needed.
 */
export function createEpaLedger({ years, isWithheld = () => false }: EpaChoices): EpaLedger {
  const policy = parseDocument(policyText({ baseline: '{from: 2013-01-01, to: 2016-01-01}' }), 'policy.yaml');
  const world = createWorld(policy, midnight('2012-12-01'));
  const supplier = world.join('Coal supplier');
  const plants = PLANTS.map(readPlant).map((plant) => ({ plant, actor: world.join(plant.name) }));
  const digests = plants.map(({ plant, actor }) => {
    const boundary = parseDocument(boundaryText(plant), 'boundary.yaml');
    world.append(actor, encodeEntry('boundary', new Map([['document', boundary]])));
    return documentDigest(boundary);
  });
  world.broadcast();
  for (const [index, { plant, actor }] of plants.entries()) {
    const peers = plants.filter((other) => other.actor !== actor && other.plant.productType === plant.productType);
    const relations = peers.map((peer) => ({
      applicant: peer.actor.id,
      relation: 'peer' as const,
      labels: [plant.productType],
    }));
    world.append(
      world.body,
      entryOf('accept', acceptContent, { org: actor.id, boundary: digests[index]! }),
      entryOf('admit', admitContent, { org: actor.id, roles: ['applicant', 'auditor'], relations }),
    );
  }
  const relations = plants.map(({ actor }) => ({
    applicant: actor.id,
    relation: 'upstream' as const,
    labels: [SUPPLY_POINT],
  }));
  world.append(world.body, entryOf('admit', admitContent, { org: supplier.id, roles: ['auditor'], relations }));
  for (const month of calendarWindows(midnight('2013-01-01'), midnight('2023-01-01'), MONTH, 'UTC')) {
    const label = new Date(month.start * 1000).toISOString().slice(0, 7);
    if (years.includes(label.slice(0, 4))) for (const row of plants) submitMonth(world, row, label, isWithheld);
    world.time = month.end + DAY;
    world.broadcast();
  }
  return { world, supplier, plants };
}

function boundaryText(plant: Plant): string {
  return `joulemark: boundary/1
applicant: ${plant.name}
supply_points: {${SUPPLY_POINT}: {carrier: waste_coal}}
meters:
  heat: {kind: energy, at: ${SUPPLY_POINT}, counts: use, unit: mmBtu}
  out: {kind: product, product: ${plant.productType}, unit: ${plant.productUnit}}
`;
}

function submitMonth(
  world: World,
  { plant, actor }: EpaLedger['plants'][number],
  month: string,
  isWithheld: NonNullable<EpaChoices['isWithheld']>,
): void {
  const entries = plant.days
    .filter((day) => day.date.startsWith(month))
    .flatMap((day) => {
      const start = midnight(day.date);
      const seal = (meter: string, kind: string, text: string | undefined, unit: string): Uint8Array =>
        packageEntry(
          world.packageOf(actor, meter, kind, start, start + DAY, {
            quantity: text === undefined ? ZERO_DECIMAL : parseDecimal(text),
            unit,
            provenance: text === undefined ? 'idle' : 'metered',
          }),
        );
      const product = seal('out', 'product', day.product, plant.productUnit);
      return isWithheld(plant, day) ? [product] : [seal('heat', 'energy', day.energy, 'mmBtu'), product];
    });
  world.append(actor, ...entries);
}

/** What the supplier's own books say that it delivered: the published heat input of every day, withheld or not. */
function delivered(plant: Plant, { start, end }: Span): Rational {
  return plant.days.reduce(
    (sum, day) =>
      inside(midnight(day.date), { start, end }) && day.energy !== undefined
        ? addRatio(sum, ratioOfText(day.energy))
        : sum,
    ZERO,
  );
}

const inside = (instant: number, { start, end }: Span): boolean => instant >= start && instant < end;
const total = (packages: readonly CountedPackage[], kind: string): Rational =>
  packages.reduce(
    (sum, { kind: own, payload }) => (own === kind ? addRatio(sum, ratioOfDecimal(payload.quantity)) : sum),
    ZERO,
  );

/** Every audit of 2022: the supplier's by its own books, month by month, and of each plant the one peer that there is. */
export function auditYear(
  ledger: EpaLedger,
  state: ProgrammeState,
  options: { readonly supplier: 'honest' | 'colluding' },
): void {
  const { world, supplier, plants } = ledger;
  const months = calendarWindows(midnight('2022-01-01'), midnight('2023-01-01'), MONTH, 'UTC');
  for (const { plant, actor } of plants) {
    const upstream = months.map((month) =>
      auditEntry(
        ledger,
        state,
        { auditor: supplier, applicant: actor, relation: 'upstream', label: SUPPLY_POINT, month },
        (packages) => {
          const reported = total(packages, 'energy');
          const expected = delivered(plant, month);
          const { agrees, difference } = reconcileUpstream({
            reported,
            delivered: expected,
            loss: ZERO,
            tolerance: ratioOfText('0.02'),
          });
          const verdict = agrees || options.supplier === 'colluding' ? 'pass' : 'fail';
          const line = {
            label: SUPPLY_POINT,
            unit: 'mmBtu',
            reported,
            expected,
            difference: options.supplier === 'honest' ? difference : ZERO,
            agrees,
          };
          return {
            verdict,
            figures: {
              relation: 'upstream',
              method: 'reconcile',
              all_supply_points: true,
              proposal: verdict,
              lines: [line],
            },
          };
        },
      ),
    );
    world.append(supplier, ...upstream);
    for (const peer of plants.filter(
      (other) => other.actor !== actor && other.plant.productType === plant.productType,
    )) {
      const entries = months.map((month) =>
        auditEntry(
          ledger,
          state,
          { auditor: peer.actor, applicant: actor, relation: 'peer', label: plant.productType, month },
          (packages) => {
            const own = intensityOf(packages);
            const other = intensityOf(
              auditedPackages(state.organisations.get(peer.actor.id)!, 'peer', [plant.productType], month),
            );
            const rules = {
              robustFrom: 5,
              query: ratioOfText('2'),
              action: ratioOfText('3'),
              band: ratioOfText('0.30'),
            };
            // the small-number rule: with one other there is no verdict whatever the figures
            const { proposal, others, method } = benchmark(own ?? ZERO, other === null ? [] : [other], rules);
            const verdict = proposal === 'query' || proposal === 'action' ? 'fail' : proposal;
            return { verdict, figures: { relation: 'peer', method, others, proposal: verdict, lines: [] } };
          },
        ),
      );
      world.append(peer.actor, ...entries);
    }
  }
}

function intensityOf(packages: readonly CountedPackage[]): Rational | null {
  const product = total(packages, 'product');
  return compareRatio(product, ZERO) === 0 ? null : divideRatio(total(packages, 'energy'), product);
}

interface AuditPlan {
  readonly auditor: Actor;
  readonly applicant: Actor;
  readonly relation: RelationKind;
  readonly label: string;
  readonly month: Span;
}

function auditEntry(
  { world }: EpaLedger,
  state: ProgrammeState,
  { auditor, applicant, relation, label, month }: AuditPlan,
  judge: (packages: readonly CountedPackage[]) => { readonly verdict: AuditVerdict; readonly figures: AuditFigures },
): Uint8Array {
  const packages = auditedPackages(state.organisations.get(applicant.id)!, relation, [label], month);
  const { verdict, figures } = judge(packages);
  const window = [month.start, month.end] as const;
  const payload = encodeFigures(figures);
  const { salt, commit } = commitTo(figuresContext(auditor.id, applicant.id, relation, window), payload, (message) =>
    auditor.makeSalt(message),
  );
  return entryOf('audit', auditContent, {
    applicant: applicant.id,
    relation,
    labels: [label],
    window,
    at: world.body.state.seq,
    root: commitsRoot(packages),
    verdict,
    figures: commit,
    salt,
    payload,
  });
}
