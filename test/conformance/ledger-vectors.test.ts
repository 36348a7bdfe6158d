import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ledgerVectors } from '../../fixtures/ledger-vectors.ts';
import { readVector, type Vector, writeVector } from '../../fixtures/vector.ts';
import { FINDING_LEVELS, type FindingCode } from '../../src/ledger/finding.ts';
import { BLOCK_RULES } from '../../src/ledger/rule.ts';
import { runVector } from '../support/vector-run.ts';

const FOLDER = fileURLToPath(new URL('../../fixtures/vectors/', import.meta.url));
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json') && !name.startsWith('receipts/'))
  .sort();
const vectors = new Map(files.map((file) => [file, readVector(readFileSync(`${FOLDER}${file}`, 'utf8'))]));

/** Findings that are made of an applicant as it stands, or that never come alone. What they change is shown by the cases of decisions. */
const BESIDE: ReadonlySet<string> = new Set<FindingCode>([
  'meter-unknown',
  'kind-mismatch',
  'unit-mismatch',
  'label-mismatch',
  'register-discontinuity',
  'idle-contradicted',
  'meter-missing',
  'supply-point-unmetered',
  'carrier-counted-twice',
  'negative-rest',
  'data-gap',
  'audit-shared-key',
  'audit-superseded',
  'audit-set-changed',
  'audit-suspended',
  'decision-not-recomputed',
]);

function check(vector: Vector): void {
  const { faults, findings, isPending } = runVector(vector);
  const codes = [...new Set(findings.map(({ code }) => code))];
  switch (vector.expect) {
    case 'valid':
      expect({ faults, findings, isPending }).toEqual({ faults: [], findings: [], isPending: false });
      return;
    case 'invalid':
      expect(faults).toEqual([vector.broken]);
      return;
    case 'pending':
      expect(isPending).toBe(true);
      return;
    default:
      expect(codes.map((code) => `finding:${code}`)).toEqual([vector.expect]);
      if (vector.reason !== undefined) expect(findings.map(({ reason }) => reason)).toEqual([vector.reason]);
  }
}

describe('vectors', () => {
  it.each([...vectors])('%s', (file, vector) => {
    expect(file.endsWith(`${vector.name}.json`)).toBe(true);
    check(vector);
  });

  it('break every condition of validity', () => {
    expect(new Set([...vectors.values()].flatMap(({ broken }) => broken?.condition ?? []))).toEqual(
      new Set(BLOCK_RULES),
    );
  });

  it('show every finding that the walk along the programme makes', () => {
    const shown = new Set([...vectors.values()].map((vector) => vector.expect));
    const missing = Object.keys(FINDING_LEVELS).filter((code) => !shown.has(`finding:${code}`) && !BESIDE.has(code));
    expect(missing).toEqual([]);
    expect([...BESIDE].filter((code) => shown.has(`finding:${code}`))).toEqual([]);
  });

  it('of the ledger are those that fixtures/ledger-vectors.ts makes', () => {
    const made = ledgerVectors().map((vector) => [`ledger/${vector.name}.json`, writeVector(vector)]);
    const stored = files
      .filter((file) => file.startsWith('ledger/'))
      .map((file) => [file, writeVector(vectors.get(file) as Vector)]);
    expect(stored).toEqual(made.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)));
  });

  it('with a key that is not known are refused', () => {
    const text = writeVector([...vectors.values()][0] as Vector);
    expect(() => readVector(text.replace('"name"', '"nome"'))).toThrow(/unknown key 'nome'/);
    expect(() => readVector(text.replace('"programme"', '"programe"'))).toThrow(/unknown key 'chains.programe'/);
  });
});
