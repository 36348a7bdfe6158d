import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../src/calc/decimal.ts';
import { evaluate } from '../../src/calc/evaluate.ts';
import { explain } from '../../src/calc/explain.ts';
import { ratioOfText, ratioToText } from '../../src/calc/ratio.ts';
import { decodeCbor } from '../../src/ledger/codec/decode.ts';
import { type CborValue, isCborMap } from '../../src/ledger/codec/value.ts';
import { unionOf } from '../support/closed-unions.ts';
import { ratioOfFormula } from '../support/formula.ts';
import { codeBlocksOf, readPage, tableRowsOf } from '../support/markdown.ts';
import {
  at,
  auditYear,
  boundaryText,
  createScene,
  DAY,
  decideAt,
  decideYear,
  METERS,
  submitYear,
} from '../support/scene.ts';
import { decideModelled } from '../support/modelled-scene.ts';
import { readSources } from '../support/sources.ts';
import { EVERY, input, meter, repeat } from '../unit/calc/sample.ts';

const PAGE = readPage('docs/spec/calculation-v1.md');
const rows = tableRowsOf(PAGE);

describe('the worked example', () => {
  const accuracy = { accuracy: parseDecimal('0.005') };
  const factors = new Map([['electricity', { unit: 'kWh', factor: ratioOfText('0.1229'), source: 'table' }]]);
  const evaluation = evaluate(
    input(
      [
        meter('main', 'energy', repeat('1000', 10), [...repeat('900', 9), '-'], accuracy),
        meter('out', 'product', repeat('10', 10), repeat('10', 10), { product: 'cement', ...accuracy }),
      ],
      [{ product: 'cement', basis: 'quantity', unit: 't' }],
      {
        verdictUnit: 'kgce',
        factors: { baseline: factors, reporting: factors },
        auditedDifferences: [
          { against: 'energy', carrier: 'electricity', difference: ratioOfText('-100'), unit: 'kWh' },
        ],
      },
    ),
  );
  const product = evaluation.products[0]!;
  const steps = new Map(explain(evaluation, EVERY).map((step) => [step.id, step]));
  const shown = (id: string): readonly string[] => {
    const { exact, displayed, unit } = steps.get(id)!;
    return [ratioToText(ratioOfText(exact)), unit === '1' ? displayed : `${displayed} ${unit}`];
  };
  const { expandedSquared, expanded } = product.uncertainty!;
  const expected: Readonly<Record<string, readonly string[]>> = {
    'energy, b': shown('cement/baseline/energy'),
    'intensity, b': shown('cement/baseline/intensity'),
    'energy, r': shown('cement/reporting/energy'),
    'intensity, r': shown('cement/reporting/intensity'),
    rate: shown('cement/rate'),
    saving: shown('cement/saving'),
    'rate without fill': shown('cement/without-fill/rate'),
    'intensity, r, adverse': shown('cement/adverse/reporting/intensity'),
    'rate, adverse': shown('cement/adverse/rate'),
    'U^2': [ratioToText(expandedSquared), expanded],
  };

  test.each(Object.entries(expected))('%s has every digit', (step, figures) => {
    expect(rows.find(([name]) => name === step)?.slice(2)).toEqual(figures);
  });

  test.each(Object.keys(expected))('%s: its formula gives its exact figure', (step) => {
    const [, formula = '', exact = ''] = rows.find(([name]) => name === step) ?? [];
    expect(ratioToText(ratioOfFormula(formula.replaceAll(/ (?:kWh|t)\b/gu, '')))).toBe(exact);
  });

  test('has the verdict and the reason that the page says', () => {
    expect(product.verdict).toBe('saved');
    expect(product.reasons.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['minor data-gap']);
    expect(product.uncertainty?.distinguishable).toBe(true);
  });
});

