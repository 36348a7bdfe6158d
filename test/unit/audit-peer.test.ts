/** Peers: an applicant's energy per unit against that of the others on the ledger. */
import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../src/calc/decimal.ts';
import { exactText } from '../../src/calc/rounding.ts';
import { comparePeers } from '../../src/programme/audit-peer.ts';
import { acceptContent, admitContent, suspendContent } from '../../src/programme/entries.ts';
import type { AuditFigures } from '../../src/programme/figures.ts';
import {
  at,
  boundaryText,
  broadcastAt,
  createScene,
  DAY,
  digestOf,
  documentEntry,
  METERS,
  monthSpan,
  plantOf,
} from '../support/scene.ts';
import { hasShared, sharedJson } from '../support/shared.ts';
import { type Actor, entryOf, packageEntry } from '../support/world.ts';

const MARCH = monthSpan('2024-03');

interface Works {
  readonly energy: string;
  readonly product: string;
  /** The energy package ends so many days before the month. */
  readonly missing?: number;
  readonly suspended?: boolean;
}

interface PeerChoices {
  readonly before?: Works;
  readonly edit?: (text: string) => string;
}

/** The plant and its peers with one package of energy and one of product each for March; `before`: the plant's February. */
function compare(own: Works | null, others: readonly Works[], { before, edit }: PeerChoices = {}): AuditFigures {
  const scene = createScene(edit === undefined ? {} : { edit });
  const { world, plant } = scene;
  const boundary = boundaryText(METERS);
  const peers = others.map((_, index) => world.join(`Peer ${index}`));
  for (const peer of peers) world.append(peer, documentEntry('boundary', boundary));
  world.broadcast();
  for (const peer of peers) {
    world.append(
      world.body,
      entryOf('admit', admitContent, { org: peer.id, roles: ['applicant'], relations: [] }),
      entryOf('accept', acceptContent, { org: peer.id, boundary: digestOf(boundary) }),
    );
  }
  const submit = (actor: Actor, { energy, product, missing = 0 }: Works, month = MARCH): void => {
    const payload = (amount: string, unit: string) => ({
      quantity: parseDecimal(amount),
      unit,
      provenance: 'metered' as const,
    });
    const amounts = [
      ['heat', 'energy', energy, 'mmBtu'],
      ['out', 'product', product, 'MWh'],
    ] as const;
    const packages = amounts
      .filter(([, , amount]) => amount !== '')
      .map(([meter, kind, amount, unit]) =>
        world.packageOf(
          actor,
          meter,
          kind,
          month.start,
          kind === 'energy' ? month.end - missing * DAY : month.end,
          payload(amount, unit),
        ),
      );
    if (packages.length > 0) world.append(actor, ...packages.map(packageEntry));
  };
  if (before !== undefined) submit(plant, before, monthSpan('2024-02'));
  if (own !== null) submit(plant, own);
  peers.forEach((peer, index) => submit(peer, others[index]!));
  broadcastAt(scene, MARCH.end + 5 * DAY);
  for (const [index, peer] of peers.entries())
    if (others[index]!.suspended === true)
      world.append(world.body, entryOf('suspend', suspendContent, { org: peer.id, reason: 'closed' }));
  const { state } = world.replay();
  const applicant = plantOf(scene, state);
  return comparePeers({
    state,
    applicant,
    policy: state.policies[0]!.value,
    boundary: applicant.boundaries[0]!.value,
    window: MARCH,
    labels: ['electricity'],
  });
}

const works = (intensity: number | string): Works => ({ energy: String(intensity), product: '1' });

interface RobustCase {
  readonly peers: readonly number[];
  readonly applicants?: readonly { readonly x: number; readonly robust_z: number }[];
}

describe.skipIf(!hasShared)('the robust z of the oracle, through the ledger', () => {
  const { cases } = hasShared
    ? sharedJson<{ cases: readonly RobustCase[] }>('oracles/peer/robust_peer_cases.json')
    : { cases: [] };
  const rows = cases.flatMap(({ peers, applicants = [] }) => applicants.map(({ x, robust_z: z }) => ({ peers, x, z })));
  test.each(rows)('$x against $peers: $z', ({ peers, x, z }) => {
    const figures = compare(works(x), peers.map(works));
    expect(figures).toMatchObject({ relation: 'peer', method: 'robust_z', others: peers.length });
    expect(figures.lines[0]!.note).toBe(`${peers.length} others, robust z ${z.toFixed(2)}`);
    // above 3 is action, above 2 a query: a remark
    const beyondQuery = z > 2 ? 'pass_with_remarks' : 'pass';
    expect(figures.proposal).toBe(z > 3 ? 'fail' : beyondQuery);
  });
});

