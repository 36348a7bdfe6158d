import { dateAt } from './calendar.ts';
import type { DecisionScene } from './decision-scene.ts';
import { SERIAL } from './policy-faults.ts';
import { counts } from './standing-decision.ts';

/** `JM-{year}-{serial:4}`: the year of the period's start, and how many certificates of that year there are with this one, revoked ones too. */
export function certificateNumber({
  state,
  policy,
  period,
}: Pick<DecisionScene, 'state' | 'policy' | 'period'>): string {
  const { zone } = policy.value.time;
  const yearOf = (start: number): string => dateAt(start, zone).slice(0, 4);
  const year = yearOf(period.start);
  const serial =
    state.decisions.filter(
      ({ content, ...decision }) =>
        counts(decision) && content.status === 'CERTIFIED' && yearOf(content.period[0]) === year,
    ).length + 1;
  return policy.value.certificate.number
    .replaceAll('{year}', year)
    .replaceAll(SERIAL, (_, digits: string | undefined) => String(serial).padStart(Number(digits ?? 1), '0'));
}
