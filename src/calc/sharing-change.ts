import type { Reason } from './evaluation.ts';
import type { PeriodView } from './period-view.ts';
import { compareRatio, ZERO } from './ratio.ts';
import { reason } from './reason.ts';

/**
 * Where a product bears less of a shared carrier than in the baseline because others bear it that had no part of it there: a new line of the
 * works takes energy off the old ones without anything saved. Said, not judged: the line may be there.
 */
export function sharingChanges(product: string, baseline: PeriodView, reporting: PeriodView): readonly Reason[] {
  const found: Reason[] = [];
  for (const [carrier, now] of reporting.energy.shares) {
    const before = baseline.energy.shares.get(carrier);
    const own = before?.get(product) ?? ZERO;
    if (before === undefined || compareRatio(now.get(product) ?? ZERO, own) >= 0) continue;
    const isNew = (other: string, share: { readonly n: bigint }) =>
      other !== product && share.n > 0n && (before.get(other)?.n ?? 0n) === 0n;
    const others = [...now].filter(([other, share]) => isNew(other, share)).map(([other]) => `'${other}'`);
    if (others.length === 0) continue;
    const text = `${others.toSorted().join(', ')} bears a part of the shared '${carrier}' and had none in the baseline, so '${product}' bears less`;
    found.push(reason('allocation-changed', 'moderate', text, 'reporting'));
  }
  return found;
}
