import type { Id } from '../ledger/codec/id.ts';
import { type ReceiptWitness, verifyReceipt } from '../ledger/receipt-verify.ts';
import { type ReceiptSetting, type ReceiptVerdict, toReceiptVerdict } from './receipt-verdict.ts';
import { readReceiptSubject } from './receipt-subject.ts';
import type { Verification } from './verification.ts';

/**
 * Verifies a receipt, its opening included, and says what it shows (spec section 13). Pure: a page runs it too.
 * @throws JoulemarkError VERIFY_FAILED naming the part that does not hold; DIVERGED when the copy it is held against has another block in
 * the place of the one that lists it.
 */
export function checkReceipt(bytes: Uint8Array, ledger: Id, setting: ReceiptSetting): ReceiptVerdict {
  const { against } = setting;
  const shown = verifyReceipt(bytes, ledger, against === null ? undefined : toWitness(against.verification));
  return toReceiptVerdict(shown, readReceiptSubject(shown), setting);
}

/** What a verified copy knows. Past two histories of the programme it knows nothing. */
function toWitness({ programmeId, coveredId, twoHistoriesAt }: Verification): ReceiptWitness {
  return {
    programmeId: (seq) => (twoHistoriesAt === null || seq < twoHistoriesAt ? programmeId(seq) : undefined),
    coveredId,
  };
}
