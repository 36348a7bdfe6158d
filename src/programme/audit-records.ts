import { compareDecimal, type Decimal } from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { OwnBooks } from './audit-compare.ts';
import type { OwnRecord } from './audit-own-record.ts';
import { findNamed } from './find-organisation.ts';
import { groupBy } from './group-by.ts';
import type { Organisation } from './state.ts';

/** An auditor's file with the rows of one or many applicants, by applicant. */
export interface BooksByApplicant {
  /** Undefined where no row is about this applicant. */
  of(applicant: Id): OwnBooks | undefined;
  /** What was not read, for people. */
  readonly notes: readonly string[];
}

/** More than this many strangers are counted, not named. */
const MOST_NAMED = 5;

/**
 * Sorts an auditor's rows by the applicant that they name. Names are looked up among those that he is admitted to audit, so nobody else can take
 * one. `meant`: whom rows that name nobody are about.
 * @throws JoulemarkError USAGE where rows name nobody and nobody is meant.
 */
export function groupRecords(
  books: OwnBooks,
  audited: readonly Organisation[],
  meant: Organisation | undefined,
): BooksByApplicant {
  const byParty = groupBy(books.records, ({ party }) => party);
  const grouped = new Map<Id, OwnRecord[]>();
  const strangers: string[] = [];
  for (const [party, records] of byParty) {
    const owner = ownerOf(party, audited, meant);
    if (typeof owner === 'string') {
      strangers.push(`${records.length} ${records.length === 1 ? 'row' : 'rows'} not read: ${owner}`);
      continue;
    }
    grouped.set(owner.id, [...(grouped.get(owner.id) ?? []), ...records]);
  }
  const unnamed = strangers.length - MOST_NAMED;
  return {
    of: (applicant) => {
      const records = grouped.get(applicant);
      return records === undefined ? undefined : { ...books, records, accuracy: accuraciesOf(books, records) };
    },
    notes: [
      ...strangers.slice(0, MOST_NAMED),
      ...(unnamed > 0 ? [`and rows about ${unnamed} more that are not audited here`] : []),
    ],
  };
}

/** The applicant that a row names, or why there is none. */
function ownerOf(
  party: string | undefined,
  audited: readonly Organisation[],
  meant: Organisation | undefined,
): Organisation | string {
  if (party === undefined) {
    if (meant !== undefined) return meant;
    throw new JoulemarkError('USAGE', 'the file does not say which applicant its rows are about', {
      hints: [
        'in the profile: account: {"<number>": {applicant: <organisation>, at: <supply point>}}',
        'or a column of the file: shape: {party: <column>} and party: {"<text>": <organisation>}',
      ],
    });
  }
  try {
    return findNamed(audited, party);
  } catch (error) {
    if (error instanceof JoulemarkError && error.code === 'USAGE') return error.message;
    throw error;
  }
}

/** Of several meters at one supply point the least accurate counts. */
function accuraciesOf({ accuracy }: OwnBooks, records: readonly OwnRecord[]): ReadonlyMap<string, Decimal> {
  const own = new Map<string, Decimal>();
  for (const { account, accuracy: stated } of records) {
    if (account === undefined || stated === undefined) continue;
    const known = own.get(account);
    if (known === undefined || compareDecimal(stated, known) > 0) own.set(account, stated);
  }
  return new Map([...accuracy, ...own]);
}
