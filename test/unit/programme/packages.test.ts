import { describe, expect, it } from 'vitest';
import { packageContent } from '../../../src/programme/entries.ts';
import { admitContent } from '../../../src/programme/entries.ts';
import {
  at,
  auditOf,
  broadcastAt,
  codesOf,
  correction,
  createScene,
  DAY,
  decideAt,
  documentEntry,
  boundaryText,
  heatPackage,
  monthSpan,
  outPackage,
  plantOf,
  quantity,
  type Scene,
  submit,
  submitYear,
} from '../../support/scene.ts';
import { allPackages } from '../../../src/programme/packages.ts';
import { entryOf, packageEntry } from '../../support/world.ts';

const JANUARY = monthSpan('2024-01');
const FEBRUARY = monthSpan('2024-02');
/** `calendar.package_due` of the policy is P35D. */
const DUE = JANUARY.end + 35 * DAY;

const findingsOf = ({ world }: Scene) => world.replay().state.findings;
const countedOf = (scene: Scene) => [...allPackages(plantOf(scene, scene.world.replay().state).packages)];

describe('a package', () => {
  it('that is right counts from its position on', () => {
    const scene = createScene();
    submit(scene, JANUARY.end, heatPackage(scene, JANUARY, '100'));
    expect(findingsOf(scene)).toEqual([]);
    expect(countedOf(scene)).toMatchObject([
      { meter: 'heat', standing: 'on_time', start: JANUARY.start, time: JANUARY.end },
    ]);
  });

  it('is premature when its interval ends a second after the broadcast that covers it', () => {
    const scene = createScene();
    submit(scene, JANUARY.end - 1, heatPackage(scene, JANUARY, '100'));
    expect(codesOf(findingsOf(scene))).toEqual(['package-premature']);
    expect(countedOf(scene)).toEqual([]);
  });

  it('may be as long as the policy allows and not a second longer', () => {
    const scene = createScene();
    const longest = { start: JANUARY.start, end: JANUARY.start + 35 * DAY };
    submit(
      scene,
      at('2024-04'),
      heatPackage(scene, longest, '100'),
      outPackage(scene, { ...longest, end: longest.end + 1 }, '10'),
    );
    expect(codesOf(findingsOf(scene).filter(({ code }) => code !== 'package-late'))).toEqual(['package-too-long']);
    expect(countedOf(scene).map(({ meter }) => meter)).toEqual(['heat']);
  });

  it.each([
    ['the same slot with another figure', JANUARY],
    ['a second at its end', { start: JANUARY.end - 1, end: FEBRUARY.end - 1 }],
    ['a second at its start', { start: JANUARY.start - DAY, end: JANUARY.start + 1 }],
    ['a part of it', { start: JANUARY.start + DAY, end: JANUARY.start + 2 * DAY }],
  ])('that overlaps a counting one has no effect: %s', (_, span) => {
    const scene = createScene({ founded: '2023-10-01' });
    submit(scene, FEBRUARY.end, heatPackage(scene, JANUARY, '100'), heatPackage(scene, span, '50'));
    expect(codesOf(findingsOf(scene))).toEqual(['package-overlap']);
    expect(countedOf(scene)).toHaveLength(1);
  });

  it('may touch another, and overlap one of another meter or kind', () => {
    const scene = createScene();
    const level = scene.world.packageOf(scene.plant, 'heat', 'stock', JANUARY.start, JANUARY.end, quantity('7'));
    submit(
      scene,
      FEBRUARY.end,
      heatPackage(scene, JANUARY, '100'),
      heatPackage(scene, FEBRUARY, '90'),
      outPackage(scene, JANUARY, '10'),
      level,
    );
    expect(findingsOf(scene)).toEqual([]);
    expect(countedOf(scene)).toHaveLength(4);
  });

  it('given again is a repeat: no effect and no finding, also after it was corrected', () => {
    const scene = createScene();
    const first = heatPackage(scene, JANUARY, '100');
    submit(scene, JANUARY.end, first, first);
    scene.world.append(scene.plant, correction(first, heatPackage(scene, JANUARY, '101')));
    submit(scene, JANUARY.end + DAY, first);
    expect(findingsOf(scene)).toEqual([]);
    expect(countedOf(scene).map(({ payload }) => payload.quantity)).toEqual([{ mantissa: 101n, exponent: 0 }]);
  });

  it('copied into another slot of its own chain does not open to its commit, though that commit counts', () => {
    const scene = createScene();
    const first = heatPackage(scene, JANUARY, '100');
    submit(scene, FEBRUARY.end, first, { ...first, interval: [FEBRUARY.start, FEBRUARY.end] });
    expect(codesOf(findingsOf(scene))).toEqual(['commit-mismatch']);
    expect(countedOf(scene)).toHaveLength(1);
  });

  it.each([
    ['meter', { meter: 'out' }],
    ['kind', { kind: 'product' }],
    ['salt', { salt: new Uint8Array(32) }],
    ['payload', { payload: heatPackage(createScene(), JANUARY, '50').payload! }],
  ])('with another %s does not open to its commit', (_, change) => {
    const scene = createScene();
    submit(scene, JANUARY.end, { ...heatPackage(scene, JANUARY, '100'), ...change });
    expect(codesOf(findingsOf(scene))).toEqual(['commit-mismatch']);
  });

  it("copied from another organisation's chain does not open to its commit", () => {
    const scene = createScene();
    const other = scene.world.join('Copier');
    scene.world.append(other, packageEntry(heatPackage(scene, JANUARY, '100')));
    broadcastAt(scene, JANUARY.end);
    scene.world.append(
      scene.world.body,
      entryOf('admit', admitContent, { org: other.id, roles: ['applicant'], relations: [] }),
    );
    scene.world.append(other, packageEntry(heatPackage(scene, JANUARY, '100')));
    broadcastAt(scene, JANUARY.end + DAY);
    expect(codesOf(findingsOf(scene))).toEqual(['not-admitted', 'commit-mismatch']);
  });

  it('without its opening is sealed and does not count, also as a correction', () => {
    const scene = createScene();
    const first = heatPackage(scene, JANUARY, '100');
    const { salt: _salt, payload: _payload, ...sealed } = heatPackage(scene, JANUARY, '50');
    scene.world.append(scene.plant, packageEntry(first), correction(first, sealed));
    broadcastAt(scene, JANUARY.end);
    expect(codesOf(findingsOf(scene))).toEqual(['package-sealed']);
    expect(countedOf(scene).map(({ commit }) => commit)).toEqual([first.commit]);
  });

  it('of a kind that nobody knows counts for nothing and disturbs nothing', () => {
    const scene = createScene();
    submit(
      scene,
      JANUARY.end,
      scene.world.packageOf(scene.plant, 'heat', 'weather', JANUARY.start, JANUARY.end, quantity('1')),
    );
    expect(findingsOf(scene)).toEqual([]);
    expect(decideAt(scene, '2024', JANUARY.end).decided.findings.map(({ code }) => code)).toContain('kind-mismatch');
  });

  it('whose payload is not of the shape is malformed', () => {
    const scene = createScene();
    const content = heatPackage(scene, JANUARY, '1');
    scene.world.append(
      scene.plant,
      entryOf('package', packageContent, { ...content, interval: [5, 9] }),
      documentEntry('package', boundaryText()),
    );
    broadcastAt(scene, JANUARY.end);
    expect(codesOf(findingsOf(scene))).toEqual(['commit-mismatch', 'entry-malformed']);
  });
});

