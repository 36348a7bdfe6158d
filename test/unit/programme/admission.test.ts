import { describe, expect, it } from 'vitest';
import {
  acceptContent,
  admitContent,
  type AdmitContent,
  answerContent,
  recuseContent,
  submissionContent,
  suspendContent,
} from '../../../src/programme/entries.ts';
import {
  at,
  auditOf,
  boundaryText,
  broadcastAt,
  codesOf,
  createScene,
  DAY,
  digestOf,
  documentEntry,
  heatPackage,
  monthSpan,
  plantOf,
  type Scene,
  submit,
  SUPPLY_POINT,
} from '../../support/scene.ts';
import { allPackages } from '../../../src/programme/packages.ts';
import { entryOf, packageEntry } from '../../support/world.ts';

const JANUARY = monthSpan('2024-01');
const FEBRUARY = monthSpan('2024-02');

const admit = (scene: Scene, content: Partial<AdmitContent>): void => {
  scene.world.append(
    scene.world.body,
    entryOf('admit', admitContent, { org: scene.plant.id, roles: ['applicant'], relations: [], ...content }),
  );
};
const outcome = (scene: Scene) => {
  const { state } = scene.world.replay();
  return {
    codes: codesOf(state.findings),
    counted: [...allPackages(plantOf(scene, state).packages)].map(({ start }) => start),
  };
};

describe('packages of an applicant', () => {
  it('count only after it is admitted; what came before is not counted later', () => {
    const scene = createScene({ admit: { roles: ['auditor'] } });
    submit(scene, JANUARY.end, heatPackage(scene, JANUARY, '100'));
    admit(scene, {});
    submit(scene, FEBRUARY.end, heatPackage(scene, FEBRUARY, '100'));
    expect(outcome(scene)).toEqual({ codes: ['not-admitted'], counted: [FEBRUARY.start] });
    // given again once it is admitted, the package counts
    submit(scene, FEBRUARY.end + DAY, heatPackage(scene, JANUARY, '100'));
    expect(outcome(scene).counted).toEqual([JANUARY.start, FEBRUARY.start].toSorted((a, b) => b - a));
  });

  it.each([
    ['a second before the end of its admission count', -1, []],
    ['at its end do not', 0, ['not-admitted']],
  ])('%s', (_, more, codes) => {
    const until = FEBRUARY.end;
    const scene = createScene({ admit: { until } });
    submit(scene, until + more, heatPackage(scene, JANUARY, '100'));
    expect(outcome(scene).codes).toEqual(codes);
  });

  it('do not count while it is suspended, and do again once it is admitted anew', () => {
    const scene = createScene();
    scene.world.append(scene.world.body, entryOf('suspend', suspendContent, { org: scene.plant.id, reason: 'unpaid' }));
    submit(scene, JANUARY.end, heatPackage(scene, JANUARY, '100'));
    admit(scene, {});
    submit(scene, FEBRUARY.end, heatPackage(scene, FEBRUARY, '100'));
    expect(outcome(scene)).toEqual({ codes: ['not-admitted'], counted: [FEBRUARY.start] });
  });

  it('under the key of another organisation never count, whatever is admitted', () => {
    const scene = createScene();
    const twin = scene.world.join('Twin', { keySeed: 'Plant' });
    broadcastAt(scene, at('2023-12-02'));
    scene.world.append(
      scene.world.body,
      entryOf('admit', admitContent, { org: twin.id, roles: ['applicant'], relations: [] }),
    );
    scene.world.append(
      twin,
      packageEntry(
        scene.world.packageOf(twin, 'heat', 'energy', JANUARY.start, JANUARY.end, {
          quantity: { mantissa: 1n, exponent: 0 },
          unit: 'mmBtu',
          provenance: 'metered',
        }),
      ),
    );
    broadcastAt(scene, JANUARY.end);
    const { state } = scene.world.replay();
    expect(codesOf(state.findings)).toEqual(['key-reused', 'not-admitted']);
    expect(state.organisations.get(twin.id)!.inadmissible).toBe(true);
    expect(plantOf(scene, state).inadmissible).toBe(false);
  });
});

