import { JoulemarkError } from '../errors.ts';
import { encodeCbor } from '../ledger/codec/encode.ts';
import { type Id, idOf } from '../ledger/codec/id.ts';
import { toDocumentText } from '../programme/document.ts';
import { type MeterProfile, parseProfile } from './profile.ts';

export type { MeterProfile } from './profile.ts';

/** Reads a profile that is for an applicant's meters. @throws JoulemarkError USAGE naming file and line, and for a profile of an auditor's records. */
export function parseMeterProfile(bytes: Uint8Array, fileName: string): MeterProfile {
  const profile = parseProfile(toDocumentText(bytes, fileName), fileName);
  if (profile.reads === 'meters') return profile;
  throw new JoulemarkError('USAGE', `'${fileName}' reads ${profile.reads}, expected a profile that reads meters`, {
    hints: ["an auditor's own records are read by: joulemark audit run"],
  });
}

/** The digest by which a submission names its profile: of the document, so that comments change nothing (spec section 2). */
export const profileDigest = ({ document }: MeterProfile): Id => idOf(encodeCbor(document));
