import { type ChainComparison, type CopyComparison } from '../programme/compare-copies.ts';
import type { VerdictPaint } from './verdict-lines.ts';

/** Two copies side by side as lines to read. `names`: what the user called them. */
export function comparisonLines(
  { newer, chains }: CopyComparison,
  names: { readonly a: string; readonly b: string },
  ui: VerdictPaint,
): readonly string[] {
  const same = chains.filter(({ relation }) => relation === 'same').length;
  return [
    `COPY A    ${names.a}`,
    `COPY B    ${names.b}`,
    ...chains
      .filter(({ relation }) => relation !== 'same')
      .map((chain) => `          ${chain.name}: ${inWords(chain, ui)}`),
    ...(same === 0 ? [] : [`          ${same} ${same === 1 ? 'chain is' : 'chains are'} the same in both`]),
    `NEWER     ${NEWER[newer]}`,
  ];
}

function inWords({ relation, a, b, divergedAt }: ChainComparison, ui: VerdictPaint): string {
  if (divergedAt !== null)
    return ui.bad(`they diverge at block ${divergedAt.seq}: A has ${divergedAt.a}, B has ${divergedAt.b}`);
  const [behind, blocks] = relation === 'a-behind' ? ['A', b - a] : ['B', a - b];
  return `${behind} is behind by ${blocks} ${blocks === 1 ? 'block' : 'blocks'} (${Math.min(a, b)} of ${Math.max(a, b)})`;
}

const NEWER: Readonly<Record<CopyComparison['newer'], string>> = {
  same: 'neither: they are the same',
  a: 'A: it holds all of B, and more',
  b: 'B: it holds all of A, and more',
  each: 'each holds blocks that the other has not; joined they are one history',
  diverged: 'neither continues the other: keep both, they are evidence',
};
