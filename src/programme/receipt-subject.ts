import { JoulemarkError } from '../errors.ts';
import type { CborMap } from '../ledger/codec/value.ts';
import type { Opening } from '../ledger/receipt.ts';
import type { VerifiedReceipt } from '../ledger/receipt-verify.ts';
import {
  correctContent,
  decisionContent,
  type DecisionContent,
  packageContent,
  type PackageContent,
} from './entries.ts';
import { decodePayload, isRightOpening, type PackagePayload } from './package.ts';

/** What the entry of a receipt says. */
export type ReceiptSubject =
  | {
      readonly type: 'package';
      readonly content: PackageContent;
      /** Null where neither the entry nor the receipt opens the commit. */
      readonly payload: PackagePayload | null;
      /** From where the payload was known. */
      readonly opened: 'entry' | 'receipt' | null;
      readonly corrects: string | null;
    }
  | { readonly type: 'decision'; readonly content: DecisionContent }
  /** Any other entry, and one of these words that has not their shape. */
  | { readonly type: 'other' };

/**
 * Reads the entry of a receipt that was verified, and its opening (spec section 13, condition 7).
 * @throws JoulemarkError VERIFY_FAILED, details.part 'opening', when an opening stands beside an entry that it does not open.
 */
export function readReceiptSubject({ organisation, entry, opening }: VerifiedReceipt): ReceiptSubject {
  if (organisation !== null && (entry.type === 'package' || entry.type === 'correct')) {
    const read = readPackage(entry.type, entry.content);
    if (read !== null) return openPackage(organisation.id, read, opening);
  }
  if (opening !== null) throw wrongOpening(`no commit of a package stands in the entry '${entry.type}'`);
  const decision = entry.type === 'decision' && organisation === null ? readDecision(entry.content) : null;
  return decision === null ? { type: 'other' } : { type: 'decision', content: decision };
}

type NamedPackage = Pick<Extract<ReceiptSubject, { type: 'package' }>, 'content' | 'corrects'>;

function openPackage(
  org: NonNullable<VerifiedReceipt['organisation']>['id'],
  { content, corrects }: NamedPackage,
  opening: Opening | null,
): ReceiptSubject {
  const isOpen = content.salt !== undefined || content.payload !== undefined;
  if (opening === null) {
    const payload = isRightOpening(org, content) ? readPayload(content.payload) : null;
    return { type: 'package', content, payload, opened: payload === null ? null : 'entry', corrects };
  }
  if (isOpen) throw wrongOpening('the package stands open in its entry');
  if (!isRightOpening(org, { ...content, ...opening })) throw wrongOpening('the commit was not made from it');
  const payload = readPayload(opening.payload);
  if (payload === null) throw wrongOpening('its payload is not that of a package');
  return { type: 'package', content, payload, opened: 'receipt', corrects };
}

function readPackage(type: 'package' | 'correct', content: CborMap): NamedPackage | null {
  return orNull(() => {
    if (type === 'package') return { content: packageContent.read(content, 'package'), corrects: null };
    const correction = correctContent.read(content, 'correct');
    return { content: correction.package, corrects: correction.replaces };
  });
}

const readDecision = (content: CborMap): DecisionContent | null =>
  orNull(() => decisionContent.read(content, 'decision'));

const readPayload = (bytes: Uint8Array | undefined): PackagePayload | null =>
  bytes === undefined ? null : orNull(() => decodePayload(bytes));

/** On the ledger stands what anybody signed: a content of another shape is shown as what it is, and is no failure. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof JoulemarkError) return null;
    throw error;
  }
}

function wrongOpening(because: string): JoulemarkError {
  return new JoulemarkError('VERIFY_FAILED', `the receipt's 'opening' does not hold: ${because}`, {
    details: { part: 'opening' },
  });
}
