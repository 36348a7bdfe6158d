import { type ExitName, JoulemarkError } from '../errors.ts';
import type { DecisionContent } from './entries.ts';
import { afterPeriod, type Period, periodHolding, periodNamed, policyInForce } from './rules.ts';
import { counts, standingDecision } from './standing-decision.ts';
import type { DecisionRecord, Organisation, ProgrammeState } from './state.ts';
import { isAdmitted } from './state.ts';

/** A period of an applicant, and where its decision stands. */
export interface CertificationRow {
  readonly applicant: Organisation;
  readonly period: Period;
  /** When it can be decided first, and until when what is missing can come. */
  readonly from: number;
  readonly until: number;
  readonly decision: DecisionRecord | null;
  /** `open`: the period or its corrections run; `due`: to be decided now; `overdue`: past the policy's last date; `decided`. */
  readonly standing: 'open' | 'due' | 'overdue' | 'decided';
}

/** Every period of every admitted applicant up to the one that runs at `now`, oldest first. */
export function certificationRows(state: ProgrammeState, now: number): readonly CertificationRow[] {
  return [...state.organisations.values()]
    .filter((organisation) => organisation.admitted !== null && organisation.roles.includes('applicant'))
    .flatMap((applicant) => rowsOf(state, applicant, now))
    .sort((a, b) => a.period.start - b.period.start || (a.applicant.name < b.applicant.name ? -1 : 1));
}

/** More periods than this behind one are not listed: a ledger is not older. */
const MOST_PERIODS = 1000;

function rowsOf(state: ProgrammeState, applicant: Organisation, now: number): readonly CertificationRow[] {
  const rows: CertificationRow[] = [];
  let instant = now;
  for (let count = 0; count < MOST_PERIODS; count += 1) {
    const policy = policyInForce(state.policies, instant)?.value;
    if (policy === undefined) break;
    const period = periodHolding(policy, instant);
    if (period.index < 0 || (applicant.admitted !== null && period.end <= applicant.admitted.time)) break;
    const decision = standingDecision(state, applicant.id, period) ?? null;
    const from = afterPeriod(policy, period, policy.calendar.decide.from);
    const until = afterPeriod(policy, period, policy.calendar.decide.until);
    rows.push({ applicant, period, from, until, decision, standing: standingOf(decision, from, until, now) });
    instant = period.start - 1;
  }
  return rows;
}

function standingOf(
  decision: DecisionRecord | null,
  from: number,
  until: number,
  now: number,
): CertificationRow['standing'] {
  if (decision !== null) return 'decided';
  if (now < from) return 'open';
  return now <= until ? 'due' : 'overdue';
}

/**
 * The period that a person names for an applicant, by the policy in force for it.
 * @throws JoulemarkError USAGE when no period of the programme begins there.
 */
export function findPeriod(state: ProgrammeState, label: string): Period {
  for (const { value } of state.policies.toReversed()) {
    const period = periodNamed(value, label);
    if (period !== undefined && policyInForce(state.policies, period.start)?.value === value) return period;
  }
  const policy = state.policies.at(-1)?.value;
  const example = policy === undefined ? '' : periodHolding(policy, state.head.time).label;
  throw new JoulemarkError('USAGE', `no period '${label}' in this programme, expected one such as '${example}'`, {
    hints: ['joulemark certify list'],
  });
}

/** The applicant of a command. @throws JoulemarkError USAGE when the organisation is not one. */
export function assertApplicant(organisation: Organisation, now: number): void {
  if (isAdmitted(organisation, 'applicant', now)) return;
  throw new JoulemarkError('USAGE', `'${organisation.name}' is not admitted as applicant`, {
    hints: ['joulemark org show'],
  });
}

/** A decision by its number, or by `block:entry`. Of several with one number it is the one that counts, whoever else took it. */
export function findDecision(state: ProgrammeState, text: string): DecisionRecord {
  const wanted = text.trim();
  const named = state.decisions.filter(
    ({ content, seq, entry }) =>
      content.number === wanted || `${seq}:${entry}` === wanted || (/^\d+$/.test(wanted) && String(seq) === wanted),
  );
  const found = named.find(counts) ?? named[0];
  if (found !== undefined) return found;
  const numbers = state.decisions.map(({ content, seq }) => content.number ?? `block ${seq}`);
  throw new JoulemarkError(
    'USAGE',
    `no decision '${text}', the ledger holds ${numbers.length === 0 ? 'none' : numbers.slice(-5).join(', ')}`,
    { hints: ['joulemark certify list'] },
  );
}

/** The exit status of a decision that stands: the same as on the run that made it. */
export function exitOfDecision({ status }: Pick<DecisionContent, 'status'>): ExitName {
  return status === 'CERTIFIED' ? 'OK' : 'NOT_CERTIFIED';
}
