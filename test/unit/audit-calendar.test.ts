import { describe, expect, test } from 'vitest';
import { createHash } from 'node:crypto';
import { encodeCbor } from '../../src/ledger/codec/encode.ts';
import { drawPeers, dueAsks, judgedPeriods } from '../../src/programme/audit-calendar.ts';
import { parseWindow, showWindow } from '../../src/programme/audit-window.ts';
import { showDate, startOfDay } from '../../src/programme/calendar.ts';
import {
  admitContent,
  type AskContent,
  askContent,
  recuseContent,
  type RelationKind,
  suspendContent,
} from '../../src/programme/entries.ts';
import {
  at,
  broadcastAt,
  createScene,
  DAY,
  documentEntry,
  heatPackage,
  monthSpan,
  plantOf,
  type Scene,
  type SceneChoices,
  submit,
} from '../support/scene.ts';
import { policyText } from '../support/policy-text.ts';
import { type Actor, entryOf } from '../support/world.ts';

const namesOf = (scene: Scene, asks: readonly AskContent[]): readonly string[] => {
  const { organisations } = scene.world.replay().state;
  return asks.map(
    ({ auditor, relation, window, due }) =>
      `${organisations.get(auditor)!.name} ${relation} ${showWindow({ start: window[0], end: window[1] }, 'UTC')} by ${showDate(due, 'UTC')}`,
  );
};

const due = (scene: Scene, now: number): readonly string[] => namesOf(scene, dueAsks(scene.world.replay().state, now));

/** Puts what is due on the ledger, as a broadcast does. */
function ask(scene: Scene, now: number): readonly AskContent[] {
  scene.world.time = now;
  const asks = dueAsks(scene.world.replay().state, now);
  scene.world.broadcast(...asks.map((one) => entryOf('ask', askContent, one)));
  return asks;
}

function admit(
  scene: Scene,
  auditor: Actor,
  relation: RelationKind,
  labels: readonly string[],
  more: { readonly until?: number } = {},
): void {
  scene.world.append(
    scene.world.body,
    entryOf('admit', admitContent, {
      org: auditor.id,
      roles: ['auditor'],
      relations: [{ applicant: scene.plant.id, relation, labels }],
      ...more,
    }),
  );
}

function withPeers(
  count: number,
  choices: SceneChoices = {},
): { readonly scene: Scene; readonly peers: readonly Actor[] } {
  const scene = createScene(choices);
  const peers = Array.from({ length: count }, (_, index) => scene.world.join(`Peer ${index}`));
  scene.world.broadcast();
  for (const peer of peers) admit(scene, peer, 'peer', ['electricity']);
  return { scene, peers };
}

