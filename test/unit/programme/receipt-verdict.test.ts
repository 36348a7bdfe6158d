/** What receipts say of a real decision and of packages: the words that somebody reads who has nothing but the file. */
import { expect, test } from 'vitest';
import { toBranch } from '../../../src/ledger/branch.ts';
import { buildProgrammeReceipt, buildReceipt, findCovering, type Opening } from '../../../src/ledger/receipt.ts';
import { checkReceipt } from '../../../src/programme/check-receipt.ts';
import { toDecisionFigures } from '../../../src/programme/decision-figures.ts';
import { type DecisionContent, packageContent } from '../../../src/programme/entries.ts';
import type { ReceiptVerdict } from '../../../src/programme/receipt-verdict.ts';
import { receiptLines } from '../../../src/report/receipt-lines.ts';
import {
  auditYear,
  broadcastAt,
  createScene,
  decideYear,
  heatPackage,
  monthSpan,
  submit,
  submitYear,
} from '../../support/scene.ts';
import { entryOf } from '../../support/world.ts';

const plain = { good: String, bad: String, warn: String, dim: String };
const linesOf = (verdict: ReceiptVerdict): string => receiptLines(verdict, plain).join('\n');
const JANUARY = monthSpan('2024-01');

test('a certificate: number, product, rate in words, saving', () => {
  const scene = createScene();
  submitYear(scene, '2024', '100', '10');
  submitYear(scene, '2025', '90', '10');
  auditYear(scene, '2025');
  decideYear(scene, '2025');
  const { blocks } = scene.world.body;
  const bytes = buildProgrammeReceipt({ programme: toBranch(blocks), seq: blocks.length - 1, index: 0 });
  const verdict = checkReceipt(bytes, scene.world.ledger, { compared: 'with --ledger', against: null });
  expect(verdict).toMatchObject({
    receipt: 'listed',
    chain: 'programme',
    decision: {
      number: 'JM-2025-0001',
      status: 'CERTIFIED',
      period: '2025',
      products: [{ ratePercent: { exact: '10/1' } }],
    },
  });
  expect(linesOf(verdict)).toMatch(
    /DECISION {2}JM-2025-0001 {3}CERTIFIED .*\n +\S+ {3}.*10\.000 % less energy per unit .*saved\)/,
  );
});

test('days of a zone that a receipt alone cannot know are told as times of UTC, not as other days', () => {
  const scene = createScene();
  const day = { start: JANUARY.start - 8 * 3600, end: JANUARY.start + 16 * 3600 };
  submit(scene, JANUARY.end, heatPackage(scene, day, '5'));
  expect(linesOf(lastPackage(scene))).toContain('   2023-12-31 16:00..2024-01-01 16:00 UTC   ');
  const decided = { period: [day.start, day.end], products: [] } as unknown as DecisionContent;
  expect(toDecisionFigures(decided, null).period).toBe('2023-12-31 16:00..2024-01-01 16:00 UTC');
  expect(toDecisionFigures(decided, 'Asia/Shanghai').period).toBe('2024-01-01 to 2024-01-01');
});

/** The receipt of the last package of a scene's plant. */
function lastPackage({ world, plant }: ReturnType<typeof createScene>, opening?: Opening): ReceiptVerdict {
  const [programme, organisation] = [toBranch(world.body.blocks), toBranch(plant.blocks)];
  const seq = plant.blocks.length - 1;
  const covering = world.body.blocks.findLastIndex((block) => findCovering(block, organisation, seq) !== null);
  const listing = { programme: covering, entry: findCovering(world.body.blocks[covering]!, organisation, seq)! };
  const request = { programme, organisation, seq, index: 0, listing, ...(opening === undefined ? {} : { opening }) };
  return checkReceipt(buildReceipt(request), world.ledger, { compared: null, against: null });
}

test('an open package: meter, interval, quantity with its unit', () => {
  const scene = createScene();
  submit(scene, JANUARY.end, heatPackage(scene, JANUARY, '1234.5'));
  const verdict = lastPackage(scene);
  expect(verdict.package).toMatchObject({ meter: 'heat', quantity: '1,234.5', opened: 'entry', standing: null });
  expect(linesOf(verdict)).toMatch(/PACKAGE {3}heat \(energy\) {3}2024-01-01\.\.2024-01-31 {3}1,234\.5 /);
  expect(linesOf(verdict)).toContain('NOT COMPARED');
});

test('a sealed package says so, and tells its quantity with the opening', () => {
  const scene = createScene();
  const content = heatPackage(scene, JANUARY, '77');
  const { salt, payload, ...sealed } = content;
  scene.world.append(scene.plant, entryOf('package', packageContent, sealed));
  broadcastAt(scene, JANUARY.end);
  const closed = lastPackage(scene);
  expect(closed.package).toMatchObject({ quantity: null, opened: null });
  expect(linesOf(closed)).toContain('SEALED');
  const opened = lastPackage(scene, { salt: salt!, payload: payload! });
  expect(opened.package).toMatchObject({ quantity: '77', opened: 'receipt' });
  expect(linesOf(opened)).toContain('OPENED    by the receipt');
});
