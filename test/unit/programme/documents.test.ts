import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCbor } from '../../../src/ledger/codec/encode.ts';
import type { CborValue } from '../../../src/ledger/codec/value.ts';
import { type Boundary, readBoundary } from '../../../src/programme/boundary.ts';
import { labelsOf } from '../../../src/programme/boundary-labels.ts';
import { compareBoundaries } from '../../../src/programme/compare-boundaries.ts';
import { parseDocument } from '../../../src/programme/document.ts';
import { toDocumentLines, toPlainDocument } from '../../../src/programme/document-text.ts';
import { policySchema } from '../../../src/programme/policy.ts';
import { checkRowsNeeded } from '../../../src/programme/rows-needed.ts';
import { parseSignedDocument } from '../../../src/programme/signed-document.ts';
import { tableSchema } from '../../../src/programme/table.ts';
import { policyText } from '../../support/policy-text.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a document to be signed', () => {
  test('has a digest that neither remarks, nor layout, nor the order of keys change', () => {
    const plain = parseSignedDocument(bytes(policyText()), 'policy.yaml', policySchema, 'policy');
    const [first, second, third, ...rest] = policyText().split('\n');
    const shuffled = ['# a remark', first, third, second, ...rest].join('\r\n');
    expect(parseSignedDocument(bytes(shuffled), 'other.yaml', policySchema, 'policy').digest).toBe(plain.digest);
    const edited = parseSignedDocument(bytes(policyText({ edition: '2' })), 'policy.yaml', policySchema, 'policy');
    expect(edited.digest).not.toBe(plain.digest);
  });

  test('names file and line of a fault', () => {
    const lines = policyText().split('\n');
    const line = lines.findIndex((text) => text.includes('straddling')) + 1;
    expect(() =>
      parseSignedDocument(
        bytes(policyText().replace('straddling: refuse', 'straddling: perhaps')),
        'policy.yaml',
        policySchema,
        'policy',
      ),
    ).toThrow(
      new RegExp(`'policy.time.straddling' must be 'refuse' or 'prorate', found 'perhaps', in policy.yaml:${line}$`),
    );
  });

  test('is refused when it is not UTF-8, or larger than the ledger takes', () => {
    expect(() => parseSignedDocument(Uint8Array.of(0x6a, 0xff), 'policy.yaml', policySchema, 'policy')).toThrow(
      /not UTF-8/,
    );
    const rows = Array.from(
      { length: 2200 },
      (_, row) => `  row_${row}: {unit: kg, factor: "0.7143", factor_unit: kgce/kg, source: annex A}`,
    );
    const table = ['joulemark: table/1', 'name: long', 'edition: "1"', 'rows:', ...rows].join('\n');
    expect(() => parseSignedDocument(bytes(table), 'long.yaml', tableSchema, 'table')).toThrow(
      /too large for the ledger: \d+ bytes encoded, at most 131072/,
    );
  });

  test('is shown as text that reads back as the same document', () => {
    const tree: fc.Arbitrary<CborValue> = fc.letrec<{ tree: CborValue }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc
          .string({ unit: 'binary' })
          // eslint-disable-next-line no-control-regex -- what YAML cannot hold plainly
          .filter((text) => !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/u.test(text)),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc
          .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z_ :#'"-]{1,8}$/), tie('tree')), {
            maxLength: 4,
            selector: ([key]) => key,
          })
          .map((pairs) => new Map(pairs) as CborValue),
      ),
    })).tree;
    fc.assert(
      fc.property(tree, (value) => {
        const root: CborValue = new Map([['root', value]]);
        const text = toDocumentLines(toPlainDocument(root)).join('\n');
        expect(encodeCbor(parseDocument(text, 'shown.yaml'))).toEqual(encodeCbor(root));
      }),
      {
        numRuns: 200,
        examples: [['\n'], [' \n'], ['a\n\n'], [`${'long '.repeat(20)}\n\n \t a \n${'b '.repeat(50)}\n `]],
      },
    );
  });
});

const BOUNDARY = `joulemark: boundary/1
applicant: Works
supply_points: {gate: {carrier: raw_coal}, grid: {carrier: electricity}}
meters:
  belt: {kind: energy, at: gate, unit: t, product: clinker}
  main: {kind: energy, at: grid, unit: kWh}
  out: {kind: product, product: clinker, unit: t}
  sold: {kind: shipment, product: cement, unit: t}
`;
const boundary = (text: string): Boundary => readBoundary(parseDocument(text, 'boundary.yaml'), 'boundary');

describe('policies', () => {
  test('that ask for no audit at all are refused: the invention asks for at least one', () => {
    const none = policyText({ relations: '{at_least: "0", always: []}' });
    expect(() => parseSignedDocument(bytes(none), 'policy.yaml', policySchema, 'policy')).toThrow(
      /relations_needed\.at_least' must be "1" to "3"/,
    );
  });
});