describe('what is asked', () => {
  test('is asked some days after a window has ended, once', () => {
    const scene = createScene();
    expect(due(scene, at('2024-02') + 5 * DAY - 1)).toEqual([]);
    const first = ['Supplier upstream 2024-01 by 2024-02-26'];
    expect(due(scene, at('2024-02-06'))).toEqual(first);
    ask(scene, at('2024-02-06'));
    expect(due(scene, at('2024-02-20'))).toEqual([]);
    expect(due(scene, at('2024-03-06'))).toEqual(['Supplier upstream 2024-02 by 2024-03-26']);
  });

  test('of windows that a body without cron let pass is asked with the whole time from then on', () => {
    const scene = createScene();
    expect(due(scene, at('2024-04-10'))).toEqual([
      'Supplier upstream 2024-01 by 2024-05-05',
      'Supplier upstream 2024-02 by 2024-05-05',
      'Supplier upstream 2024-03 by 2024-04-26',
    ]);
  });

  test('is not asked of an applicant without an accepted boundary, nor before its first period', () => {
    const late = createScene({ founded: '2024-02-10' });
    expect(due(late, at('2024-12-20'))).toEqual([]);
    expect(due(late, at('2025-02-07'))).toEqual(['Supplier upstream 2025-01 by 2025-02-26']);
    const first = createScene({ admit: { first_period: '2025-01-01' } });
    expect(due(first, at('2024-12-20'))).toEqual([]);
    expect(
      judgedPeriods(first.world.replay().state, plantOf(first, first.world.replay().state), at('2025-06')).map(
        ({ period }) => period.label,
      ),
    ).toEqual(['2025']);
  });

  test('is not asked of the suspended, the expired, those without labels, or for a suspended applicant', () => {
    const { scene } = withPeers(0);
    const [gone, empty, busy] = ['Gone', 'Empty', 'Busy'].map((name) => scene.world.join(name)) as [
      Actor,
      Actor,
      Actor,
    ];
    scene.world.broadcast();
    admit(scene, gone, 'downstream', ['electricity'], { until: at('2024-02-01') });
    admit(scene, empty, 'downstream', []);
    admit(scene, busy, 'downstream', ['electricity']);
    scene.world.append(
      scene.world.body,
      entryOf('suspend', suspendContent, { org: scene.supplier.id, reason: 'late' }),
    );
    expect(due(scene, at('2024-02-07'))).toEqual(['Busy downstream 2024-01 by 2024-02-26']);
    scene.world.append(scene.world.body, entryOf('suspend', suspendContent, { org: scene.plant.id, reason: 'closed' }));
    expect(due(scene, at('2024-02-07'))).toEqual([]);
  });

  test('goes on under the policy in force for the next period', () => {
    const scene = createScene();
    scene.world.time = at('2024-06-15');
    scene.world.append(
      scene.world.body,
      documentEntry(
        'policy',
        policyText({ first: '2024-01-01', edition: '2' }).replace('audit_window: P1M', 'audit_window: P6M'),
      ),
    );
    expect(ask(scene, at('2025-02-06'))).toHaveLength(12);
    expect(due(scene, at('2025-07-05'))).toEqual([]);
    expect(due(scene, at('2025-07-07'))).toEqual(['Supplier upstream 2025-01-01..2025-06-30 by 2025-07-26']);
  });
});

test('the periods of an applicant follow the policy in force when each begins', () => {
  const scene = createScene();
  scene.world.time = at('2024-06-15');
  scene.world.append(
    scene.world.body,
    documentEntry('policy', policyText({ first: '2024-01-01', length: 'P6M', edition: '2' })),
  );
  broadcastAt(scene, at('2025-09-01'));
  const { state } = scene.world.replay();
  expect(judgedPeriods(state, plantOf(scene, state), at('2025-09-01')).map(({ period }) => period.label)).toEqual([
    '2024',
    '2025-01-01',
    '2025-07-01',
  ]);
});

describe('history', () => {
  const required: SceneChoices = { policy: { first: '2024-01-01', baselineAudited: 'required' } };
  const june = monthSpan('2023-06');

  test('of a baseline that must be audited is asked where it has packages, once', () => {
    const scene = createScene(required);
    expect(due(scene, at('2024-01-10'))).toEqual([]);
    submit(scene, at('2024-01-11'), heatPackage(scene, june, '900'));
    expect(due(scene, at('2024-01-12'))).toEqual(['Supplier upstream 2023-06 by 2024-02-06']);
    ask(scene, at('2024-01-12'));
    expect(due(scene, at('2024-01-20'))).toEqual([]);
    // in the second year the baseline is the first, which was asked month by month
    ask(scene, at('2025-01-07'));
    expect(due(scene, at('2025-01-08'))).toEqual([]);
  });

  test('of a baseline that is only printed is not asked', () => {
    const scene = createScene();
    submit(scene, at('2024-01-11'), heatPackage(scene, june, '900'));
    expect(due(scene, at('2024-01-12'))).toEqual([]);
  });
});

