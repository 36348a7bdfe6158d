import type { Id } from '../ledger/codec/id.ts';
import { checkReceipt } from '../programme/check-receipt.ts';
import type { ReceiptVerdict } from '../programme/receipt-verdict.ts';
import type { Copy } from './find-copy.ts';
import { homeCopy } from './find-copy.ts';
import { readHomeConfig } from './home.ts';
import type { ReceiptFile } from './receipt-file.ts';

/** What a receipt is held against. */
export interface ReceiptWitnesses {
  /** The ledger id that the user was told. */
  readonly told: Id | null;
  /** The home that the user stands in. */
  readonly home: string | null;
  /** A copy that he named: it takes the place of the home. */
  readonly copy: Copy | null;
  readonly progress?: (blocks: number) => void;
}

/**
 * Verifies a receipt, and the copy or home that it is held against first.
 * @throws JoulemarkError VERIFY_FAILED, DIVERGED.
 */
export async function checkReceiptFile(
  { bytes, ledger }: ReceiptFile,
  { told, home, copy, progress }: ReceiptWitnesses,
): Promise<ReceiptVerdict> {
  if (copy !== null) {
    const against = { words: 'the copy', verification: await verifyWitness(copy, told, progress) };
    const compared = told === null ? null : 'with --ledger';
    return checkReceipt(bytes, told ?? against.verification.ledger, { compared, against });
  }
  const own = home === null ? null : joinedLedger(home);
  // a receipt of another ledger, of which the user gave the id, is none of this home's matter
  if (home === null || own === null || (told !== null && told !== own))
    return checkReceipt(bytes, told ?? ledger, { compared: told === null ? null : 'with --ledger', against: null });
  const mine = homeCopy(home);
  const against = { words: 'this home', verification: await verifyWitness(mine, own, progress) };
  return checkReceipt(bytes, own, { compared: comparedWith(told !== null, mine), against });
}

/** Against what a ledger id was held, in words; null when it was taken at its word. */
export function comparedWith(told: boolean, { isOwn }: Pick<Copy, 'isOwn'>): string | null {
  if (told) return 'with --ledger';
  return isOwn ? 'with the pin of this home' : null;
}

async function verifyWitness(
  copy: Copy,
  ledger: Id | null,
  progress: ReceiptWitnesses['progress'],
): Promise<Awaited<ReturnType<Copy['verify']>>> {
  const verification = await copy.verify({
    ledger,
    checked: copy.checked,
    pinned: copy.pinned,
    ...(progress === undefined ? {} : { progress }),
  });
  copy.remember(verification);
  return verification;
}

const joinedLedger = (home: string): Id | null => readHomeConfig(home).config.ledger ?? null;
