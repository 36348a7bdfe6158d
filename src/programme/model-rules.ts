import type { EvaluationInput } from '../calc/evaluation-input.ts';
import { compareDecimal, type Decimal, parseDecimal, ZERO_DECIMAL } from '../calc/decimal.ts';
import { ratioOfDecimal } from '../calc/ratio.ts';
import { OUTPUT, type RegressionInput, type VariableInput } from '../calc/regression-input.ts';
import { listOf, mapOf, oneOf, type Read, record, shortText } from '../ledger/codec/schema.ts';
import type { Boundary, BoundaryMeter } from './boundary.ts';
import { calendarWindows, type Span } from './calendar.ts';
import { countedReadings, shifted } from './counted-packages.ts';
import { textDecimal } from './document.ts';
import type { Policy } from './policy.ts';
import type { Organisation } from './state.ts';

/** `baseline.method: {regression: ...}` of a policy: how the energy of products is modelled (programme-v1 section 2). */
export const regressionMethod = record({
  regression: record({
    rows: oneOf('day', 'month'),
    products: mapOf(listOf(shortText(60), 1, 8)),
    variables: mapOf(record({ takes: oneOf('sum', 'mean') })),
    coverage: textDecimal,
    degrees_of_freedom: oneOf('terms', 'slopes'),
    validity: record({
      model_p: textDecimal,
      variable_p: textDecimal,
      one_variable_p: textDecimal,
      r2: textDecimal,
      deviations: textDecimal,
    }),
    confidence: textDecimal,
    verdict: oneOf('print', 'decide'),
  }),
});

type Method = Read<typeof regressionMethod>;

const ONE = parseDecimal('1');

/** What the shape alone cannot say: models of products that there are, of variables that are said, limits that are shares. */
export function* methodFaults(
  { regression: rules }: Method,
  products: ReadonlySet<string>,
): Generator<readonly [key: string, fault: string]> {
  const root = 'baseline.method.regression';
  for (const [product, names] of rules.products) {
    const key = `${root}.products.${product}`;
    if (!products.has(product)) yield [key, 'is no product of the policy'];
    if (new Set(names).size !== names.length) yield [key, 'names a variable twice'];
    for (const name of names)
      if (name !== OUTPUT && !rules.variables.has(name)) yield [key, `names '${name}', which is not among 'variables'`];
  }
  if (rules.variables.has(OUTPUT))
    yield [`${root}.variables.${OUTPUT}`, 'is the output of the product, not a variable'];
  const { model_p, variable_p, one_variable_p, r2, deviations } = rules.validity;
  const shares: readonly (readonly [string, Decimal])[] = [
    ['coverage', rules.coverage],
    ['validity.model_p', model_p],
    ['validity.variable_p', variable_p],
    ['validity.one_variable_p', one_variable_p],
    ['validity.r2', r2],
  ];
  for (const [key, share] of shares)
    if (compareDecimal(share, ZERO_DECIMAL) < 0 || compareDecimal(share, ONE) > 0)
      yield [`${root}.${key}`, 'is no share, expected "0" to "1"'];
  if (compareDecimal(deviations, ZERO_DECIMAL) < 0) yield [`${root}.validity.deviations`, 'is below zero'];
  if (compareDecimal(rules.confidence, LEAST) < 0 || compareDecimal(rules.confidence, MOST) > 0)
    yield [`${root}.confidence`, 'is no confidence, expected "0.5" to "0.999999"'];
}

const LEAST = parseDecimal('0.5');
const MOST = parseDecimal('0.999999');

/** The rows of the windows, and each variable as the applicant records it, for the products that the boundary makes. */
export function toRegressionInput(
  applicant: Organisation,
  policy: Policy,
  boundary: Boundary,
  windows: { readonly baseline: Span; readonly reporting: Span; readonly fixedBase?: Span },
): Pick<EvaluationInput, 'regression'> {
  const { method } = policy.baseline;
  if (method === undefined || typeof method === 'string') return {};
  const { regression: rules } = method;
  const length = { years: 0, months: rules.rows === 'month' ? 1 : 0, days: rules.rows === 'day' ? 1 : 0, seconds: 0 };
  const rowsOf = ({ start, end }: Span) => calendarWindows(start, end, length, policy.time.zone);
  const { model_p, variable_p, one_variable_p, r2, deviations } = rules.validity;
  const regression: RegressionInput = {
    rowLength: rules.rows,
    rows: {
      baseline: rowsOf(windows.baseline),
      reporting: rowsOf(windows.reporting),
      ...(windows.fixedBase === undefined ? {} : { fixedBase: rowsOf(windows.fixedBase) }),
    },
    products: rules.products,
    variables: new Map(
      [...rules.variables].flatMap(([name, { takes }]): readonly (readonly [string, VariableInput])[] => {
        const meter = meterOfVariable(boundary, name);
        if (meter === undefined) return [];
        const readings = (window: Span) => countedReadings(applicant, policy, boundary, meter, shifted(meter, window));
        return [
          [
            name,
            {
              takes,
              ...(meter.day_starts === undefined ? {} : { dayStart: meter.day_starts }),
              baseline: readings(windows.baseline),
              reporting: readings(windows.reporting),
              ...(windows.fixedBase === undefined ? {} : { fixedBase: readings(windows.fixedBase) }),
            },
          ],
        ];
      }),
    ),
    coverage: ratioOfDecimal(rules.coverage),
    degreesOfFreedom: rules.degrees_of_freedom,
    validity: {
      modelP: ratioOfDecimal(model_p),
      variableP: ratioOfDecimal(variable_p),
      oneVariableP: ratioOfDecimal(one_variable_p),
      r2: ratioOfDecimal(r2),
      deviations: ratioOfDecimal(deviations),
    },
    confidence: ratioOfDecimal(rules.confidence),
    verdict: rules.verdict,
  };
  return { regression };
}

/** The one meter of kind `variable` with that property, or of that name; undefined where there is none or more than one. */
function meterOfVariable(boundary: Boundary, variable: string): BoundaryMeter | undefined {
  const found = [...boundary.meters.values()].filter(
    ({ kind, property, name }) => kind === 'variable' && (property ?? name) === variable,
  );
  return found.length === 1 ? found[0] : undefined;
}
