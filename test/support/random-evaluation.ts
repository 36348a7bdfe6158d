import { decimal } from '../../src/calc/decimal.ts';
import type {
  AuditedDifference,
  Counts,
  EvaluationInput,
  MeterInput,
  ProductInput,
  Reading,
} from '../../src/calc/evaluation-input.ts';
import type { Rational } from '../../src/calc/ratio.ts';

const LENGTH = 12;
const WINDOWS = { baseline: { start: 0, end: LENGTH }, reporting: { start: LENGTH, end: 2 * LENGTH } };

type Kind = Partial<MeterInput> & Required<Pick<MeterInput, 'kind' | 'counts'>>;

/**
 * Small plants of every kind that the page knows, from a list of choices: gaps, idle, exports, shared and converted energy,
 * stock, bad data.
 */
export function randomEvaluation(choices: readonly number[]): EvaluationInput {
  let used = 0;
  const pick = (n: number): number => (choices[used++] ?? 0) % n;
  const one = <T>(...items: readonly T[]): T => items[pick(items.length)]!;
  const fraction = (): Rational => ({ n: BigInt(1 + pick(7)), d: one(1n, 2n, 3n) });

  // half of the plants have data that nothing stops, so that their verdicts are of figures
  const isTidy = pick(2) === 0;
  const straddling = isTidy ? 'prorate' : one('refuse', 'prorate');
  const isBilled = (kind: string): boolean => kind === 'energy' && pick(2) === 0;
  const products = Array.from({ length: 1 + pick(3) }, (_, index): ProductInput => {
    const basis = one('quantity', 'quantity', 'quantity', 'value');
    return {
      product: `p${index}`,
      basis,
      unit: 't',
      ...(pick(3) === 0 ? { energy: one(['power'], ['coal'], ['power', 'coal']) } : {}),
      ...(pick(4) === 0 ? {} : { allocationWeight: fraction() }),
      ...(basis === 'value' && pick(4) > 0 ? { priceIndex: { baseline: fraction(), reporting: fraction() } } : {}),
    };
  });
  const label = () => (pick(3) === 0 ? {} : { product: `p${pick(products.length)}` });

  /** One run of readings over both windows and their edges; what lies outside a window is passed over there. */
  const series = (dayStart: number, isClean: boolean, billed: boolean): readonly Reading[] => {
    const edges = [0, LENGTH, 2 * LENGTH].map((edge) => edge + dayStart);
    const readings: Reading[] = [];
    let start = -2;
    while (start < 2 * LENGTH + 3) {
      let end = start + 1 + pick(4);
      const edge = edges.find((at) => start < at && at < end);
      if (edge !== undefined && (straddling === 'refuse' || !billed ? isTidy || pick(24) > 0 : pick(2) > 0)) end = edge;
      const provenance = isTidy || isClean || pick(5) > 0 ? 'metered' : one('metered', 'manual', 'estimated', 'idle');
      const isIdle = provenance === 'idle' && pick(12) > 0;
      const mantissa = isIdle ? 0 : 1 + pick(30) - (!isTidy && pick(60) === 0 ? 31 : 0);
      if (isClean || pick(8) > 0)
        readings.push({ start, end, quantity: decimal(BigInt(mantissa), one(0, 0, -1)), provenance });
      start = end;
    }
    return readings;
  };
  const meters: MeterInput[] = [];
  const add = (meter: string, more: Kind): void => {
    const dayStart = pick(10) === 0 ? 1 : 0;
    const billed = isBilled(more.kind);
    const readings = series(dayStart, pick(2) === 0, billed);
    meters.push({
      meter,
      unit: more.kind === 'energy' && more.carrier !== 'coal' ? 'kWh' : 't',
      ...(pick(8) === 0 ? {} : { accuracy: decimal(BigInt(1 + pick(9)), -3) }),
      ...(dayStart === 0 ? {} : { dayStart }),
      ...(billed ? { billed } : {}),
      ...more,
      baseline: readings,
      reporting: readings,
    });
  };
  const energy = (meter: string, counts: Counts, more: Partial<MeterInput>): void =>
    add(meter, { kind: 'energy', counts, ...more });
  energy('main', one('import', 'use'), { carrier: 'power', ...(pick(4) === 0 ? label() : {}) });
  for (let index = 0; index < pick(4); index += 1)
    energy(`sub-${index}`, one('use', 'use', 'use', 'export', 'recovered', 'converted'), { under: 'main', ...label() });
  if (
    meters.some(({ meter, counts }) => meter === 'sub-0' && (counts === 'use' || counts === 'converted')) &&
    pick(2) === 0
  )
    energy('sub-sub', 'use', { under: 'sub-0', ...label() });
  if (pick(3) === 0) energy('boiler', 'converted', { carrier: 'power', ...label() });
  if (pick(2) === 0) {
    energy('coal', one('import', 'import', 'use'), { carrier: 'coal', ...label() });
    if (pick(2) === 0) add('heap', { kind: 'stock', counts: 'use', carrier: 'coal', ...label() });
    if (pick(4) === 0) add('yard', { kind: 'stock', counts: 'use', carrier: 'coal' });
    if (pick(4) === 0) energy('scale', one('use', 'import'), { under: 'coal', carrier: 'coal', ...label() });
    if (pick(4) === 0) energy('sold', 'export', { carrier: 'coal', ...label() });
  }
  for (const { product, basis } of products) {
    const kind = basis === 'value' ? 'value' : 'product';
    if (pick(20) > 0) add(`${product}-out`, { kind, counts: 'use', product });
    const extra = pick(4);
    if (extra === 0) add(`${product}-more`, { kind, counts: 'use', product });
    if (extra === 1 && meters.some(({ meter }) => meter === `${product}-out`))
      add(`${product}-bad`, { kind, counts: 'use', product, under: `${product}-out`, rejected: true });
  }

  const table = () =>
    new Map([
      ['power', { unit: 'kWh', factor: fraction(), source: 'table' }],
      ['coal', { unit: 't', factor: fraction(), source: 'table' }],
    ]);
  const differences = Array.from({ length: pick(3) }, (): AuditedDifference => {
    const difference = { n: BigInt(pick(9) - 4), d: one(1n, 3n) };
    const period = one('baseline', 'reporting');
    const product = `p${pick(products.length)}`;
    return pick(2) === 0
      ? { against: 'product', product, difference, unit: 't', period }
      : {
          against: 'energy',
          ...one({ carrier: 'power', unit: 'kWh' }, { carrier: 'coal', unit: 't' }),
          ...(pick(3) === 0 ? { takenOff: true as const } : {}),
          difference,
          period,
        };
  });
  return {
    verdictUnit: 'kgce',
    ...WINDOWS,
    interval: 2,
    meters,
    products,
    factors: { baseline: table(), reporting: table() },
    allocationKey: one('direct_energy', 'direct_energy', 'output_equivalent', 'heat_content', 'comparable_value'),
    dataRules: {
      coveragePerMeter: { n: isTidy ? 0n : BigInt(pick(3)), d: 4n },
      coverageJoint: { n: isTidy ? 0n : BigInt(pick(3)), d: 4n },
      longestGap: isTidy ? LENGTH : one(LENGTH, LENGTH, 3),
      estimatedCountsAs: one('missing', 'metered'),
      manualShareMost: { n: BigInt(pick(3)), d: 2n },
      idleShareFlagged: { n: 1n, d: 4n },
      straddling,
      ...(!isTidy && pick(3) === 0 ? { skewMost: pick(2) } : {}),
    },
    auditedDifferences: differences,
    adjustments: Array.from({ length: pick(3) }, (_, index) => {
      const start = pick(2 * LENGTH);
      const energyOf = { n: BigInt(pick(21) - 10), d: 2n };
      return {
        product: `p${pick(products.length)}`,
        window: { start, end: start + 1 + pick(5) },
        energy: energyOf,
        unit: 'kgce',
        reason: 'fire',
        from: `${index}:0`,
      };
    }),
    decision: {
      products: 'every',
      savingMoreThan: { n: BigInt(pick(2)), d: 20n },
      adverseCase: one('must_hold', 'print'),
      significance: {
        method: 'meter_accuracy',
        k: { n: 2n, d: 1n },
        sameMeterCorrelation: { n: BigInt(pick(3)), d: 2n },
        below: one('print', 'refuse'),
      },
      productionBasis: one('reporting', 'baseline'),
    },
  };
}
