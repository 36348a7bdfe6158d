import { describe, expect, it } from 'vitest';
import { benchmark, median } from '../../../src/calc/benchmark.ts';
import { ratioOfText, ratioToText } from '../../../src/calc/ratio.ts';
import { balanceShipments, compareBooks, reconcileDownstream, reconcileUpstream } from '../../../src/calc/reconcile.ts';
import { combineWhole } from '../../../src/calc/whole.ts';

const r = ratioOfText;
const RULES = { robustFrom: 5, query: r('2'), action: r('3'), band: r('0.30') };
const against = (own: string, others: readonly string[]) => benchmark(r(own), others.map(r), RULES);

describe('peer benchmark', () => {
  it('cannot judge against one other, and passes only with remarks against a few', () => {
    expect(against('10', []).proposal).toBe('cannot_judge');
    expect(against('10', ['10']).proposal).toBe('cannot_judge');
    expect(['7', '6.9999', '15.6', '15.6001'].map((own) => against(own, ['10', '12']).proposal)).toEqual([
      'pass_with_remarks',
      'query',
      'pass_with_remarks',
      'query',
    ]);
    expect(ratioToText(against('-10', ['-10', '-12']).band!.least)).toBe('-78/5');
  });

  it('queries what differs where all others are alike', () => {
    const alike = ['10', '10', '10', '10', '11'];
    expect(against('10', alike).proposal).toBe('pass');
    expect(against('10.0001', alike).proposal).toBe('query');
  });

  it('compares at the limits exactly', () => {
    // median 10, MAD 1: z = 2 at 10 + 2 x 1.4826
    const peers = ['8', '9', '10', '11', '12'];
    expect(
      ['12.9652', '12.96520000001', '14.4478', '14.44780000001'].map((own) => against(own, peers).proposal),
    ).toEqual(['pass', 'query', 'query', 'action']);
    expect(ratioToText(median(['4', '1', '3', '2'].map(r)))).toBe('5/2');
  });
});

describe('reconciliation', () => {
  it('allows for the declared loss and compares with the delivery', () => {
    const books = { delivered: r('10000'), loss: r('0.012'), tolerance: r('0.01') };
    expect(reconcileUpstream({ ...books, reported: r('9880') })).toMatchObject({ agrees: true, en: null });
    expect(reconcileUpstream({ ...books, reported: r('9780') }).agrees).toBe(true);
    expect(reconcileUpstream({ ...books, reported: r('9779.999') }).agrees).toBe(false);
  });

  it('fails En where the flat tolerance passes', () => {
    const found = reconcileUpstream({
      reported: r('9800'),
      delivered: r('10000'),
      loss: r('0'),
      tolerance: r('0.02'),
      accuracies: { reported: r('0.005'), expected: r('0.01') },
    });
    expect([found.withinTolerance, found.withinUncertainty, found.agrees]).toEqual([true, false, false]);
  });

  it('accepts exact meters that agree, and nothing delivered', () => {
    expect(compareBooks(r('5'), r('5'), r('0'), { reported: r('0'), expected: r('0') })).toMatchObject({
      agrees: true,
      enSquared: null,
    });
    expect(compareBooks(r('0'), r('0'), r('0.01'))).toMatchObject({ agrees: true, relative: null });
    expect(compareBooks(r('1'), r('0'), r('0.01')).agrees).toBe(false);
  });

  it('compares shipments with receipts and with what was made', () => {
    expect(reconcileDownstream(r('101'), r('100'), r('0.01')).agrees).toBe(true);
    expect(reconcileDownstream(r('101.001'), r('100'), r('0.01')).agrees).toBe(false);
    expect(balanceShipments([r('60'), r('50')], r('100'), r('15'), r('5')).possible).toBe(true);
    expect(balanceShipments([r('60'), r('50.1')], r('100'), r('15'), r('5')).possible).toBe(false);
  });
});

describe('the whole with audits', () => {
  const outcome = (
    data: 'CERTIFIED' | 'NOT_QUALIFIED' | 'NOT_APPLICABLE' | 'INCOMPLETE',
    auditsPassed: boolean,
    final: boolean,
  ) => combineWhole({ data, auditsPassed, final });

  it('certifies only with audits, and tells pending from final', () => {
    expect(outcome('CERTIFIED', true, false)).toEqual({ whole: 'CERTIFIED', exit: 'OK' });
    expect(outcome('CERTIFIED', false, false)).toEqual({ whole: 'INCOMPLETE', exit: 'PENDING' });
    expect(outcome('CERTIFIED', false, true)).toEqual({ whole: 'INCOMPLETE', exit: 'NOT_CERTIFIED' });
    expect(outcome('NOT_QUALIFIED', true, false)).toEqual({ whole: 'NOT_QUALIFIED', exit: 'NOT_CERTIFIED' });
    expect(outcome('NOT_APPLICABLE', false, false)).toEqual({ whole: 'NOT_APPLICABLE', exit: 'NOT_CERTIFIED' });
    expect(outcome('INCOMPLETE', true, false)).toEqual({ whole: 'INCOMPLETE', exit: 'PENDING' });
    expect(combineWhole({ data: 'CERTIFIED', auditsPassed: true, open: true, final: false })).toEqual({
      whole: 'INCOMPLETE',
      exit: 'PENDING',
    });
  });
});
