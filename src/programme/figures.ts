import { decodeCbor } from '../ledger/codec/decode.ts';
import { encodeCbor } from '../ledger/codec/encode.ts';
import { rational } from '../ledger/codec/quantity.ts';
import type { Rational } from '../calc/ratio.ts';
import {
  faultAt,
  flag,
  listOf,
  oneOf,
  optional,
  pair,
  type Read,
  record,
  type Schema,
  shortText,
  uint,
} from '../ledger/codec/schema.ts';
import type { CborValue } from '../ledger/codec/value.ts';
import { JoulemarkError } from '../errors.ts';
import { type AuditContent, interval } from './entries.ts';
import { commitOf, figuresContext } from './package.ts';
import { type Id, id } from '../ledger/codec/id.ts';

/** No figure of a comparison has more digits than this; what has them is meant to keep verifiers busy. */
const MOST_DIGITS = 1000;

const figure: Schema<Rational> = {
  read: (value, path) => {
    const digits = Array.isArray(value)
      ? value.map((part: CborValue) => (typeof part === 'string' ? part.length : 0))
      : [];
    if (digits.some((count) => count > MOST_DIGITS))
      throw faultAt(path, `a figure of at most ${MOST_DIGITS} digits`, value);
    return rational.read(value, path);
  },
  write: (value) => rational.write(value),
};

/** One comparison of the applicant's figure with the auditor's own, in `unit`. */
const line = record({
  label: shortText(200),
  direction: optional(oneOf('export')),
  unit: shortText(40),
  reported: figure,
  expected: optional(figure),
  difference: optional(figure),
  tolerance: optional(figure),
  en_squared: optional(figure),
  agrees: flag,
  note: optional(shortText(500)),
});
export type FiguresLine = Read<typeof line>;

/** What an auditor of many looked at one by one, drawn so that anybody draws it again (programme-v1 section 6.8). */
export const sampleFigures = record({
  series: shortText(200),
  label: shortText(60),
  value: shortText(500),
  seed: id,
  looks: oneOf('none', 'sample', 'all'),
  of: uint,
  packages: listOf(pair(shortText(120), interval), 0, 2000),
  compared: uint,
  differ: uint,
});
export type SampleFigures = Read<typeof sampleFigures>;

/** What an audit rests on (programme-v1 section 6): committed in the audit entry, open in version 1. */
export const auditFigures = record({
  relation: oneOf('upstream', 'peer', 'downstream'),
  method: shortText(60),
  others: optional(uint),
  all_supply_points: optional(flag),
  proposal: oneOf('pass', 'pass_with_remarks', 'fail', 'cannot_judge'),
  lines: listOf(line, 0, 1000),
  sample: optional(sampleFigures),
});
export type AuditFigures = Read<typeof auditFigures>;

export const encodeFigures = (figures: AuditFigures): Uint8Array => encodeCbor(auditFigures.write(figures));

/**
 * The figures of an audit entry: undefined where they are sealed, do not open to their commit, or are no figures (nothing that an
 * auditor signs may stop a decision). Lines of labels that the audit does not speak of are left out.
 */
export function openFigures(auditor: Id, audit: AuditContent): AuditFigures | undefined {
  if (audit.salt === undefined || audit.payload === undefined) return undefined;
  const context = figuresContext(auditor, audit.applicant, audit.relation, audit.window);
  if (commitOf(context, audit.salt, audit.payload) !== audit.figures) return undefined;
  try {
    const figures = auditFigures.read(decodeCbor(audit.payload), 'figures');
    return { ...figures, lines: figures.lines.filter(({ label }) => audit.labels.includes(label)) };
  } catch (error) {
    if (!(error instanceof JoulemarkError) || error.code === 'INTERNAL') throw error;
    return undefined;
  }
}
