import type { Decimal } from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import type { OwnRecord } from './audit-own-record.ts';
import { withSample } from './audit-items.ts';
import { compareDownstream } from './audit-downstream.ts';
import { comparePeers } from './audit-peer.ts';
import { compareUpstream } from './audit-upstream.ts';
import type { Boundary } from './boundary.ts';
import type { Span } from './calendar.ts';
import type { RelationKind } from './entries.ts';
import type { AuditFigures } from './figures.ts';
import type { Policy } from './policy.ts';
import type { Organisation, ProgrammeState } from './state.ts';

/** An auditor's own figures, as read from his file. */
export interface OwnBooks {
  readonly records: readonly OwnRecord[];
  readonly accuracy: ReadonlyMap<string, Decimal>;
  readonly loss: 'as_declared' | 'none' | Decimal;
}

/** One audit window of one applicant, seen by one auditor. */
export interface Comparison {
  readonly state: ProgrammeState;
  readonly applicant: Organisation;
  readonly auditor: Organisation;
  readonly policy: Policy;
  readonly boundary: Boundary;
  readonly window: Span;
  readonly relation: RelationKind;
  readonly labels: readonly string[];
  /** Needed for upstream and downstream. */
  readonly books?: OwnBooks;
  readonly allSupplyPoints?: boolean;
}

/**
 * The comparison that a relation makes (programme-v1 section 6.2 to 6.5), and the sample that the policy asks for (6.8).
 * @throws JoulemarkError USAGE where figures are missing or do not fit, PENDING while the sample waits for its outside value.
 */
export function compareBooks(comparison: Comparison): AuditFigures {
  return withSample(comparison, compareSums(comparison));
}

function compareSums(comparison: Comparison): AuditFigures {
  const { relation, books } = comparison;
  if (relation === 'peer') return comparePeers(comparison);
  if (books === undefined) {
    const what = relation === 'upstream' ? 'deliveries' : 'receipts';
    throw new JoulemarkError('USAGE', `an audit as ${relation} needs your own ${what}`, {
      hints: [`--records ${what}.csv --profile ${what}.yaml`],
    });
  }
  if (relation === 'downstream') return compareDownstream({ ...comparison, records: books.records });
  const { allSupplyPoints, policy, applicant } = comparison;
  if (allSupplyPoints === undefined && policy.audits.upstream.declares_all_supply_points) {
    throw new JoulemarkError(
      'USAGE',
      `the policy asks a supplier to say whether these are all points at which he supplies '${applicant.name}'`,
      { hints: ['--all-supply-points yes', '--all-supply-points no'] },
    );
  }
  return compareUpstream({ ...comparison, ...books });
}
