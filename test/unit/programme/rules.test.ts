import { describe, expect, it } from 'vitest';
import { documentDigest } from '../../../src/programme/dated-document.ts';
import { decide } from '../../../src/programme/decide.ts';
import { parseDocument, readDocument } from '../../../src/programme/document.ts';
import { acceptContent } from '../../../src/programme/entries.ts';
import { firstPeriodInForce } from '../../../src/programme/first-period.ts';
import { policySchema } from '../../../src/programme/policy.ts';
import {
  boundaryInForce,
  type Period,
  periodHolding,
  periodNamed,
  policyInForce,
} from '../../../src/programme/rules.ts';
import {
  at,
  boundaryText,
  broadcastAt,
  codesOf,
  createScene,
  DAY,
  decideAt,
  digestOf,
  documentEntry,
  METERS,
  periodOf,
  plantOf,
  submitYear,
} from '../../support/scene.ts';
import { policyText } from '../../support/policy-text.ts';
import { entryOf } from '../../support/world.ts';

const policyOf = (text: string) => readDocument(text, 'policy.yaml', policySchema, 'policy');

describe('rules before', () => {
  it.each([
    ['at the start second is in force', at('2025'), '2'],
    ['one second later is not', at('2025') + 1, '1'],
  ])('a policy %s', (_, time, edition) => {
    const scene = createScene();
    scene.world.time = time;
    scene.world.append(scene.world.body, documentEntry('policy', policyText({ first: '2024-01-01', edition: '2' })));
    const { state } = scene.world.replay();
    expect(policyInForce(state.policies, at('2025'))!.value.edition).toBe(edition);
    expect(policyInForce(state.policies, at('2024'))!.value.edition).toBe('1');
    expect(policyInForce(state.policies, at('2026'))!.value.edition).toBe('2');
  });

  it.each([
    ['at the start second is in force', at('2025'), true],
    ['one second later is not', at('2025') + 1, false],
  ])('a boundary accepted %s', (_, time, inForce) => {
    const scene = createScene();
    const changed = boundaryText(`${METERS}\n  new: {kind: product, product: steam, unit: klb}`);
    scene.world.append(scene.plant, documentEntry('boundary', changed));
    broadcastAt(scene, at('2024-06-01'));
    scene.world.time = time;
    scene.world.append(
      scene.world.body,
      entryOf('accept', acceptContent, { org: scene.plant.id, boundary: digestOf(changed) }),
    );
    const { boundaries } = plantOf(scene, scene.world.replay().state);
    expect(boundaryInForce(boundaries, at('2025'))!.digest).toBe(digestOf(inForce ? changed : boundaryText()));
  });

  it('a boundary that is declared and not accepted is not in force, however early', () => {
    const scene = createScene();
    scene.world.append(scene.plant, documentEntry('boundary', boundaryText(METERS.replace('mmBtu', 'GJ'))));
    broadcastAt(scene, at('2024-06-01'));
    expect(boundaryInForce(plantOf(scene, scene.world.replay().state).boundaries, at('2025'))!.digest).toBe(
      digestOf(boundaryText()),
    );
  });

  it('a boundary of another organisation, or of nobody, cannot be accepted', () => {
    const scene = createScene();
    scene.world.append(
      scene.world.body,
      entryOf('accept', acceptContent, { org: scene.supplier.id, boundary: digestOf(boundaryText()) }),
    );
    expect(codesOf(scene.world.replay().state.findings)).toEqual(['entry-malformed']);
  });

  it('without a policy or a boundary in force nothing is decided', () => {
    const late = createScene({ founded: '2024-01-02' });
    submitYear(late, '2024', '100', '10');
    const { state } = late.world.replay();
    const [{ value: policy }] = state.policies as [never];
    const [first, second] = ['2024', '2025'].map((label) => periodNamed(policy, label)!) as [Period, Period];
    expect(decide(state, plantOf(late, state), first, at('2026-06'))).toMatchObject({
      status: 'INCOMPLETE',
      final: false,
      content: null,
      reasons: ['policy-missing'],
    });
    expect(decide(state, state.organisations.get(late.supplier.id)!, second, at('2026-06'))).toMatchObject({
      final: false,
      content: null,
      reasons: ['boundary-missing'],
    });
  });

  it('a fixed baseline judges no period that it has not ended before', () => {
    const scene = createScene({ policy: { baseline: '{from: 2024-01-01, to: 2025-01-01}' } });
    submitYear(scene, '2024', '100', '10');
    expect(decideAt(scene, '2024', at('2025') + 65 * DAY).decided).toMatchObject({
      status: 'NOT_APPLICABLE',
      exit: 'NOT_CERTIFIED',
      final: false,
      content: null,
      reasons: ['baseline-missing'],
    });
    expect(decideAt(scene, '2025', at('2026') + 65 * DAY).decided.reasons).not.toContain('baseline-missing');
  });

  it('of two policies of one block the later stands', () => {
    const scene = createScene();
    scene.world.append(
      scene.world.body,
      ...['2', '3'].map((edition) => documentEntry('policy', policyText({ first: '2024-01-01', edition }))),
    );
    expect(policyInForce(scene.world.replay().state.policies, at('2025'))!.value.edition).toBe('3');
  });

  it('a change of the length of periods holds from the first of its own that it is before', () => {
    const scene = createScene();
    scene.world.time = at('2024-03-15');
    scene.world.append(
      scene.world.body,
      documentEntry('policy', policyText({ first: '2024-01-01', length: 'P1M', edition: 'monthly' })),
    );
    const { state } = scene.world.replay();
    expect(policyInForce(state.policies, at('2024-03-20'))!.value.edition).toBe('1');
    expect(policyInForce(state.policies, at('2024-04-01'))!.value.edition).toBe('monthly');
    expect(periodOf(state, '2024-04')).toMatchObject({ start: at('2024-04'), end: at('2024-05') });
  });
});

