import { decimalToText } from '../calc/decimal.ts';
import { defineCommand } from '../cli/command.ts';
import { JoulemarkError } from '../errors.ts';
import { JUDGED } from '../home/judged.ts';
import { openSession } from '../home/session.ts';
import { findKnown } from '../home/known-organisations.ts';
import { showAdjustment } from '../programme/adjustment-place.ts';
import { showWindow } from '../programme/audit-window.ts';
import { findPeriod } from '../programme/certification.ts';
import { decide } from '../programme/decide.ts';
import { toDecisionView } from '../programme/decision-view.ts';
import { periodHolding, policyRuling } from '../programme/rules.ts';

const STANDINGS = {
  audited: 'audited',
  on_ledger: 'on the ledger as it ran, not audited',
  declared: 'declared: history given in one go, not audited',
} as const;

export const baselineShow = defineCommand({
  path: ['baseline', 'show'],
  summary: 'Show what a period is compared with, how it came, and its adjustments',
  description:
    'The window of the baseline by the policy, its energy per unit of each product as it stands now, whether it is audited, on the ledger as it ran, or declared history, ' +
    'what reset it, and each adjustment, asked for and admitted. Without an organisation: of this home; without --period: of the one that runs.',
  examples: [
    'joulemark baseline show',
    'joulemark baseline show guangnan-cement --period 2026',
    'joulemark baseline show guangnan-cement --json',
  ],
  args: ['[org]'],
  options: { period: { value: '<period>', description: 'the period: its year, its month, or its first date' } },
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [text], { period: label }) {
    const session = openSession(context, JUDGED);
    const { state, zone } = session;
    if (text === undefined && session.home.isBody)
      throw new JoulemarkError('USAGE', 'the certification body has no baseline', {
        hints: ['joulemark baseline show <org>', 'joulemark org list'],
      });
    const { id, name } = findKnown(session, text ?? session.home.org);
    const now = Math.max(context.now(), state.head.time);
    const policy = policyRuling(state.policies, now)?.value;
    const period =
      label === undefined && policy !== undefined ? periodHolding(policy, now) : findPeriod(state, label ?? '');
    const organisation = state.organisations.get(id);
    const decided = organisation === undefined ? null : decide(state, organisation, period, now);
    const view = decided === null ? null : toDecisionView(state, id, decided, zone);
    const asked = [...(organisation?.adjustmentsAsked.values() ?? [])].map((one) => {
      const admitted = state.adjustments.find(({ askedAt }) => askedAt === one);
      const { product, window, energy, unit, reason } = one.content;
      return {
        place: showAdjustment({ name }, one),
        product,
        window: showWindow({ start: window[0], end: window[1] }, zone),
        energy: decimalToText(energy),
        unit,
        reason,
        admitted: admitted === undefined ? null : { block: admitted.place.seq, reason: admitted.reason },
      };
    });
    return {
      org: id,
      name,
      period: period.label,
      window: view?.baseline ?? '',
      reasons: decided?.evaluation === null || decided === null ? (decided?.reasons ?? ['not-admitted']) : [],
      standing: decided?.beside?.baselineStanding ?? null,
      packages: decided?.beside?.packages.baseline ?? null,
      unit: view?.unit ?? '',
      products: (view?.products ?? []).map(({ product, unit, baseline, reasons }) => ({
        product,
        unit,
        intensity: baseline,
        reset: reasons.filter(({ code }) => code === 'baseline-reset').map((reason) => reason.text),
      })),
      adjustments: asked,
    };
  },
  render: (result, ui) => {
    const { packages, standing } = result;
    const lines = [
      `baseline of ${ui.strong(result.name)} for ${result.period}: ${result.window === '' ? ui.warn(result.reasons.join(', ')) : ui.strong(result.window)}`,
    ];
    if (standing !== null) lines.push(`  ${STANDINGS[standing]}`);
    if (packages !== null)
      lines.push(
        ui.dim(
          `  ${packages.counted} packages: ${packages.history} history, ${packages.late} late, ${packages.corrected} corrected`,
        ),
      );
    for (const { product, unit, intensity, reset } of result.products) {
      lines.push(
        `  ${ui.strong(product)}   ${intensity === null ? 'no figure yet' : `${intensity.displayed} ${result.unit}/${unit}`}`,
      );
      for (const why of reset) lines.push(`    ${ui.warn('reset')}   ${why}`);
    }
    for (const one of result.adjustments) {
      const state =
        one.admitted === null
          ? ui.warn('asked for')
          : `admitted in block ${one.admitted.block}: ${one.admitted.reason}`;
      lines.push(
        `  adjustment ${ui.strong(one.place)}   ${one.product}, ${one.window}   ${one.energy} ${one.unit}   ${one.reason}`,
        `    ${state}`,
      );
    }
    return lines.join('\n');
  },
});
