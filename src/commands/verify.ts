import { defineCommand, outcome } from '../cli/command.ts';
import { findCopy, homeCopy } from '../home/find-copy.ts';
import { parseId } from '../ledger/codec/id.ts';
import { roughSeconds } from '../programme/calendar.ts';
import { textDuration } from '../programme/document.ts';
import { parseBlockPlace } from '../programme/told-history.ts';
import { toVerdict } from '../programme/verdict.ts';
import type { Verification } from '../programme/verification.ts';
import { exportLine } from '../report/export-lines.ts';
import { verdictLines } from '../report/verdict-lines.ts';

export const verify = defineCommand({
  path: ['verify'],
  summary: 'Verify a copy of the ledger: every byte, signature, audit and decision',
  description:
    'Reads a home, an export folder, a bundle, or any bare git repository with a ledger in it. Needs no key and no network. Decisions are recomputed from the signed packages and ' +
    'compared byte for byte. Without a path it verifies this home, which remembers what it has verified and checks only new signatures; --full begins at ' +
    'genesis. A copy at a path, which anybody may have prepared, is verified from genesis.\n\n' +
    'The last lines say what a copy cannot: up to which broadcast it goes, and whether the ledger id was compared with one you were told by another way.',
  examples: [
    'joulemark verify',
    'joulemark verify --full',
    'joulemark verify /media/stick/ledger.git --ledger 3f9c1a7e...',
    'joulemark verify /media/stick/export --ledger 3f9c1a7e... --sums 77ab04d1...',
    'joulemark verify --max-age P2D --json',
  ],
  args: ['[path]'],
  options: {
    ledger: {
      value: '<id>',
      description: 'the ledger id you were told, 64 hex digits, blanks allowed',
      parse: parseId,
    },
    sums: {
      value: '<hash>',
      description: 'of an export folder: the SHA-256 of SHA256SUMS that you were told',
      parse: parseId,
    },
    onto: {
      value: '<folder>',
      description: 'of an export that holds only what is new: the earlier export; several times, oldest first',
      repeatable: true,
    },
    at: {
      value: '<seq:id>',
      description: 'a programme block that you were told: tells which history is meant where a copy shows two',
      parse: parseBlockPlace,
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
  async run(context, [path], { ledger, sums, onto, at, full, maxAge, findings: all }) {
    const hints = { sums, onto: onto.map((folder) => context.resolve(folder)) };
    const copy = path === undefined ? homeCopy(context.home) : findCopy(context.resolve(path), hints);
    const expected = ledger ?? copy.ledger;
    const progress = context.progress('verifying', 0);
    let verification: Verification;
    try {
      let done = 0;
      verification = await copy.verify({
        ledger: expected,
        checked: full ? new Map() : copy.checked,
        at: at ?? null,
        pinned: copy.pinned,
        progress: (blocks) => progress.update((done += blocks)),
      });
    } finally {
      progress.done();
    }
    copy.remember(verification);
    const verdict = toVerdict(verification, {
      compared: comparedWith(ledger !== undefined, copy.ledger !== null),
      pinned: copy.pinned,
      told: at ?? null,
      now: context.now(),
      maxAge: maxAge === undefined ? null : roughSeconds(maxAge),
    });
    return outcome(verdict.verdict === 'CHECKED' ? 'OK' : verdict.verdict, {
      ...verdict,
      export: copy.folder,
      allNotes: all,
    });
  },
  render: (result, ui) =>
    [
      ...(result.export === null ? [] : [exportLine(result.export, ui)]),
      ...verdictLines(result, ui, result.allNotes),
    ].join('\n'),
});

/** Against what the ledger id was held; null when it was taken at its word. */
function comparedWith(told: boolean, pinned: boolean): string | null {
  if (told) return 'with --ledger';
  return pinned ? 'with the pin of this home' : null;
}
