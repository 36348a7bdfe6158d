import { parseId, showId } from '../ledger/codec/id.ts';
import type { Verdict } from '../programme/verdict.ts';

/** How words of a verdict are set off: colours on a terminal, nothing elsewhere. */
export interface VerdictPaint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** Notes shown where not all are asked for. */
const FEW_NOTES = 10;

/** A verdict as lines to read. `allNotes`: every note, not only the first ten. */
export function verdictLines(result: Verdict, ui: VerdictPaint, allNotes: boolean): readonly string[] {
  const { decisions } = result;
  const lines: string[] = [];
  for (const { ref, seq, message } of result.broken)
    lines.push(`${ui.bad('BROKEN')}    ${ref} from block ${seq}: ${message}`);
  for (const { ref, message } of result.unjudged) lines.push(`${ui.warn('UNJUDGED')}  ${ref}: ${message}`);
  if (result.stopped !== null)
    lines.push(
      `${ui.bad('STOPPED')}   a block that the certification body has broadcast is not what it was; what follows is true only before it`,
    );
  if (result.twoHistoriesAt !== null)
    lines.push(
      `${ui.bad('TWO')}       histories: the certification body signed two blocks ${result.twoHistoriesAt}; what follows is true only before them. Told which is meant, verify again with --at SEQ:ID`,
    );
  for (const { code, message, chain, seq } of result.errors)
    lines.push(`${ui.bad('ERROR')}     ${code}: ${message} (${place(chain, seq)})`);
  for (const org of result.absent)
    lines.push(`${ui.warn('ABSENT')}    listed blocks of ${org.slice(0, 8)} are not in this copy`);
  const revoked = decisions.revoked === 0 ? '' : `, ${decisions.revoked.toLocaleString('en-US')} of them revoked`;
  const sum = `${count(result.blocks, 'block')} in ${count(result.chains, 'chain')}, ${count(result.packages, 'package')}, ${count(result.audits, 'audit')}, ${count(decisions.recomputed, 'decision')} recomputed${revoked}`;
  const good = result.verdict === 'CHECKED' || result.verdict === 'STALE';
  lines.push(`${good ? ui.good('CHECKED') : ui.bad(result.verdict)}   ${sum}${good ? ': all as signed' : ''}`);
  if (result.unread > 0)
    lines.push(
      `READ      ${count(result.blocks - result.unread, 'block')}; the others were verified here before and may have been damaged since: --full reads every byte`,
    );
  if (result.pending > 0)
    lines.push(
      `PENDING   ${count(result.pending, 'block')} ${result.pending === 1 ? 'is' : 'are'} above the last broadcast and part of no answer yet`,
    );
  lines.push(
    result.upTo === null
      ? 'UP TO     no broadcast yet'
      : `UP TO     broadcast ${result.upTo.broadcast}, ${result.upTo.time}. This copy cannot show anything later, nor a revocation after it.`,
  );
  lines.push(
    `LEDGER    ${showId(parseId(result.ledger))}  ${result.compared === null ? ui.warn('NOT COMPARED: give the id you were told with --ledger') : `compared ${result.compared}`}`,
  );
  const sealed = result.sealed === 0 ? '' : `, ${count(result.sealed, 'sealed package')} in no figure`;
  lines.push(
    `OPENED    ${result.packages.toLocaleString('en-US')} of ${(result.packages + result.sealed).toLocaleString('en-US')} packages${sealed}`,
  );
  const shown = allNotes ? result.notes : result.notes.slice(0, FEW_NOTES);
  for (const { code, message, chain, seq } of shown)
    lines.push(`${ui.dim('note')}      ${code}: ${message} (${place(chain, seq)})`);
  if (shown.length < result.notes.length)
    lines.push(ui.dim(`          and ${result.notes.length - shown.length} more notes: --findings`));
  return lines;
}

const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;

const place = (chain: string | null, seq: number | null): string =>
  `${chain === null ? 'ledger' : chain.slice(0, 9)}${seq === null ? '' : ` block ${seq}`}`;
