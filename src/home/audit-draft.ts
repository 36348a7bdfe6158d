import { join } from 'node:path';
import { JoulemarkError } from '../errors.ts';
import { type Id, parseId, shortId } from '../ledger/codec/id.ts';
import { converted, listOf, oneOf, type Read, record, shortText, text, uint } from '../ledger/codec/schema.ts';
import { type CborValue, isCborMap } from '../ledger/codec/value.ts';
import { ensureDirectory } from '../ledger/store/folders.ts';
import { kindOfPath, listDirectory, readFileIfPresent } from '../ledger/store/read-files.ts';
import { replaceAtomically } from '../ledger/store/files.ts';
import { showWindow } from '../programme/audit-window.ts';
import { interval, relationKind } from '../programme/entries.ts';
import { auditFigures } from '../programme/figures.ts';
import type { HomePaths } from './paths.ts';

const hexId = converted(text, 'an id of 64 hex digits', parseId, (value: Id) => value);

/** What `audit run` found and `audit sign` signs: the comparison and the packages it speaks of. Never leaves this home. */
const draftSchema = record({
  joulemark: oneOf('audit-draft/1'),
  applicant: hexId,
  relation: relationKind,
  labels: listOf(shortText(200), 1, 200),
  window: interval,
  /** The newest programme block when it was computed. */
  at: uint,
  /** Root of the packages compared. */
  root: hexId,
  figures: auditFigures,
});
export type AuditDraft = Read<typeof draftSchema>;

/** Anybody may search for an id whose first digits are those of another: of so many nobody finds one. */
const ID_DIGITS = 16;

/** One draft an applicant, relation and window: a later one replaces it. */
const draftName = (
  { applicant, relation, window }: Pick<AuditDraft, 'applicant' | 'relation' | 'window'>,
  zone: string,
): string =>
  `${shortId(applicant, ID_DIGITS)}-${relation}-${showWindow({ start: window[0], end: window[1] }, zone)}.json`;

/** Writes a draft, whole or not at all; returns its path. */
export function writeDraft(paths: HomePaths, draft: AuditDraft, zone: string): string {
  ensureDirectory(paths.drafts);
  const path = join(paths.drafts, draftName(draft, zone));
  replaceAtomically(path, Buffer.from(`${JSON.stringify(toPlain(draftSchema.write(draft)), null, 2)}\n`), 0o600);
  return path;
}

/** The drafts of an applicant, or of all, oldest window first. @throws JoulemarkError USAGE for a file that is no draft. */
export function readDrafts(paths: HomePaths, applicant?: Id): readonly AuditDraft[] {
  if (kindOfPath(paths.drafts) === 'absent') return [];
  const begin = applicant === undefined ? '' : `${shortId(applicant, ID_DIGITS)}-`;
  const names = listDirectory(paths.drafts).filter((name) => name.startsWith(begin) && name.endsWith('.json'));
  return names
    .map((name) => readDraft(join(paths.drafts, name)))
    .filter((draft) => applicant === undefined || draft.applicant === applicant)
    .sort(
      (a, b) =>
        a.window[0] - b.window[0] ||
        a.window[1] - b.window[1] ||
        Number(a.relation > b.relation) - Number(a.relation < b.relation),
    );
}

function readDraft(path: string): AuditDraft {
  const bytes = readFileIfPresent(path, 1 << 24);
  try {
    return draftSchema.read(toValue(JSON.parse(bytes?.toString('utf8') ?? '')), 'draft');
  } catch (error) {
    if (error instanceof JoulemarkError && error.code !== 'USAGE') throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new JoulemarkError('USAGE', `'${path}' is not a draft of an audit: ${why}`, {
      hints: ['run the audit again: joulemark audit run'],
      cause: error,
    });
  }
}

/** Bytes stand in the file as `{"hex": "..."}`. */
function toPlain(value: CborValue): unknown {
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString('hex') };
  if (isCborMap(value)) return Object.fromEntries([...value].map(([key, element]) => [key, toPlain(element)]));
  return Array.isArray(value) ? value.map(toPlain) : value;
}

function toValue(plain: unknown): CborValue {
  if (Array.isArray(plain)) return plain.map(toValue);
  if (plain === null || typeof plain === 'string' || typeof plain === 'number' || typeof plain === 'boolean')
    return plain;
  const entries = Object.entries(plain as object);
  const [first] = entries;
  if (first?.[0] === 'hex' && typeof first[1] === 'string' && entries.length === 1)
    return new Uint8Array(Buffer.from(first[1], 'hex'));
  return new Map(entries.map(([key, element]) => [key, toValue(element)]));
}
