import type { DecisionView } from '../programme/decision-view.ts';
import type { Figure } from '../programme/figure.ts';
import { type Child, element, named } from './dom.ts';
import type { Words } from './words.ts';

type Product = DecisionView['products'][number];

/** A product's model beside the ratio: what it says and how far it can be off, what it rests on, and whether the two agree. */
export function modelView(
  { model, ratePercent, reasons }: Product,
  { say }: Words,
  change: (percent: Figure, say: Words['say']) => string,
): Child {
  if (model === undefined || model.ratePercent === null) return null;
  const { rows, terms, r2, faults, bandPercent } = model;
  const [, ...slopes] = terms;
  const standing = (of: readonly string[]): string =>
    of.length === 0 ? say('model.valid') : `${say('model.invalid')}${say('list.colon')}${of.join(say('list.comma'))}`;
  // a band beside, where it says something else than the headline's model
  const bandView = (key: 'model.ownTable' | 'model.fixedBase', band: typeof model.ownTable, { exact }: Figure): Child =>
    band === null || band.ratePercent === null || band.ratePercent.exact === exact
      ? null
      : element(
          'p',
          {},
          `${say(key)}${say('list.colon')}${change(band.ratePercent, say)}${say('list.comma')}${standing(band.faults)}`,
        );
  const warning = reasons.find(({ code }) => code === 'base-load');
  return element(
    'li',
    { class: 'model' },
    element('strong', {}, `${say('model.heading')}${say('list.colon')}${change(model.ratePercent, say)}`),
    say('list.comma'),
    bandPercent === null ? say('model.noBand') : say('model.band', { percent: bandPercent.displayed }),
    model.distinguishable === false ? [say('list.comma'), say('model.unclear')] : null,
    say('list.stop'),
    model.decides ? say('model.decides') : say('model.printed'),
    element(
      'p',
      {},
      say('model.on'),
      ' ',
      slopes.map(({ name }, index) => [index === 0 ? '' : say('list.comma'), named(name)]),
      `${say('list.comma')}${say('model.rows', { used: rows.used, of: rows.baseline })}${say('list.comma')}R² ${r2?.displayed ?? '–'}${say('list.comma')}`,
      standing(faults),
    ),
    bandView('model.ownTable', model.ownTable, model.ratePercent),
    bandView('model.fixedBase', model.fixedBase, model.ratePercent),
    warning === undefined || ratePercent === null
      ? null
      : element(
          'p',
          { class: 'caution' },
          say('model.baseLoad', { ratio: change(ratePercent, say), model: change(model.ratePercent, say) }),
        ),
  );
}
