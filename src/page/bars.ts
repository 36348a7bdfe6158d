import type { DecisionView } from '../programme/decision-view.ts';
import type { Figure } from '../programme/figure.ts';
import { element, svgElement } from './dom.ts';
import type { Words } from './words.ts';

type Product = DecisionView['products'][number];

const WIDTH = 640;
const LABEL = 150;
const VALUE = 150;
const ROW = 30;
const BAR = 18;
const FULL = WIDTH - LABEL - VALUE;

/** Baseline and reporting period of a product, one bar each on one scale from zero; null where there is nothing to draw. */
export function bars(product: Product, view: DecisionView, { say }: Words): HTMLElement | null {
  const { baseline, reporting } = product;
  if (baseline === null || reporting === null) return null;
  const unit = `${view.unit}/${product.unit}`;
  const values = [toNumber(baseline), toNumber(reporting)];
  const most = Math.max(...values);
  const title = say('product.chart', {
    product: product.product,
    baseline: baseline.displayed,
    reporting: reporting.displayed,
    unit,
  });
  const rows = [
    { label: view.baseline, side: say('product.baseline'), figure: baseline, kind: 'bar baseline' },
    { label: view.period, side: say('product.reporting'), figure: reporting, kind: 'bar reporting' },
  ];
  return element(
    'figure',
    { class: 'bars' },
    svgElement(
      'svg',
      { viewBox: `0 0 ${WIDTH} ${2 * ROW + 8}`, role: 'img', 'aria-label': title },
      rows.map(({ label, side, figure, kind }, row) => {
        const top = row * ROW + 6;
        const length = most > 0 ? Math.max(0, ((values[row] ?? 0) / most) * FULL) : 0;
        const middle = String(top + BAR / 2);
        return [
          svgElement('text', { x: '0', y: middle, class: 'bar-label' }, `${side} ${label}`),
          svgElement('rect', {
            x: String(LABEL),
            y: String(top),
            width: String(FULL),
            height: String(BAR),
            class: 'bar-ground',
          }),
          svgElement('rect', {
            x: String(LABEL),
            y: String(top),
            width: length.toFixed(2),
            height: String(BAR),
            class: kind,
          }),
          svgElement('text', { x: String(WIDTH), y: middle, class: 'bar-value' }, `${figure.displayed} ${unit}`),
        ];
      }),
      svgElement('line', { x1: String(LABEL), x2: String(LABEL), y1: '2', y2: String(2 * ROW + 2), class: 'bar-axis' }),
    ),
  );
}

/** Near enough to draw: six digits of a fraction of any size. */
function toNumber({ exact }: Figure): number {
  const [n = '0', d = '1'] = exact.split('/');
  return Number((BigInt(n) * 1_000_000n) / BigInt(d)) / 1_000_000;
}
