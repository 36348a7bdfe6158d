import { parseDecimal } from '../../../src/calc/decimal.ts';
import type {
  DataRules,
  DecisionRules,
  EvaluationInput,
  MeterInput,
  ProductInput,
  Reading,
  Window,
} from '../../../src/calc/evaluation-input.ts';
import { ratioOfText } from '../../../src/calc/ratio.ts';

export const DAY = 86_400;

export const STRICT_RULES: DataRules = {
  coveragePerMeter: ratioOfText('0.90'),
  coverageJoint: ratioOfText('0.90'),
  longestGap: 10 * DAY,
  estimatedCountsAs: 'missing',
  manualShareMost: ratioOfText('0.05'),
  idleShareFlagged: ratioOfText('0.25'),
  straddling: 'refuse',
};

export const EVERY: DecisionRules = {
  products: 'every',
  savingMoreThan: ratioOfText('0'),
  adverseCase: 'must_hold',
  significance: {
    method: 'meter_accuracy',
    k: ratioOfText('2'),
    sameMeterCorrelation: ratioOfText('0'),
    below: 'print',
  },
  productionBasis: 'reporting',
};

/** One reading a day from `start`; a text "-" leaves the day out, "idle" declares it. */
export function days(start: number, quantities: readonly string[]): readonly Reading[] {
  const readings: Reading[] = [];
  for (const [index, text] of quantities.entries()) {
    if (text === '-') continue;
    const idle = text === 'idle';
    const [from, to] = [start + index * DAY, start + (index + 1) * DAY];
    readings.push({
      start: from,
      end: to,
      quantity: parseDecimal(idle ? '0' : text),
      provenance: idle ? 'idle' : 'metered',
    });
  }
  return readings;
}

export function repeat(text: string, times: number): readonly string[] {
  return Array.from({ length: times }, () => text);
}

export const BASELINE: Window = { start: 0, end: 10 * DAY };
export const REPORTING: Window = { start: 10 * DAY, end: 20 * DAY };

export function meter(
  name: string,
  kind: 'energy' | 'product' | 'value',
  baseline: readonly string[],
  reporting: readonly string[],
  more: Partial<MeterInput> = {},
): MeterInput {
  return {
    meter: name,
    kind,
    counts: kind === 'energy' ? 'import' : 'use',
    unit: kind === 'energy' ? 'kWh' : 't',
    ...(kind === 'energy' ? { carrier: 'electricity' } : {}),
    baseline: days(BASELINE.start, baseline),
    reporting: days(REPORTING.start, reporting),
    ...more,
  };
}

/** Ten days against ten days in kWh per t, unless said otherwise. */
export function input(
  meters: readonly MeterInput[],
  products: readonly ProductInput[],
  more: Partial<EvaluationInput> = {},
): EvaluationInput {
  const factors = new Map([['electricity', { unit: 'kWh', factor: ratioOfText('1'), source: 'identity' }]]);
  return {
    verdictUnit: 'kWh',
    baseline: BASELINE,
    reporting: REPORTING,
    interval: DAY,
    meters,
    products,
    factors: { reporting: factors, baseline: factors },
    allocationKey: 'direct_energy',
    dataRules: STRICT_RULES,
    auditedDifferences: [],
    decision: EVERY,
    ...more,
  };
}