describe('boundaries', () => {
  test('their labels are supply points for suppliers and products for the others', () => {
    expect(labelsOf(boundary(BOUNDARY), 'upstream')).toEqual(['gate', 'grid']);
    expect(labelsOf(boundary(BOUNDARY), 'peer')).toEqual(['clinker', 'cement']);
    expect(labelsOf(boundary(BOUNDARY), 'downstream')).toEqual(['clinker', 'cement']);
  });

  test('the first adds everything, the same again nothing, whatever the order of its fields', () => {
    const first = compareBoundaries(null, boundary(BOUNDARY));
    expect(first.supplyPoints).toEqual({ added: ['gate', 'grid'], removed: [], changed: [] });
    expect(first.meters.added).toHaveLength(4);
    const reordered = BOUNDARY.replace(
      '{kind: energy, at: gate, unit: t, product: clinker}',
      '{product: clinker, unit: t, at: gate, kind: energy}',
    );
    const none = { added: [], removed: [], changed: [] };
    expect(compareBoundaries(boundary(BOUNDARY), boundary(reordered))).toEqual({ supplyPoints: none, meters: none });
  });

  test('a meter that went, came or means something else is named', () => {
    const after = BOUNDARY.replace(
      '  main: {kind: energy, at: grid, unit: kWh}\n',
      '  kiln: {kind: energy, at: grid, unit: kWh}\n',
    ).replace('unit: t, product: clinker}', 'unit: kg, product: clinker}');
    expect(compareBoundaries(boundary(BOUNDARY), boundary(after)).meters).toEqual({
      added: ['kiln'],
      removed: ['main'],
      changed: ['belt'],
    });
  });

  test('a meter may be declared to be read by bill, if it is one of energy', () => {
    const billed = boundary(BOUNDARY.replace('at: grid, unit: kWh', 'at: grid, reads: bill, unit: kWh'));
    expect([...billed.meters.values()].map(({ name, reads }) => [name, reads])).toEqual([
      ['belt', 'interval'],
      ['main', 'bill'],
      ['out', 'interval'],
      ['sold', 'interval'],
    ]);
    expect(compareBoundaries(boundary(BOUNDARY), billed).meters.changed).toEqual(['main']);
    expect(() => boundary(BOUNDARY.replace('kind: product,', 'kind: product, reads: bill,'))).toThrow(
      /^'boundary\.meters\.out\.reads' is 'bill', but the meter is of kind 'product', expected one of kind 'energy'/,
    );
  });

  test('a change of an exact decimal is seen', () => {
    const loss = (text: string): Boundary =>
      boundary(BOUNDARY.replace('{carrier: electricity}', `{carrier: electricity, loss_to_site: "${text}"}`));
    expect(compareBoundaries(loss('0.012'), loss('0.013')).supplyPoints.changed).toEqual(['grid']);
    expect(compareBoundaries(loss('0.012'), loss('0.0120')).supplyPoints.changed).toEqual([]);
  });
});

describe('the rows that a policy needs', () => {
  const table = (rows: string) =>
    tableSchema.read(
      parseDocument(`joulemark: table/1\nname: test-table\nedition: "1"\nrows: ${rows}\n`, 'table.yaml'),
      'table',
    );
  const policy = (carriers: string) =>
    policySchema.read(parseDocument(policyText({ carriers }), 'policy.yaml'), 'policy');
  test('are there, are missing, or print a range that nobody has chosen from', () => {
    const rows = table(
      '{coal: {unit: t, factor: "0.7", factor_unit: kgce/kg}, gas: {unit: m3, factor_range: {least: "1.1", most: "1.33"}, factor_unit: kgce/m3}}',
    );
    expect(checkRowsNeeded(policy('{coal: {unit: t, row: coal}}'), rows)).toEqual([]);
    expect(checkRowsNeeded(policy('{oil: {unit: t, row: crude}}'), rows)).toEqual([
      expect.stringContaining("carrier 'oil' needs the row 'crude', which is not in this table"),
    ]);
    expect(checkRowsNeeded(policy('{gas: {unit: m3, row: gas}}'), rows)).toEqual([
      expect.stringContaining("the row 'gas' is a printed range"),
    ]);
    expect(checkRowsNeeded(policy('{gas: {unit: m3, row: gas, choose: "1.2"}}'), rows)).toEqual([]);
  });
});

test('the tables that come with the program are tables', () => {
  for (const name of ['gbt2589-2020', 'energy-units']) {
    const file = new URL(`../../../fixtures/tables/${name}.yaml`, import.meta.url);
    const { value } = parseSignedDocument(readFileSync(file), `${name}.yaml`, tableSchema, 'table');
    expect(value.name).toBe(name);
    expect(value.rows.size).toBeGreaterThan(5);
  }
});
