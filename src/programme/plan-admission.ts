import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { showDate } from './calendar.ts';
import { labelsOf } from './boundary-labels.ts';
import type { AdmitContent, Relation, Role } from './entries.ts';
import { findNamed, type Named } from './find-organisation.ts';
import type { TypedRelation } from './parse-relation.ts';
import { lineOf } from './lineage.ts';
import { periodNamed } from './rules.ts';
import { type Organisation, type ProgrammeState, relationKey } from './state.ts';

/** What the body was asked to admit. */
export interface AdmissionWish {
  readonly org: Named;
  readonly roles: readonly Role[];
  readonly relations: readonly TypedRelation[];
  readonly until: number | undefined;
  readonly firstPeriod: string | undefined;
  /** Null for nobody; undefined leaves it as it is: whose history it has is no term of an admission that a later one forgets. */
  readonly continues: Id | null | undefined;
}

/**
 * The entry for a wish, checked against what is known: applicants exist, labels stand in an accepted boundary where there is one, the
 * first period is one of the policy.
 * @throws JoulemarkError USAGE.
 */
export function planAdmission(state: ProgrammeState, known: readonly Named[], wish: AdmissionWish): AdmitContent {
  const { org, roles } = wish;
  if (org.id === state.ledger) throw new JoulemarkError('USAGE', 'the certification body cannot admit itself');
  if (wish.relations.length > 0 && !roles.includes('auditor'))
    throw new JoulemarkError('USAGE', "a relation needs the role 'auditor'", { hints: ['add --role auditor'] });
  if (wish.continues !== undefined && wish.continues !== null) assertContinues(state, known, org, wish.continues);
  const continues =
    wish.continues === undefined ? (state.organisations.get(org.id)?.admitted?.continues ?? null) : wish.continues;
  const firstPeriod = wish.firstPeriod === undefined ? undefined : firstDateOf(state, wish.firstPeriod);
  const relations = wish.relations.map((typed) => planRelation(state, known, org, typed));
  const twice = relations.find(
    (relation, index) => relations.findIndex((other) => keyOf(other) === keyOf(relation)) !== index,
  );
  if (twice !== undefined)
    throw new JoulemarkError('USAGE', `the relation '${twice.relation}' to one applicant is given twice`, {
      hints: ['give all its labels in one --relation, separated by commas'],
    });
  return {
    org: org.id,
    roles: [...new Set(roles)],
    relations,
    ...(wish.until === undefined ? {} : { until: wish.until }),
    ...(firstPeriod === undefined ? {} : { first_period: firstPeriod }),
    ...(continues === null ? {} : { continues }),
  };
}

/** Nobody continues itself, by whatever detour. */
function assertContinues(state: ProgrammeState, known: readonly Named[], org: Named, before: Id): void {
  const predecessor = state.organisations.get(before);
  const comesRound =
    predecessor !== undefined && lineOf(state, predecessor).some(({ admitted }) => admitted?.continues === org.id);
  if (before !== org.id && !comesRound) return;
  const name = known.find(({ id }) => id === before)?.name ?? before.slice(0, 8);
  const whom = before === org.id ? 'itself' : `'${name}', which continues it`;
  throw new JoulemarkError('USAGE', `'${org.name}' cannot continue ${whom}`, {
    hints: ['--continues names the organisation that was there before'],
  });
}

/** The first date of a period that a person names: '2026' is '2026-01-01'. */
function firstDateOf(state: ProgrammeState, label: string): string {
  const policy = state.policies.at(-1)?.value;
  const period = policy === undefined ? undefined : periodNamed(policy, label);
  if (policy === undefined || period === undefined) {
    throw new JoulemarkError('USAGE', `no period of the policy begins on '${label}'`, {
      hints: ['joulemark policy show'],
    });
  }
  return showDate(period.start, policy.time.zone);
}

const keyOf = ({ applicant, relation }: Relation): string => relationKey(applicant, relation);

function planRelation(
  state: ProgrammeState,
  known: readonly Named[],
  org: Named,
  { relation, applicant: text, labels }: TypedRelation,
): Relation {
  const applicant = findNamed(known, text);
  if (applicant.id === org.id) throw new JoulemarkError('USAGE', `'${org.name}' cannot audit itself`);
  const boundary = state.organisations.get(applicant.id)?.boundaries.at(-1)?.value;
  if (boundary !== undefined) {
    const expected = labelsOf(boundary, relation);
    const unknown = labels.filter((label) => !expected.includes(label));
    if (unknown.length > 0) {
      const what = relation === 'upstream' ? 'supply point' : 'product';
      throw new JoulemarkError(
        'USAGE',
        `'${applicant.name}' has no ${what} '${unknown.join("', '")}', expected ${expected.join(', ') || 'none: its boundary names none'}`,
        {
          hints: [`joulemark boundary show '${applicant.name}'`],
        },
      );
    }
  }
  return { applicant: applicant.id, relation, labels };
}

/** True when the ledger already says what an admission would say: a later `admit` replaces roles, period and end, and adds relations. */
export function isAdmittedSo(organisation: Organisation | undefined, admit: AdmitContent): boolean {
  if (organisation === undefined || organisation.admitted === null || organisation.suspended !== null) return false;
  const { admitted, roles, relations } = organisation;
  const sameTerms =
    admitted.until === (admit.until ?? null) &&
    admitted.firstPeriod === (admit.first_period ?? null) &&
    admitted.continues === (admit.continues ?? null);
  return (
    sameTerms &&
    sameWords(roles, admit.roles) &&
    admit.relations.every((relation) => sameWords(relations.get(keyOf(relation))?.labels ?? [], relation.labels))
  );
}

const sameWords = (left: readonly string[], right: readonly string[]): boolean =>
  left.toSorted().join('\u0000') === right.toSorted().join('\u0000');