describe('on time', () => {
  const standings = (scene: Scene) => countedOf(scene).map(({ standing }) => standing);

  it('is what the first broadcast at or after the due second covers, however late that broadcast comes', () => {
    const scene = createScene();
    broadcastAt(scene, DUE - 1);
    submit(scene, DUE + 90 * DAY, heatPackage(scene, JANUARY, '100'));
    expect(standings(scene)).toEqual(['on_time']);
    expect(findingsOf(scene)).toEqual([]);
  });

  it('is late one broadcast after the first one at the due second', () => {
    const scene = createScene();
    broadcastAt(scene, DUE);
    submit(scene, DUE, heatPackage(scene, JANUARY, '100'));
    expect(standings(scene)).toEqual(['late']);
    expect(codesOf(findingsOf(scene))).toEqual(['package-late']);
  });

  it('does not change with a broadcast that is malformed, which is none', () => {
    const scene = createScene();
    scene.world.time = DUE;
    scene.world.append(scene.world.body, documentEntry('broadcast', 'heads: none'));
    submit(scene, DUE + DAY, heatPackage(scene, JANUARY, '100'));
    expect(standings(scene)).toEqual(['on_time']);
    expect(codesOf(findingsOf(scene))).toEqual(['broadcast-malformed']);
  });

  it.each(['count_and_flag', 'exclude'])('decides on the figures by the policy: %s', (late) => {
    const scene = createScene({ policy: { late } });
    broadcastAt(scene, DUE);
    submit(scene, DUE, heatPackage(scene, JANUARY, '100'));
    const [product] = decideAt(scene, '2024', DUE).decided.evaluation!.products;
    const heat = product!.coverage.reporting.meters.find(({ meter }) => meter === 'heat')!;
    expect(heat.covered).toBe(late === 'exclude' ? 0 : 31 * DAY);
  });

  it('is not asked of history from before the admission, until its own date', () => {
    const history = (covered: number): Scene => {
      const scene = createScene({ founded: '2024-06-15', policy: { first: '2024-01-01' } });
      broadcastAt(scene, at('2024-07-01'));
      broadcastAt(scene, covered - 1);
      submit(scene, covered, heatPackage(scene, JANUARY, '100'));
      return scene;
    };
    // `baseline.history_due` is P3D: after the first period that begins after the admission
    expect(standings(history(at('2025-01-04')))).toEqual(['history']);
    const late = history(at('2025-01-04') + 2);
    expect(standings(late)).toEqual(['late']);
    expect(codesOf(findingsOf(late))).toEqual(['package-late']);
  });
});

