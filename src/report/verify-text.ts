import { JoulemarkError } from '../errors.ts';
import { showTime } from '../programme/calendar.ts';
import { type ExportFacts, factLines, parseFactLines } from './export-facts.ts';

/** The first line of VERIFY.txt. What follows is frozen for a number: it is written again and compared by whoever verifies. */
const FORMAT = 'joulemark: export/1';

/** The text that an export folder explains itself with: facts first, then for a person. `hasPage`: verify.html lies beside it. */
export function verifyText(facts: ExportFacts, hasPage: boolean): string {
  const paragraphs = [
    FORMAT,
    factLines(facts).join('\n'),
    'WHAT MUST REACH YOU BY ANOTHER WAY THAN THIS FOLDER (letter, contract, telephone)',
    `  1. the ledger id: it is compared with\n     ${facts.ledger}\n  2. the SHA-256 of the file SHA256SUMS. This prints it:\n       sha256sum SHA256SUMS                       Linux\n       shasum -a 256 SHA256SUMS                   macOS\n       certutil -hashfile SHA256SUMS SHA256       Windows`,
    'The first says whose ledger this is. The second fixes every byte here, the programs too. Without it a program from this\nfolder shows accidents, and nothing of what whoever prepared the folder wants to hide: take joulemark from elsewhere then.',
    'HOW TO CHECK, in this order, standing in this folder',
    `  every file      sha256sum -c SHA256SUMS\n  the ledger      node verify.mjs --ledger <the id that you were told>        Node 20 or later, nothing to install\n                  joulemark verify . --ledger <the id that you were told>     with joulemark from elsewhere${
      hasPage ? '\n                  open verify.html in a browser and drop this folder on it' : ''
    }`,
    gitText(facts),
    'Exit status of verify.mjs and joulemark: 0 everything is as signed, 3 something is not, 5 something is not in this copy, 13 another\nhistory of the same ledger, 14 older than wanted.',
    'WHAT THIS COPY CANNOT SHOW',
    limitText(facts),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

function gitText({ scope }: ExportFacts): string {
  const before =
    'Plain git can look inside, and reads the blocks without joulemark. First the check of every file: git itself takes no notice of\nmost changes in the head of a bundle, and `git bundle verify` reads nothing else.';
  const steps =
    scope.kind === 'since'
      ? '  in a clone of the earlier export\n    git fetch <this folder>/ledger.bundle "refs/heads/*:refs/remotes/origin/*"\n    git fsck --full --strict'
      : '  git clone ledger.bundle <new folder elsewhere>\n  git -C <that folder> fsck --full --strict';
  return `${before}\n\n${steps}`;
}

function limitText({ scope, broadcast, leftOut }: ExportFacts): string {
  const end =
    broadcast === null
      ? '  There is no broadcast yet: nothing here is dated or final.'
      : `  It ends with broadcast ${broadcast.seq}, ${showTime(broadcast.time, 'UTC')}. Nothing later can be seen, nor that a decision was revoked after it.`;
  const lines = [
    end,
    '  Blocks that no broadcast covers are not in it.',
    '  A meter that lies at its source, and what was never submitted, no copy can show.',
  ];
  if (scope.kind === 'since')
    lines.push(
      `  It holds only what came after programme block ${scope.seq}: name the earlier export with --onto, or import both in order.`,
    );
  if (leftOut > 0)
    lines.push(
      `  Of ${leftOut} ${leftOut === 1 ? 'entry' : 'entries'} only the hash is here. They were signed, and when; what they say is left out, so the answer is PENDING.`,
    );
  return lines.join('\n');
}

/**
 * The facts of a VERIFY.txt, which must be exactly what is written for them.
 * @throws JoulemarkError VERIFY_FAILED for any other bytes; FAILED for a format of a later version.
 */
export function parseVerifyText(text: string, hasPage: boolean): ExportFacts {
  const [format = '', facts = ''] = text.split('\n\n', 2);
  if (format !== FORMAT && /^joulemark: export\/\d+$/.test(format)) {
    throw new JoulemarkError('FAILED', `cannot read '${format}': this version knows '${FORMAT}'`, {
      hints: ['verify it with the verify.mjs of the folder, or with a later joulemark'],
    });
  }
  const parsed = parseFactLines(facts.split('\n'));
  if (verifyText(parsed, hasPage) !== text)
    throw new JoulemarkError('VERIFY_FAILED', "'VERIFY.txt' is not as an export writes it: its text is another");
  return parsed;
}
