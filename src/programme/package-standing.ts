import type { CountedPackage } from './packages.ts';

/** How the packages of a window came: how many count, and of them how many late, as history, as corrections. */
export interface PackageCounts {
  readonly counted: number;
  readonly late: number;
  readonly history: number;
  readonly corrected: number;
}

/**
 * What a baseline rests on (programme-v1 section 5.4): `audited`, its audits pass by the policy; `on_ledger`, all its packages came
 * month by month as the meters ran; `declared`, some were given as history, in one go and after the fact.
 */
export type BaselineStanding = 'audited' | 'on_ledger' | 'declared';

export function countPackageStandings(packages: readonly CountedPackage[]): PackageCounts {
  const of = (isOne: (counted: CountedPackage) => boolean): number => packages.filter(isOne).length;
  return {
    counted: packages.length,
    late: of(({ standing }) => standing === 'late'),
    history: of(({ standing }) => standing === 'history'),
    corrected: of(({ corrects }) => corrects !== undefined),
  };
}

export function baselineStanding(packages: PackageCounts, isAudited: boolean): BaselineStanding {
  if (isAudited) return 'audited';
  return packages.history > 0 ? 'declared' : 'on_ledger';
}