describe('a correction', () => {
  const corrected = (scene: Scene, time: number, ...entries: readonly Uint8Array[]): void => {
    scene.world.append(scene.plant, ...entries);
    broadcastAt(scene, time);
  };

  it('takes the place of the package of its slot', () => {
    const scene = createScene();
    const [wrong, right] = [heatPackage(scene, JANUARY, '100'), heatPackage(scene, JANUARY, '99')];
    corrected(scene, JANUARY.end, packageEntry(wrong), correction(wrong, right));
    expect(findingsOf(scene)).toEqual([]);
    expect(countedOf(scene)).toMatchObject([{ commit: right.commit, corrects: wrong.commit }]);
  });

  it('may itself be corrected, by the commit that counts and not by the first', () => {
    const scene = createScene();
    const [first, second, third] = ['100', '99', '98'].map((amount) => heatPackage(scene, JANUARY, amount)) as [
      never,
      never,
      never,
    ];
    corrected(
      scene,
      JANUARY.end,
      packageEntry(first),
      correction(first, second),
      correction(first, third),
      correction(second, third),
    );
    expect(codesOf(findingsOf(scene))).toEqual(['correction-without-target']);
    expect(countedOf(scene)).toMatchObject([{ commit: (third as { commit: string }).commit }]);
  });

  it('without a target in the same slot has no effect', () => {
    const scene = createScene();
    const first = heatPackage(scene, JANUARY, '100');
    corrected(
      scene,
      FEBRUARY.end,
      packageEntry(first),
      correction(first, heatPackage(scene, FEBRUARY, '99')),
      correction(first, outPackage(scene, JANUARY, '9')),
      correction(heatPackage(scene, JANUARY, '77'), heatPackage(scene, JANUARY, '98')),
    );
    expect(codesOf(findingsOf(scene))).toEqual([
      'correction-without-target',
      'correction-without-target',
      'correction-without-target',
    ]);
    expect(countedOf(scene)).toMatchObject([{ commit: first.commit }]);
  });

  it("counts until the policy's date and not a second longer", () => {
    const scene = createScene();
    const [first, second, third] = ['100', '99', '98'].map((amount) => heatPackage(scene, JANUARY, amount)) as [
      never,
      never,
      never,
    ];
    submit(scene, JANUARY.end, first);
    const until = at('2025') + 30 * DAY;
    corrected(scene, until, correction(first, second));
    corrected(scene, until + 1, correction(second, third));
    expect(codesOf(findingsOf(scene).filter(({ code }) => code !== 'package-late'))).toEqual(['correction-late']);
    expect(countedOf(scene)).toMatchObject([{ commit: (second as { commit: string }).commit }]);
  });

  it('re-opens the audit of its month and no other', () => {
    const scene = createScene();
    submitYear(scene, '2024', '100', '10');
    const { state } = scene.world.replay();
    scene.world.append(
      scene.supplier,
      ...[1, 2, 3].map((month) => auditOf(scene, state, scene.supplier, monthSpan(`2024-0${month}`))),
    );
    broadcastAt(scene, at('2025-01-10'));
    expect(decideAt(scene, '2024', at('2025-01-10')).decided.audits!.reporting.relations[0]!.passes).toBe(3);
    corrected(
      scene,
      at('2025-01-11'),
      correction(heatPackage(scene, FEBRUARY, '100'), heatPackage(scene, FEBRUARY, '101')),
    );
    const { decided } = decideAt(scene, '2024', at('2025-01-11'));
    expect(decided.audits!.reporting.relations[0]!.passes).toBe(2);
    expect(codesOf(decided.findings.filter(({ code }) => code.startsWith('audit')))).toEqual(['audit-set-changed']);
  });

  it('that does not open leaves the package that it would replace', () => {
    const scene = createScene();
    const first = heatPackage(scene, JANUARY, '100');
    corrected(
      scene,
      JANUARY.end,
      packageEntry(first),
      correction(first, { ...heatPackage(scene, JANUARY, '99'), salt: new Uint8Array(32) }),
    );
    expect(codesOf(findingsOf(scene))).toEqual(['commit-mismatch']);
    expect(countedOf(scene)).toMatchObject([{ commit: first.commit }]);
  });
});
