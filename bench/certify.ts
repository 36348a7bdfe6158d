/** A million packages certified: from the state that a verification leaves, and the evaluation in it by itself. */
import type { EvaluationInput, MeterInput, Reading } from '../src/calc/evaluation-input.ts';
import { evaluate } from '../src/calc/evaluate.ts';
import { input } from '../test/unit/calc/sample.ts';
import { decide } from '../src/programme/decide.ts';
import type { Organisation } from '../src/programme/state.ts';
import { periodOf, plantOf } from '../test/support/scene.ts';
import { median, numberOption, printFigure, seconds } from './support/figure.ts';
import { makeLargeApplicant } from './support/large-applicant.ts';

const HOUR = 3600;
const hours = 8760;
const meters = numberOption('meters', 57);
const runs = numberOption('runs', 5);

function readings(meter: number, start: number): readonly Reading[] {
  return Array.from({ length: hours }, (_, hour) => ({
    start: start + hour * HOUR,
    end: start + (hour + 1) * HOUR,
    quantity: { mantissa: BigInt(1_000_001 + ((hour * 7919 + meter * 104_729) % 500_000) * 2), exponent: -3 },
    provenance: 'metered' as const,
  }));
}

const toMeter = (number: number): MeterInput => ({
  meter: `meter-${number}`,
  kind: number === 0 ? 'product' : 'energy',
  counts: number === 0 ? 'use' : 'import',
  unit: number === 0 ? 't' : 'kWh',
  product: 'clinker',
  ...(number === 0 ? {} : { carrier: 'electricity' }),
  baseline: readings(number, 0),
  reporting: readings(number + 1, hours * HOUR),
});

const question: EvaluationInput = input(
  Array.from({ length: meters }, (_, number) => toMeter(number)),
  [{ product: 'clinker', basis: 'quantity', unit: 't' }],
  {
    baseline: { start: 0, end: hours * HOUR },
    reporting: { start: hours * HOUR, end: 2 * hours * HOUR },
    interval: HOUR,
  },
);
const packages = meters * hours * 2;
const ours: number[] = [];
const bare: number[] = [];
for (let run = 0; run < runs; run += 1) {
  const { result, seconds: elapsed } = seconds(() => evaluate(question));
  if (result.products[0]?.headline === null || result.products[0]?.headline.rate === null)
    throw new Error(`no rate: ${JSON.stringify(result.reasons)}`);
  ours.push(packages / elapsed);
  bare.push(
    packages /
      seconds(() =>
        question.meters.reduce(
          (sum, meter) =>
            [...meter.baseline, ...meter.reporting].reduce((part, { quantity }) => part + quantity.mantissa, sum),
          0n,
        ),
      ).seconds,
  );
}
printFigure({
  bench: 'certify',
  what: `evaluation of ${packages.toLocaleString('en-US')} packages`,
  value: median(ours),
  unit: 'packages/s',
  target: { at: 'least', bound: 200_000 },
  more: { runs, meters, 'bare bigint additions/s': Math.round(median(bare)), node: process.version },
});

const large = makeLargeApplicant(meters);
const before = heap();
const whole: number[] = [];
for (let run = 0; run < runs; run += 1) {
  const { scene, state, now } = large;
  const plant = forgetLeaves(plantOf(scene, state));
  state.organisations.set(plant.id, plant);
  const { result, seconds: elapsed } = seconds(() => decide(state, plant, periodOf(state, '2025'), now));
  if (result.status !== 'CERTIFIED') throw new Error(`${result.status}: ${result.reasons.join(', ')}`);
  whole.push(large.packages / elapsed);
}
printFigure({
  bench: 'certify',
  what: `decision over ${large.packages.toLocaleString('en-US')} packages from the verified state: input, audits, evaluation, bytes`,
  value: median(whole),
  unit: 'packages/s',
  target: { at: 'least', bound: 200_000 },
  more: {
    runs,
    meters,
    'MB of the state': before,
    'MB after': heap(),
    'MB at most, whole process': Math.round(process.resourceUsage().maxRSS / 1024),
    node: process.version,
  },
});

/** As in a process that has decided nothing yet: what a decision keeps of packages for the next one goes with the columns. */
function forgetLeaves(plant: Organisation): Organisation {
  const { columns } = plant.packages;
  return { ...plant, packages: { ...plant.packages, columns: { ...columns } } };
}

/** What is held, in MB; exact with --expose-gc. */
function heap(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return Math.round((heapUsed + arrayBuffers) / 1e6);
}