describe('peers', () => {
  const JANUARY = monthSpan('2024-01');
  const peersAsked = (scene: Scene, now = at('2024-02-06')) =>
    dueAsks(scene.world.replay().state, now).filter(({ relation }) => relation === 'peer');

  test('are drawn, at most as many as the policy says, so that a stranger draws the same', () => {
    const { scene, peers } = withPeers(8);
    const asked = peersAsked(scene).map(({ auditor }) => auditor);
    const hex = (text: string): Buffer => Buffer.from(text, 'hex');
    const rank = (peer: Actor): string =>
      createHash('sha256')
        .update(
          Buffer.concat([
            hex(scene.world.body.state.head),
            hex(scene.plant.id),
            encodeCbor([JANUARY.start, JANUARY.end]),
            hex(peer.id),
          ]),
        )
        .digest('hex');
    const redone = peers
      .toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
      .slice(0, 3)
      .map(({ id }) => id);
    expect(asked).toEqual(redone);
  });

  test('who are drawn depend on the head of the programme chain, the applicant and the window', () => {
    const { scene, peers } = withPeers(8);
    const { head, id } = { head: scene.world.body.state.head, id: scene.plant.id };
    const draws = [
      drawPeers(head, id, JANUARY, peers),
      drawPeers(scene.world.body.state.id, id, JANUARY, peers),
      drawPeers(head, scene.supplier.id, JANUARY, peers),
      drawPeers(head, id, monthSpan('2024-02'), peers),
    ].map((drawn) => drawn.map(({ name }) => name).join());
    expect(new Set(draws).size).toBe(draws.length);
    expect(
      drawPeers(head, id, JANUARY, peers.toReversed())
        .map(({ name }) => name)
        .join(),
    ).toBe(draws[0]);
  });

  test('who keep their places are not drawn again, who withdraw are replaced and never drawn', () => {
    const { scene, peers } = withPeers(8);
    const first = ask(scene, at('2024-02-06')).filter(({ relation }) => relation === 'peer');
    expect(first).toHaveLength(3);
    broadcastAt(scene, at('2024-02-07'));
    expect(peersAsked(scene, at('2024-02-07'))).toEqual([]);
    const gone = peers.find(({ id }) => id === first[0]!.auditor)!;
    scene.world.append(
      gone,
      entryOf('recuse', recuseContent, {
        applicant: scene.plant.id,
        relation: 'peer',
        window: [JANUARY.start, JANUARY.end],
        reason: 'a merger',
      }),
    );
    broadcastAt(scene, at('2024-02-08'));
    const replaced = ask(scene, at('2024-02-09')).filter(({ relation }) => relation === 'peer');
    expect(replaced).toHaveLength(1);
    expect(first.map(({ auditor }) => auditor)).not.toContain(replaced[0]!.auditor);
    expect(peersAsked(scene, at('2024-02-10'))).toEqual([]);
    // February is not recused
    expect(peersAsked(scene, at('2024-03-07'))).toHaveLength(3);
  });

  test('fewer than the policy wants are all asked; without a draw the first in order of their ids', () => {
    expect(peersAsked(withPeers(2).scene)).toHaveLength(2);
    const { scene, peers } = withPeers(5, { edit: (text) => text.replace('drawn: yes', 'drawn: no') });
    expect(peersAsked(scene).map(({ auditor }) => auditor)).toEqual(
      peers
        .map(({ id }) => id)
        .sort()
        .slice(0, 3),
    );
  });
});

describe('a window in words', () => {
  test.each([
    ['2024', '2024-01-01', '2025-01-01'],
    ['2024-02', '2024-02-01', '2024-03-01'],
    ['2024-02-29', '2024-02-29', '2024-03-01'],
    ['2024-03-04..2024-04-02', '2024-03-04', '2024-04-03'],
  ])('%s', (text, first, after) => {
    const zone = 'Europe/Berlin';
    const window = { start: startOfDay(first, zone), end: startOfDay(after, zone) };
    expect(parseWindow(text, zone)).toEqual(window);
    expect(showWindow(window, zone)).toBe(text);
  });

  test('two months joined are the days that they hold', () => {
    expect(showWindow(parseWindow('2024-01..2024-02', 'UTC'), 'UTC')).toBe('2024-01-01..2024-02-29');
  });

  test.each([
    '',
    '2024-13',
    '2024-02-30',
    '24-02',
    '2024-02..',
    '2024-02..2024-01',
    '2024-01..2024-02..2024-03',
    'March',
  ])('%j is none', (text) => {
    expect(() => parseWindow(text, 'UTC')).toThrow(/is not a window/);
  });
});