describe('the table of reasons', () => {
  const table = new Map(
    rows
      .filter(([, severity = '']) => /^(?:critical|moderate|minor)/u.test(severity))
      .map(([code = '', severity = '']) => [code.replaceAll('`', ''), severity]),
  );

  test('has every code, and no other', () => {
    expect([...table.keys()].toSorted()).toEqual([...unionOf('src/calc/evaluation.ts', 'ReasonCode')].toSorted());
  });

  test('has the severities that the calculation gives', () => {
    const given = new Map<string, Set<string>>();
    for (const { text } of readSources('src/calc')) {
      for (const [, code = '', severity = ''] of text.matchAll(/\breason\(\s*'([a-z-]+)',\s*([^,]+),/gu)) {
        for (const [, word = ''] of severity.matchAll(/'(\w+)'/gu))
          given.set(code, (given.get(code) ?? new Set()).add(word));
      }
    }
    const said = new Map(
      [...table].map(([code, severity]) => [
        code,
        new Set(severity.split(', ').filter((word) => word !== 'no figure')),
      ]),
    );
    expect(said).toEqual(given);
  });

  test('says which prevent a figure', () => {
    const [, list = ''] =
      /NO_FIGURE[^=]*=([^;]*);/u.exec(
        readSources('src/calc').find(({ path }) => path.endsWith('/product-reasons.ts'))?.text ?? '',
      ) ?? [];
    const prevent = [...list.matchAll(/'([a-z-]+)'/gu)].map(([, code = '']) => code);
    expect([...table].filter(([, severity]) => severity.includes('no figure')).map(([code]) => code)).toEqual(
      prevent.toSorted(),
    );
  });
});

/** Rules that this decision has nothing of: others are tested where they occur. */
const UNSEEN: ReadonlySet<string> = new Set('reason link others norm adjustment'.split(' '));

describe('the payload', () => {
  const rules = (codeBlocksOf(PAGE).find(({ info }) => info === 'cddl')?.lines ?? [])
    .join('\n')
    .split(/\n(?=\w+ +=)/u)
    .map((rule) => ({ name: rule.slice(0, rule.indexOf(' ')), ...keysOf(rule) }));

  test('of a decision is of the shape of the page, every map of it', () => {
    const scene = createScene({ boundary: boundaryText(METERS.replaceAll('}', ', accuracy: "0.005"}')) });
    submitYear(scene, '2024', '100', '10');
    submitYear(scene, '2025', '90', '10');
    auditYear(scene, '2025');
    const { decided } = decideAt(scene, '2025', at('2026') + 65 * DAY);
    expect(decided.status).toBe('CERTIFIED');
    const seen = new Set<string>();
    const payloads = [decided.payload, decideModelled().payload].map((payload) => decodeCbor(payload));
    const unknown = [...mapsOf(payloads)].filter((keys) => {
      const rule = rules.find(
        ({ required, optional }) =>
          required.every((key) => keys.includes(key)) &&
          keys.every((key) => required.includes(key) || optional.includes(key)),
      );
      if (rule !== undefined) seen.add(rule.name);
      return rule === undefined && !isPairOfPeriods(keys);
    });
    expect(unknown).toEqual([]);
    expect(rules.map(({ name }) => name).filter((name) => !seen.has(name) && !UNSEEN.has(name))).toEqual([]);
  });

  test('of a refusal has reasons of the shape of the page', () => {
    const scene = createScene();
    submitYear(scene, '2024', '100', '10');
    submitYear(scene, '2025', '90', '10', (packages, month) => (month > 9 ? [packages[0]!] : packages));
    const { payload } = decideYear(scene, '2025');
    const reason = rules.find(({ name }) => name === 'reason');
    expect(
      [...mapsOf(decodeCbor(payload))].filter((keys) => keys.includes('code')).map((keys) => [...keys].toSorted()),
    ).toContainEqual([...(reason?.required ?? [])].toSorted());
  });
});

/** `{"baseline": ..., "reporting": ...}` stands inside the rules that name it. */
const isPairOfPeriods = (keys: readonly string[]): boolean =>
  keys.length === 2 && keys.includes('baseline') && keys.includes('reporting');

/** The keys of the outermost map of a CDDL rule. */
function keysOf(rule: string): { readonly required: readonly string[]; readonly optional: readonly string[] } {
  const required: string[] = [];
  const optional: string[] = [];
  let depth = 0;
  for (const [token, mark, key] of rule.matchAll(/[{}]|(\? )?"(\w+)":/gu)) {
    if (token === '{') depth += 1;
    else if (token === '}') depth -= 1;
    else if (depth === 1 && key !== undefined) (mark === undefined ? required : optional).push(key);
  }
  return { required, optional };
}

function* mapsOf(value: CborValue): Generator<readonly string[]> {
  if (isCborMap(value)) {
    yield [...value.keys()];
    for (const element of value.values()) yield* mapsOf(element);
  } else if (Array.isArray(value)) for (const element of value as readonly CborValue[]) yield* mapsOf(element);
}
