import { type ChainComparison, type CopyComparison } from '../programme/compare-copies.ts';
import type { VerdictPaint } from './verdict-lines.ts';

/** Two copies side by side as lines to read. `names`: what the user called them. */
export function comparisonLines(
  { newer, chains }: CopyComparison,
  names: { readonly a: string; readonly b: string },
  ui: VerdictPaint,
): readonly string[] {
  const differ = chains.filter((chain) => differencesOf(chain, ui).length > 0);
  const same = chains.length - differ.length;
  return [
    `COPY A    ${names.a}`,
    `COPY B    ${names.b}`,
    ...differ.map((chain) => `          ${chain.name}: ${differencesOf(chain, ui).join('; ')}`),
    ...(same === 0 ? [] : [`          ${same} ${same === 1 ? 'chain is' : 'chains are'} the same in both`]),
    `NEWER     ${chains[0]?.divergedAt?.seq === 0 ? TWO_LEDGERS : NEWER[newer]}`,
  ];
}

/** In what a chain differs; nothing where it is the same in both. */
function differencesOf(
  { relation, a, b, hashesOnly, divergedAt }: ChainComparison,
  ui: VerdictPaint,
): readonly string[] {
  const words: string[] = [];
  if (divergedAt !== null)
    words.push(ui.bad(`they diverge at block ${divergedAt.seq}: A has ${divergedAt.a}, B has ${divergedAt.b}`));
  else if (relation !== 'same') {
    const [behind, blocks] = relation === 'a-behind' ? ['A', b - a] : ['B', a - b];
    words.push(`${behind} is behind by ${count(blocks, 'block', 'blocks')} (${Math.min(a, b)} of ${Math.max(a, b)})`);
  }
  if (hashesOnly.a > 0) words.push(`A has only the hashes of ${count(hashesOnly.a, 'entry', 'entries')} that B holds`);
  if (hashesOnly.b > 0) words.push(`B has only the hashes of ${count(hashesOnly.b, 'entry', 'entries')} that A holds`);
  return words;
}

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

const TWO_LEDGERS = 'neither: they are two ledgers, not two copies of one';

const NEWER: Readonly<Record<CopyComparison['newer'], string>> = {
  same: 'neither: they are the same',
  a: 'A: it holds all of B, and more',
  b: 'B: it holds all of A, and more',
  each: 'each holds what the other has not; joined they are one history',
  diverged: 'neither continues the other: keep both, they are evidence',
};
