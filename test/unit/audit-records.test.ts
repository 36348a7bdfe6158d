/** Rows of an auditor's file, sorted by the applicant that they name. */
import { describe, expect, test } from 'vitest';
import { decimalToText, parseDecimal } from '../../src/calc/decimal.ts';
import { JoulemarkError } from '../../src/errors.ts';
import type { Id } from '../../src/ledger/codec/id.ts';
import { groupRecords } from '../../src/programme/audit-records.ts';
import type { OwnRecord } from '../../src/programme/audit-own-record.ts';
import { newOrganisation, type Organisation } from '../../src/programme/state.ts';

const named = (digit: string, name: string): Organisation =>
  Object.assign(newOrganisation(digit.repeat(64) as Id), { name });
const [north, south] = [named('a', 'North'), named('b', 'South')];
const row = (party?: string, more: Partial<OwnRecord> = {}): OwnRecord => ({
  account: 'gate',
  from: 0,
  to: 1,
  quantity: parseDecimal('1'),
  unit: 'kWh',
  estimated: false,
  ...(party === undefined ? {} : { party }),
  ...more,
});
const group = (records: readonly OwnRecord[], meant?: Organisation, audited = [north, south]) =>
  groupRecords({ records, accuracy: new Map([['gate', parseDecimal('0.01')]]), loss: 'none' }, audited, meant);

describe('rows', () => {
  test('are found by name and by id, and kept apart', () => {
    const { of, notes } = group([row('North'), row(south.id), row('North')]);
    expect([of(north.id)?.records.length, of(south.id)?.records.length]).toEqual([2, 1]);
    expect(notes).toEqual([]);
    expect(group([row('North')]).of(south.id)).toBeUndefined();
  });

  test('that name nobody are about the one that is meant, else refused', () => {
    expect(group([row()], south).of(south.id)?.records).toHaveLength(1);
    expect(() => group([row()])).toThrow(JoulemarkError);
  });

  test('of a stranger with the name of an applicant take nothing', () => {
    // two of that name on the ledger, one of them audited: the name is his
    const stranger = named('c', 'North');
    const { of } = group([row('North')]);
    expect([of(north.id)?.records.length, of(stranger.id)]).toEqual([1, undefined]);
    // both audited: nobody's, and said
    const both = group([row('North')], undefined, [north, stranger]);
    expect(both.of(north.id)).toBeUndefined();
    expect(both.notes.join()).toMatch(/1 row not read: 'North' fits 2 organisations/u);
  });

  test('about strangers are counted, the first of them named', () => {
    const { notes } = group(['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7', 'A7'].map((party) => row(party)));
    expect(notes).toHaveLength(6);
    expect(notes[0]).toMatch(/^1 row not read: no organisation 'A1'/u);
    expect(notes.at(-1)).toBe('and rows about 2 more that are not audited here');
  });

  test('say the accuracy of their account: the worst of several, else that of the profile', () => {
    const { of } = group([
      row('North', { accuracy: parseDecimal('0.002') }),
      row('North', { accuracy: parseDecimal('0.005') }),
      row('South'),
    ]);
    const accuracyOf = ({ id }: Organisation): string => decimalToText(of(id)!.accuracy.get('gate')!);
    expect([accuracyOf(north), accuracyOf(south)]).toEqual(['0.005', '0.01']);
  });
});
