import { defineCommand, outcome } from '../cli/command.ts';
import type { ExitName } from '../errors.ts';
import { findCopy, homeCopy } from '../home/find-copy.ts';
import { verifyStore } from '../home/verify.ts';
import { parseId, showId } from '../ledger/codec/id.ts';
import { roughSeconds, showTime } from '../programme/calendar.ts';
import { textDuration } from '../programme/document.ts';
import type { Verification } from '../programme/verification.ts';

export const verify = defineCommand({
  path: ['verify'],
  summary: 'Verify a copy of the ledger: every byte, signature, audit and decision',
  description:
    'Reads a home, or any bare git repository with a ledger in it. Needs no key and no network. Decisions are recomputed from the signed packages and ' +
    'compared byte for byte. Without a path it verifies this home, which remembers what it has verified and checks only new signatures; --full begins at ' +
    'genesis. A copy at a path, which anybody may have prepared, is verified from genesis.\n\n' +
    'The last lines say what a copy cannot: up to which broadcast it goes, and whether the ledger id was compared with one you were told by another way.',
  examples: [
    'joulemark verify',
    'joulemark verify --full',
    'joulemark verify /media/stick/ledger.git --ledger 3f9c1a7e...',
    'joulemark verify --max-age P2D --json',
  ],
  args: ['[path]'],
  options: {
    ledger: {
      value: '<id>',
      description: 'the ledger id you were told, 64 hex digits, blanks allowed',
      parse: parseId,
    },
    full: { description: 'check every signature again, from genesis' },
    maxAge: {
      value: '<duration>',
      description: 'fail with status 14 when the newest broadcast is older, e.g. P2D',
      parse: (text: string) => textDuration.read(text, '--max-age'),
    },
    findings: { description: 'list every note, not only the first ten' },
  },
  effect: 'read',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'PENDING', 'NO_LEDGER', 'DIVERGED', 'STALE'],
  async run(context, [path], { ledger, full, maxAge, findings: all }) {
    const copy = path === undefined ? homeCopy(context.home) : findCopy(context.resolve(path));
    const expected = ledger ?? copy.ledger;
    const progress = context.progress('verifying', 0);
    let verification: Verification;
    try {
      let done = 0;
      verification = await verifyStore(copy.store, {
        ledger: expected,
        checked: full ? new Map() : copy.checked,
        progress: (blocks) => progress.update((done += blocks)),
      });
    } finally {
      progress.done();
    }
    copy.remember(verification);
    const last = verification.state.lastBroadcast;
    const age = last === null ? null : context.now() - last.time;
    const zone = verification.state.policies.at(-1)?.value.time.zone ?? 'UTC';
    const errors = verification.findings.filter(
      (finding) => finding.level === 'error' && finding.code !== 'listing-absent' && finding.code !== 'entry-absent',
    );
    const exit = exitOf(
      verification,
      errors.length,
      copy.pinned,
      age,
      maxAge === undefined ? null : roughSeconds(maxAge),
    );
    return outcome(exit, {
      verdict: exit === 'OK' ? 'CHECKED' : exit,
      ledger: verification.ledger,
      compared: comparedWith(ledger !== undefined, copy.ledger !== null),
      blocks: verification.blocks,
      chains: verification.chains,
      signaturesCheckedNow: verification.verifiedNow,
      pending: verification.pending,
      packages: verification.packages,
      sealed: verification.sealed,
      audits: verification.audits,
      decisions: verification.decisions,
      upTo: last === null ? null : { broadcast: last.seq, time: showTime(last.time, zone) },
      broken: verification.broken,
      stopped: verification.stopped,
      absent: verification.absent,
      errors: errors.map(({ code, message, place }) => ({
        code,
        message,
        chain: place.chain ?? null,
        seq: place.seq ?? null,
        entry: place.entry ?? null,
      })),
      notes: verification.findings
        .filter((finding) => finding.level === 'note')
        .map(({ code, message, place }) => ({
          code,
          message,
          chain: place.chain ?? null,
          seq: place.seq ?? null,
          entry: place.entry ?? null,
        })),
      allNotes: all,
    });
  },
  render: (result, ui) => {
    const { decisions } = result;
    const lines: string[] = [];
    for (const { ref, seq, message } of result.broken)
      lines.push(`${ui.bad('BROKEN')}    ${ref} from block ${seq}: ${message}`);
    if (result.stopped !== null)
      lines.push(
        `${ui.bad('STOPPED')}   a block that the certification body has broadcast is not what it was; what follows is true only before it`,
      );
    for (const { code, message, chain, seq } of result.errors)
      lines.push(`${ui.bad('ERROR')}     ${code}: ${message} (${place(chain, seq)})`);
    for (const org of result.absent)
      lines.push(`${ui.warn('ABSENT')}    listed blocks of ${org.slice(0, 8)} are not in this copy`);
    const sum = `${count(result.blocks, 'block')} in ${count(result.chains, 'chain')}, ${count(result.packages, 'package')}, ${count(result.audits, 'audit')}, ${count(decisions.recomputed, 'decision')} recomputed`;
    const good = result.verdict === 'CHECKED' || result.verdict === 'STALE';
    lines.push(`${good ? ui.good('CHECKED') : ui.bad(result.verdict)}   ${sum}${good ? ': all as signed' : ''}`);
    if (result.pending > 0)
      lines.push(`PENDING   ${result.pending} blocks are above the last broadcast and part of no answer yet`);
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
    const shown = result.allNotes ? result.notes : result.notes.slice(0, 10);
    for (const { code, message, chain, seq } of shown)
      lines.push(`${ui.dim('note')}      ${code}: ${message} (${place(chain, seq)})`);
    if (shown.length < result.notes.length)
      lines.push(ui.dim(`          and ${result.notes.length - shown.length} more notes: --findings`));
    return lines.join('\n');
  },
});

const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;

/** Against what the ledger id was held; null when it was taken at its word. */
function comparedWith(told: boolean, pinned: boolean): string | null {
  if (told) return 'with --ledger';
  return pinned ? 'with the pin of this home' : null;
}

const place = (chain: string | null, seq: number | null): string =>
  `${chain === null ? 'ledger' : chain.slice(0, 9)}${seq === null ? '' : ` block ${seq}`}`;

function exitOf(
  verification: Verification,
  errors: number,
  pinned: { readonly seq: number; readonly id: string } | null,
  age: number | null,
  maxAge: number | null,
): ExitName {
  if (verification.broken.length > 0 || verification.stopped !== null || errors > 0) return 'VERIFY_FAILED';
  if (
    pinned !== null &&
    verification.state.head.seq >= pinned.seq &&
    verification.programmeId(pinned.seq) !== pinned.id
  )
    return 'DIVERGED';
  const leftOut = verification.findings.some((finding) => finding.code === 'entry-absent');
  // a sealed package counts for nobody in version 1, so one applicant's does not make every copy pending for ever
  if (verification.absent.length > 0 || leftOut) return 'PENDING';
  if (pinned !== null && verification.state.head.seq < pinned.seq) return 'STALE';
  if (maxAge !== null && (age === null || age > maxAge)) return 'STALE';
  return 'OK';
}
