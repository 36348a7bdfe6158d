import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { type Finding, toFinding } from '../ledger/finding.ts';
import type { Boundary, BoundaryMeter } from './boundary.ts';
import { countsOf } from './counted-packages.ts';
import type { Policy } from './policy.ts';

/** Two meters through which the same energy may count. */
interface CountedTwice {
  readonly bought: BoundaryMeter;
  readonly used: BoundaryMeter;
}

/**
 * Meters side by side of which one counts what is bought of a carrier and the other what is used of it: both add energy, and what one says the
 * other may say again. Under one another, or each at a supply point of its own, they are two (programme-v1 section 3).
 */
function countedTwice(policy: Policy | undefined, boundary: Boundary): readonly CountedTwice[] {
  const tops = [...boundary.meters.values()].filter(({ kind, under }) => kind === 'energy' && under === undefined);
  const counting = (counts: 'import' | 'use') =>
    tops.filter((meter) => (policy === undefined ? (meter.counts ?? 'use') : countsOf(policy, meter)) === counts);
  const uses = counting('use');
  return counting('import').flatMap((bought) =>
    uses
      .filter((used) => used.carrier === bought.carrier && !(stands(bought) && stands(used) && bought.at !== used.at))
      .map((used) => ({ bought, used })),
  );
}

const stands = ({ at }: BoundaryMeter): boolean => at !== undefined;

const textOf = ({ bought, used }: CountedTwice): string =>
  `'${bought.name}' counts import and '${used.name}' counts use of '${bought.carrier ?? ''}', neither under the other`;

/** @throws JoulemarkError USAGE for a boundary that counts energy twice; `where` says which, for people. */
export function assertCountedOnce(policy: Policy | undefined, boundary: Boundary, where: string): void {
  const [first] = countedTwice(policy, boundary);
  if (first === undefined) return;
  const { bought, used } = first;
  throw new JoulemarkError('USAGE', `in ${where} ${textOf(first)}: the same energy would count twice`, {
    hints: [
      `what is used of what is bought: ${used.name}: {under: ${bought.name}, ...}`,
      'what comes from elsewhere: at: the supply point of its own through which it comes',
    ],
    details: { path: `boundary.meters.${used.name}` },
  });
}

/** The same of a boundary that is on the ledger already. */
export function checkCountedOnce(applicant: Id, policy: Policy | undefined, boundary: Boundary): readonly Finding[] {
  return countedTwice(policy, boundary).map((pair) =>
    toFinding('carrier-counted-twice', { chain: applicant, meter: pair.used.name }, `${textOf(pair)}: counted twice`),
  );
}