describe('an audit', () => {
  const audited = (relations: AdmitContent['relations'], change: (scene: Scene) => void = () => undefined) => {
    const scene = createScene();
    submit(scene, JANUARY.end, heatPackage(scene, JANUARY, '100'));
    const stranger = scene.world.join('Stranger');
    scene.world.append(
      scene.world.body,
      entryOf('admit', admitContent, {
        org: stranger.id,
        roles: ['auditor'],
        relations: relations.map((relation) => ({ ...relation, applicant: scene.plant.id })),
      }),
    );
    change(scene);
    scene.world.append(stranger, auditOf(scene, scene.world.replay().state, stranger, JANUARY));
    broadcastAt(scene, FEBRUARY.start + 10 * DAY);
    const { state } = scene.world.replay();
    return {
      codes: codesOf(state.findings),
      refused: state.organisations.get(stranger.id)!.audits.map((audit) => audit.refused),
    };
  };
  const { id: applicant } = createScene().plant;

  it('by an auditor admitted in that relation for those labels stands', () => {
    expect(audited([{ applicant, relation: 'upstream', labels: [SUPPLY_POINT, 'other'] }])).toEqual({
      codes: [],
      refused: [null],
    });
  });

  it.each<[string, AdmitContent['relations']]>([
    ['no relation', []],
    ['another relation', [{ applicant, relation: 'peer', labels: [SUPPLY_POINT] }]],
    ['other labels', [{ applicant, relation: 'upstream', labels: ['other'] }]],
  ])('by an auditor of %s does not count', (_, relations) => {
    expect(audited(relations)).toEqual({ codes: ['audit-not-admitted'], refused: ['audit-not-admitted'] });
  });

  it('by a suspended auditor does not count', () => {
    const { codes } = audited([{ applicant, relation: 'upstream', labels: [SUPPLY_POINT] }], ({ world }) => {
      const [stranger] = [...world.actors.values()].filter(({ name }) => name === 'Stranger');
      world.append(world.body, entryOf('suspend', suspendContent, { org: stranger!.id, reason: 'gifts' }));
    });
    expect(codes).toEqual(['audit-not-admitted']);
  });
});

describe('other entries of an organisation', () => {
  it('that is not admitted have no effect', () => {
    const scene = createScene();
    const stranger = scene.world.join('Stranger');
    scene.world.append(
      stranger,
      entryOf('submission', submissionContent, { profile: scene.world.ledger }),
      entryOf('recuse', recuseContent, { applicant: scene.plant.id, relation: 'peer', window: [1, 2], reason: 'kin' }),
      entryOf('answer', answerContent, { auditor: scene.supplier.id, seq: 0, entry: 0, text: 'not so' }),
    );
    broadcastAt(scene, JANUARY.end);
    expect(outcome(scene).codes).toEqual(['not-admitted', 'not-admitted', 'not-admitted']);
  });

  it('declare boundaries before it is admitted, which the body may accept', () => {
    const scene = createScene();
    const stranger = scene.world.join('Stranger');
    const text = boundaryText().replace('applicant: Plant', 'applicant: Stranger');
    scene.world.append(stranger, documentEntry('boundary', text));
    broadcastAt(scene, JANUARY.start);
    scene.world.append(
      scene.world.body,
      entryOf('accept', acceptContent, { org: stranger.id, boundary: digestOf(text) }),
    );
    const { state } = scene.world.replay();
    expect(state.findings).toEqual([]);
    expect(state.organisations.get(stranger.id)!.boundaries).toHaveLength(1);
  });
});

describe('the certification body', () => {
  it('is never admitted', () => {
    const scene = createScene();
    admit(scene, { org: scene.world.ledger });
    expect(outcome(scene).codes).toEqual(['not-admitted']);
    expect(scene.world.replay().state.organisations.has(scene.world.ledger)).toBe(false);
  });

  it.each(['2025-02-30', 'next year', '2025'])("cannot admit from a first period that is no date: '%s'", (date) => {
    const scene = createScene();
    admit(scene, { first_period: date });
    expect(outcome(scene).codes).toEqual(['entry-malformed']);
  });

  it('admits again: roles are replaced, relations are added or replaced, the first admission keeps its time', () => {
    const scene = createScene();
    const before = plantOf(scene, scene.world.replay().state).admitted!.time;
    scene.world.time = at('2024-06-01');
    const one = { applicant: scene.supplier.id, relation: 'peer' as const, labels: ['steam'] };
    admit(scene, { roles: ['auditor'], relations: [one] });
    admit(scene, {
      roles: ['auditor', 'applicant'],
      relations: [
        { ...one, relation: 'upstream' },
        { ...one, labels: [] },
      ],
    });
    const organisation = plantOf(scene, scene.world.replay().state);
    expect(organisation.roles).toEqual(['auditor', 'applicant']);
    expect([...organisation.relations.values()].map(({ relation, labels }) => [relation, labels])).toEqual([
      ['peer', []],
      ['upstream', ['steam']],
    ]);
    expect(organisation.admitted!.time).toBe(before);
  });
});
