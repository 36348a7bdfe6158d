import { describe, expect, test } from 'vitest';
import {
  auditVerdict,
  correctionReason,
  decisionStatus,
  meterEventKind,
  ORGANISATION_ENTRY_TYPES,
  PROGRAMME_ENTRY_TYPES,
  RELATION_KINDS,
  role,
} from '../../src/programme/entries.ts';
import { provenance } from '../../src/programme/package.ts';
import type { Schema } from '../../src/ledger/codec/schema.ts';
import { inlineCodeOf, readPage, tableRowsOf } from '../support/markdown.ts';
import { codesIn, unionOf } from '../support/closed-unions.ts';

const PAGE = readPage('docs/glossary.md');
const defined = new Set([
  ...tableRowsOf(PAGE).flatMap(([word = '']) => /^`([^`]+)`$/u.exec(word)?.[1] ?? []),
  ...[...(/Reasons of a correction: [^]*?\n\n/u.exec(PAGE)?.[0] ?? '').matchAll(/`(\w+)`/gu)].map(
    ([, word = '']) => word,
  ),
]);

/** The words of a closed list, from the refusal of a word that is none. */
function wordsOf(schema: Schema<string>): readonly string[] {
  try {
    schema.read('no such word', 'word');
  } catch (error) {
    return [...(error instanceof Error ? error.message : '').matchAll(/'([\w-]+)'/gu)]
      .map(([, word = '']) => word)
      .filter((word) => word !== 'word');
  }
  throw new Error('no list of words');
}

describe('the glossary has every word of', () => {
  test.each([
    ['entries', [...PROGRAMME_ENTRY_TYPES, ...ORGANISATION_ENTRY_TYPES]],
    ['relations', RELATION_KINDS],
    ['roles', wordsOf(role)],
    ['statuses of a decision', wordsOf(decisionStatus)],
    ['verdicts of an audit', wordsOf(auditVerdict)],
    ['reasons of a correction', wordsOf(correctionReason)],
    ['meter events', wordsOf(meterEventKind)],
    ['provenance', wordsOf(provenance)],
    ['verdicts on a product', unionOf('src/calc/evaluation.ts', 'ProductVerdict')],
    ['reasons of the evaluation', unionOf('src/calc/evaluation.ts', 'ReasonCode')],
    ['ways to count', unionOf('src/calc/evaluation-input.ts', 'Counts')],
    ['kinds of meter', unionOf('src/calc/evaluation-input.ts', 'MeterKind')],
    ['reasons of audits', unionOf('src/programme/audit-standing.ts', 'AuditReason')],
    ['reasons of a decision', codesIn('src/programme/decide.ts')],
  ])('%s', (_, words) => {
    expect(words.length).toBeGreaterThan(1);
    expect(words.filter((word) => !defined.has(word))).toEqual([]);
  });
});

test('each table row has its four cells', () => {
  expect(tableRowsOf(PAGE).filter((row) => row.length !== 4 || row.includes(''))).toEqual([]);
  expect(inlineCodeOf(PAGE).length).toBeGreaterThan(80);
});