describe('few others', () => {
  test('make a band, and at best a pass with remarks', () => {
    const others = [100, 110].map(works);
    expect(compare(works(70), others)).toMatchObject({
      method: 'band',
      others: 2,
      proposal: 'pass_with_remarks',
      lines: [{ note: '2 others, band 70.0000 to 143.0000', agrees: true }],
    });
    expect(compare(works(143), others).proposal).toBe('pass_with_remarks');
    expect(compare(works('143.001'), others)).toMatchObject({ proposal: 'cannot_judge', lines: [{ agrees: false }] });
    expect(compare(works('69.999'), others).proposal).toBe('cannot_judge');
  });

  test('all the same: equal passes, else a question', () => {
    const others = [100, 100, 100, 100, 100].map(works);
    expect(compare(works(100), others).proposal).toBe('pass');
    expect(compare(works(101), others).proposal).toBe('cannot_judge');
  });
});

describe('alone', () => {
  const accepted = (text: string): string =>
    text.replace('fail: majority}', 'fail: majority, alone: pass_with_remarks}');

  test('nobody judges by default', () => {
    expect(compare(works(10), [])).toMatchObject({
      method: 'alone',
      others: 0,
      proposal: 'cannot_judge',
      lines: [{ unit: 'mmBtu/MWh' }],
    });
    expect(compare(works(10), [works(10)], { before: works(10) })).toMatchObject({
      method: 'alone',
      others: 1,
      proposal: 'cannot_judge',
    });
  });

  test('where the policy accepts it, the own change and physics decide', () => {
    const judge = (own: string, before?: string) =>
      compare(works(own), [], { edit: accepted, ...(before === undefined ? {} : { before: works(before) }) }).proposal;
    expect(judge('10', '11')).toBe('pass_with_remarks');
    expect(judge('10', '14.2')).toBe('pass_with_remarks');
    expect(judge('10', '14.3')).toBe('cannot_judge'); // fell by more than 30 %
    expect(judge('14', '10')).toBe('cannot_judge');
    expect(judge('10')).toBe('cannot_judge');
    // 1 MWh is 3.412 mmBtu: more energy out than in
    expect(judge('3.4', '3.5')).toBe('cannot_judge');
    expect(judge('3.5', '3.6')).toBe('pass_with_remarks');
  });
});

describe('figures that are not whole', () => {
  test('of the applicant cannot be judged', () => {
    const others = [100, 101, 102, 103, 104].map(works);
    expect(compare(null, others).proposal).toBe('cannot_judge');
    expect(compare({ energy: '', product: '1' }, others).proposal).toBe('cannot_judge');
    expect(compare({ energy: '100', product: '' }, others).proposal).toBe('cannot_judge');
    expect(compare({ energy: '5', product: '0' }, others)).toMatchObject({
      proposal: 'pass_with_remarks',
      lines: [{ note: 'nothing was made in this window' }],
    });
  });

  test('of others are left out', () => {
    const unfit: readonly Works[] = [
      { energy: '', product: '1' },
      { energy: '7', product: '0' },
      { energy: '50', product: '1', missing: 15 },
      { energy: '1', product: '1', suspended: true },
    ];
    const others = [...[100, 101, 102, 103, 104].map(works), ...unfit];
    const figures = compare(works(100), others);
    expect(figures).toMatchObject({ method: 'robust_z', others: 5 });
    expect(exactText(figures.lines[0]!.expected!)).toBe('102');
  });
});

test('a product that the applicant has no meter for cannot be judged', () => {
  const scene = createScene();
  broadcastAt(scene, at('2024-05'));
  const { state } = scene.world.replay();
  const applicant = plantOf(scene, state);
  const figures = comparePeers({
    state,
    applicant,
    policy: state.policies[0]!.value,
    boundary: applicant.boundaries[0]!.value,
    window: MARCH,
    labels: ['steam'],
  });
  expect(figures).toMatchObject({
    proposal: 'cannot_judge',
    lines: [{ label: 'steam', unit: 'mmBtu/klb', note: 'the boundary has no meter for it' }],
  });
});
