import type { PeriodName, Reason, ReasonCode, Severity } from './evaluation.ts';

export function reason(
  code: ReasonCode,
  severity: Severity,
  text: string,
  period: PeriodName | null = null,
  meter: string | null = null,
): Reason {
  return { code, severity, period, meter, text };
}

export function isCritical(found: Reason): boolean {
  return found.severity === 'critical';
}

function sortKey(found: Reason): string {
  return `${found.code} ${found.period ?? ''} ${found.meter ?? ''} ${found.text}`;
}

/** Sorted and without repeats, so that the same facts in another order give the same list. */
export function orderReasons(found: readonly Reason[]): readonly Reason[] {
  const byKey = new Map(found.map((one) => [sortKey(one), one]));
  return [...byKey.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
