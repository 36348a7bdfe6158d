/** Which audits count does not depend on how often they were written, in what blocks, or who was covered first. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countAudits } from '../../src/programme/audit-count.ts';
import { auditedPackages, commitsRoot } from '../../src/programme/audit-set.ts';
import { weighAudits } from '../../src/programme/audit-standing.ts';
import type { Span } from '../../src/programme/calendar.ts';
import { admitContent, auditContent, type AuditVerdict } from '../../src/programme/entries.ts';
import { encodeFigures } from '../../src/programme/figures.ts';
import { commitTo, figuresContext } from '../../src/programme/package.ts';
import {
  createScene,
  DAY,
  heatPackage,
  monthsOf,
  plantOf,
  type Scene,
  submit,
  SUPPLY_POINT,
} from '../support/scene.ts';
import { type Actor, entryOf } from '../support/world.ts';

const MONTHS = monthsOf('2024').slice(0, 2);
const AUDITORS = 3;

/** One judgement of an auditor, written `copies` times, then perhaps broadcast. */
interface Step {
  readonly auditor: number;
  readonly month: number;
  readonly verdict: AuditVerdict;
  readonly copies: number;
  readonly oneBlock: boolean;
  readonly broadcast: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  auditor: fc.nat(AUDITORS - 1),
  month: fc.nat(MONTHS.length - 1),
  verdict: fc.constantFrom('pass', 'pass_with_remarks', 'fail', 'cannot_judge'),
  copies: fc.integer({ min: 1, max: 3 }),
  oneBlock: fc.boolean(),
  broadcast: fc.boolean(),
});

function entryOfStep(
  { world, plant }: Scene,
  auditor: Actor,
  window: Span,
  verdict: AuditVerdict,
  at: number,
): Uint8Array {
  const applicant = world.replay().state.organisations.get(plant.id)!;
  const span = [window.start, window.end] as const;
  const payload = encodeFigures({ relation: 'upstream', method: 'books', proposal: verdict, lines: [] });
  const { salt, commit } = commitTo(figuresContext(auditor.id, plant.id, 'upstream', span), payload, (message) =>
    auditor.makeSalt(message),
  );
  const root = commitsRoot(auditedPackages(applicant, 'upstream', [SUPPLY_POINT], window));
  return entryOf('audit', auditContent, {
    applicant: plant.id,
    relation: 'upstream',
    labels: [SUPPLY_POINT],
    window: span,
    at,
    root,
    verdict,
    figures: commit,
    salt,
    payload,
  });
}

/** Plays steps and says which judgements count and how the relation stands. */
function play(steps: readonly Step[]): { readonly counted: readonly string[]; readonly standing: unknown } {
  const scene = createScene();
  const { world, plant } = scene;
  const auditors = [scene.supplier, world.join('Second'), world.join('Third')];
  for (const month of MONTHS) submit(scene, month.end + DAY, heatPackage(scene, month, '1000'));
  for (const auditor of auditors.slice(1))
    world.append(
      world.body,
      entryOf('admit', admitContent, {
        org: auditor.id,
        roles: ['auditor'],
        relations: [{ applicant: plant.id, relation: 'upstream', labels: [SUPPLY_POINT] }],
      }),
    );
  const at = world.body.state.seq;
  for (const { auditor: index, month, verdict, copies, oneBlock, broadcast } of steps) {
    const auditor = auditors[index]!;
    const entry = entryOfStep(scene, auditor, MONTHS[month]!, verdict, at);
    const written = Array.from({ length: copies }, () => entry);
    if (oneBlock) world.append(auditor, ...written);
    else for (const one of written) world.append(auditor, one);
    if (broadcast) world.broadcast();
  }
  world.broadcast();
  const { state } = world.replay();
  const applicant = plantOf(scene, state);
  const { counted } = countAudits(state, applicant);
  const window = { start: MONTHS[0]!.start, end: MONTHS[1]!.end };
  return {
    counted: counted
      .map(
        ({ auditor, content }) => `${state.organisations.get(auditor)!.name} ${content.window[0]} ${content.verdict}`,
      )
      .sort(),
    standing: weighAudits(
      state,
      applicant,
      state.policies[0]!.value,
      applicant.boundaries[0]!.value,
      new Map(),
      counted,
      window,
    ),
  };
}

/** Every auditor's own steps in their order, the auditors in another order. */
const regrouped = (steps: readonly Step[], order: readonly number[]): readonly Step[] =>
  order.flatMap((auditor) => steps.filter((one) => one.auditor === auditor));

describe('counting', () => {
  test('knows neither copies, nor blocks, nor who was covered first', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 6 }),
        fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
        (steps, order) => {
          const once = steps.map((one) => ({ ...one, copies: 1, oneBlock: true, broadcast: false }));
          const plain = play(once);
          expect(play(steps)).toEqual(plain);
          expect(play(regrouped(steps, order))).toEqual(plain);
          // one judgement an auditor and window, the last that he wrote
          const last = new Map(once.map(({ auditor, month, verdict }) => [`${auditor} ${month}`, verdict]));
          expect(plain.counted).toHaveLength(last.size);
        },
      ),
      { numRuns: 25 },
    );
  });
});
