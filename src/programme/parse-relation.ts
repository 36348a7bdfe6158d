import { JoulemarkError } from '../errors.ts';
import { RELATION_KINDS, type RelationKind } from './entries.ts';

/** A relation as it is typed, its applicant not yet looked up. */
export interface TypedRelation {
  readonly relation: RelationKind;
  readonly applicant: string;
  readonly labels: readonly string[];
}

/**
 * `upstream:guangnan-cement:grid-110kv,coal-gate`. A name may hold colons: the first one ends the relation, the last one begins the labels.
 * @throws JoulemarkError USAGE.
 */
export function parseRelation(text: string): TypedRelation {
  const first = text.indexOf(':');
  const last = text.lastIndexOf(':');
  const relation = RELATION_KINDS.find((kind) => kind === text.slice(0, Math.max(first, 0)));
  const applicant = text.slice(first + 1, last).trim();
  const labels = [
    ...new Set(
      text
        .slice(last + 1)
        .split(',')
        .map((label) => label.trim()),
    ),
  ];
  if (relation === undefined || first === last || applicant === '' || labels.includes('')) {
    throw new JoulemarkError(
      'USAGE',
      `'${text}' is not a relation, expected <${RELATION_KINDS.join('|')}>:<applicant>:<label,label>`,
      {
        hints: ['the labels are supply points for upstream, products for peer and downstream'],
      },
    );
  }
  return { relation, applicant, labels };
}
