import type { DecisionView } from '../programme/decision-view.ts';
import type { Figure } from '../programme/figure.ts';
import { element, svgElement } from './dom.ts';
import type { Words } from './words.ts';

type Product = DecisionView['products'][number];

/** Parts of a full bar. */
const FULL = 1000;

/**
 * Baseline and reporting period of a product, one bar each on one scale from zero; null where there is nothing to draw. What is written stands
 * beside the drawing and not in it, so that it stays readable however narrow the page is.
 */
export function bars(product: Product, view: DecisionView, { say }: Words): HTMLElement | null {
  const { baseline, reporting } = product;
  if (baseline === null || reporting === null) return null;
  const unit = `${view.unit}/${product.unit}`;
  const rows = [
    { label: view.baseline, side: say('product.baseline'), figure: baseline, kind: 'bar baseline' },
    { label: view.period, side: say('product.reporting'), figure: reporting, kind: 'bar reporting' },
  ];
  const most = Math.max(...rows.map(({ figure }) => toNumber(figure)));
  return element(
    'figure',
    { class: 'bars', 'aria-label': say('product.chart', { product: product.product }) },
    rows.map(({ label, side, figure, kind }) => {
      const length = most > 0 ? Math.max(0, (toNumber(figure) / most) * FULL) : 0;
      const size = { x: '0', y: '0', height: '1' };
      return [
        element('span', { class: 'bar-label' }, `${side} ${label}`),
        element('span', { class: 'bar-value' }, figure.displayed, element('small', {}, ` ${unit}`)),
        svgElement(
          'svg',
          { viewBox: `0 0 ${FULL} 1`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
          svgElement('rect', { ...size, width: String(FULL), class: 'bar-ground' }),
          svgElement('rect', { ...size, width: length.toFixed(2), class: kind }),
        ),
      ];
    }),
  );
}

/** Near enough to draw: six digits of a fraction of any size. */
function toNumber({ exact }: Figure): number {
  const [n = '0', d = '1'] = exact.split('/');
  return Number((BigInt(n) * 1_000_000n) / BigInt(d)) / 1_000_000;
}