describe('periods', () => {
  const yearly = policyOf(policyText({ first: '2024-01-01' }));
  const monthly = policyOf(policyText({ first: '2024-01-01', length: 'P1M' }));
  const fiscal = policyOf(policyText({ first: '2024-04-01', zone: 'Asia/Tokyo' }));

  it('are named by their year, month or first day', () => {
    expect(periodHolding(yearly, at('2025-07-01'))).toMatchObject({
      label: '2025',
      index: 1,
      start: at('2025'),
      end: at('2026'),
    });
    expect(periodHolding(yearly, at('2025') - 1).label).toBe('2024');
    expect(periodHolding(monthly, at('2025-07-20'))).toMatchObject({ label: '2025-07' });
    expect(periodHolding(fiscal, at('2025-07-20'))).toMatchObject({
      label: '2025-04-01',
      start: at('2025-04-01') - 9 * 3600,
    });
  });

  it.each([
    ['2025', yearly],
    ['2025-07', monthly],
    ['2025-04-01', fiscal],
  ] as const)('%s is found by its name', (label, policy) => {
    expect(periodNamed(policy, label)!.label).toBe(label);
  });

  it.each(['2025-02', '2025-01-02', '25', 'last', '2025-13', '2025-02-30', ''])("'%s' is the name of none", (label) => {
    expect(periodNamed(yearly, label)).toBeUndefined();
  });

  it('begin for a policy with the first that it is before', () => {
    expect(firstPeriodInForce(yearly, at('2025')).label).toBe('2025');
    expect(firstPeriodInForce(yearly, at('2025') + 1).label).toBe('2026');
  });
});

describe('a policy that nothing could be decided by', () => {
  it.each<[string, string, string, RegExp]>([
    ['a period of no length', 'length: P1Y', 'length: PT1H', /time.period.length' is too short/],
    ['a window of no length', 'audit_window: P1M', 'audit_window: PT0S', /calendar.audit_window' is too short/],
    ['an interval of no length', 'interval: P1D', 'interval: P0D', /time.interval' is too short/],
    ['a grace of ages', 'package_due: P35D', 'package_due: P999999Y', /calendar.package_due' is too long/],
    ['a last date before the first', 'until: P120D', 'until: P59D', /calendar.decide.until' is before 'from'/],
    ['a share above one', 'per_meter: "0.90"', 'per_meter: "1.01"', /data.coverage.per_meter' is no share/],
    ['a share below zero', 'energy_share: "0.80"', 'energy_share: "-0.1"', /audits.upstream.energy_share' is no share/],
    ['numbers that repeat', 'JM-{year}-{serial:4}', 'JM-{year}', /certificate.number' must hold/],
    ['numbers that repeat over the years', 'JM-{year}-{serial:4}', 'JM-{serial}', /certificate.number' must hold/],
    [
      'a baseline that ends before it begins',
      'window: previous_period',
      'window: {from: 2024-01-01, to: 2024-01-01}',
      /baseline.window.to' is not after 'from'/,
    ],
    [
      'a table of each period as the headline',
      'headline: same_table',
      'headline: own_table',
      /energy.headline' must be 'same_table'/,
    ],
  ])('is refused: %s', (_, from, to, message) => {
    expect(policyText()).toContain(from);
    expect(() => policyOf(policyText().replace(from, to))).toThrow(message);
  });

  it('has no effect on the ledger', () => {
    const scene = createScene();
    scene.world.append(scene.world.body, documentEntry('policy', policyText().replace('length: P1Y', 'length: PT0S')));
    const { state } = scene.world.replay();
    expect(codesOf(state.findings)).toEqual(['entry-malformed']);
    expect(state.policies).toHaveLength(1);
  });
});

describe('a document', () => {
  it('has one digest, whatever the order of its keys and its remarks', () => {
    const one = parseDocument('a: "1" # first\nb: {c: x, d: [y, z]}\n', 'one.yaml');
    const other = parseDocument('b:\n  d: [y, "z"]\n  c: x\na: 1\n', 'other.yaml');
    expect(documentDigest(one)).toBe(documentDigest(other));
    expect(documentDigest(one)).not.toBe(
      documentDigest(parseDocument('a: "1.0"\nb: {c: x, d: [y, z]}\n', 'third.yaml')),
    );
  });
});
