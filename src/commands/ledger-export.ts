import { defineCommand } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { countOf } from '../cli/count-of.ts';
import { JoulemarkError } from '../errors.ts';
import { earlierExport, type ExportChoice, prepareExport } from '../home/export-ledger.ts';
import { assertFreeFolder, writeExportFolder } from '../home/write-export.ts';
import { showId } from '../ledger/codec/id.ts';
import { showTime } from '../programme/calendar.ts';

export const ledgerExport = defineCommand({
  path: ['ledger', 'export'],
  summary: 'Write a folder that an auditor can verify offline, with nothing installed but Node or a browser',
  description:
    'The folder holds the ledger as a git bundle, a verifier in one file, a page that verifies in a browser, a text that explains both, and the SHA-256 of each. What no broadcast ' +
    'covers yet is not in it. The same ledger gives the same bytes in every home (with one version of Node: compression differs between them). Give whoever gets the folder two hashes by another way: the ledger id, and the SHA-256 of SHA256SUMS.\n\n' +
    'With --since it adds to an earlier export: whoever has that verifies both, and plain git fetches from it. With --applicant and --period entries that ' +
    'concern others are left out; their hashes stay, so every signature holds, and the answer is PENDING. The programme chain stays whole, and so does the first entry of each block.',
  examples: [
    'joulemark ledger export /media/stick/ledger',
    'joulemark ledger export /media/stick/march --since /media/stick/february',
    'joulemark ledger export guangnan-2026 --applicant "Guangnan Cement" --period 2026',
    'joulemark ledger export by-mail --embed',
  ],
  args: ['<folder>'],
  options: {
    since: {
      value: '<place>',
      description: 'only what came after an earlier export, named by its folder or by its newest programme block',
    },
    applicant: {
      value: '<organisation>',
      description: 'only what a decision on this applicant rests on; of everything else the hashes',
    },
    period: { value: '<period>', description: 'with --applicant: the period, e.g. 2026' },
    embed: { description: 'put the ledger into verify.html too: that one file, opened in a browser, is enough' },
  },
  effect: 'write',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [folder], { since, applicant, period, embed }) {
    const path = context.resolve(folder);
    assertFreeFolder(path);
    if (embed && since !== undefined)
      throw new JoulemarkError('USAGE', '--embed and --since do not go together: a page verifies what it holds alone', {
        hints: ['joulemark ledger export <folder> --embed'],
      });
    const choice = toChoice(since === undefined ? undefined : readEarlier(context, since), applicant, period);
    const progress = context.progress('exporting', 0);
    let done = 0;
    try {
      const { files, facts, sumsHash } = prepareExport(context, choice, {
        version: context.version,
        embed,
        progress: (blocks) => progress.update((done += blocks)),
      });
      writeExportFolder(path, files);
      return {
        folder: path,
        ledger: facts.ledger,
        sha256Sums: sumsHash,
        holds: facts.scope.kind,
        chains: facts.chains,
        blocks: facts.blocks,
        leftOut: facts.leftOut,
        upTo:
          facts.broadcast === null
            ? null
            : { broadcast: facts.broadcast.seq, time: showTime(facts.broadcast.time, 'UTC') },
        files: [...files].map(([name, bytes]) => ({ name, bytes: bytes.length })),
      };
    } finally {
      progress.done();
    }
  },
  render: ({ folder, ledger, sha256Sums, chains, blocks, leftOut, upTo, files }, ui) => {
    const size = files.reduce((sum, { bytes }) => sum + bytes, 0);
    return [
      `${ui.good('EXPORTED')}  ${countOf(blocks, 'block')} in ${countOf(chains, 'chain')}, ${countOf(files.length, 'file')}, ${Math.ceil(size / 1000).toLocaleString('en-US')} kB: ${folder}`,
      upTo === null ? 'UP TO     no broadcast yet' : `UP TO     broadcast ${upTo.broadcast}, ${upTo.time}`,
      ...(leftOut === 0 ? [] : [`LEFT OUT  ${leftOut} entries, present as leaf hashes`]),
      'Tell whoever gets the folder, by another way than the folder:',
      `  ledger id             ${showId(ledger)}`,
      `  SHA-256 of SHA256SUMS ${sha256Sums}`,
    ].join('\n');
  },
});

/** @throws JoulemarkError USAGE for options that do not go together. */
function toChoice(
  since: Extract<ExportChoice, { kind: 'since' }> | undefined,
  applicant: string | undefined,
  period: string | undefined,
): ExportChoice {
  if ((applicant === undefined) !== (period === undefined))
    throw new JoulemarkError('USAGE', '--applicant and --period go together', { hints: ['joulemark certify list'] });
  if (applicant === undefined || period === undefined) return since ?? { kind: 'whole' };
  if (since !== undefined) throw new JoulemarkError('USAGE', '--since and --applicant do not go together');
  return { kind: 'cut', applicant, period };
}

/** The earlier export of `--since`: a number of a programme block, or a folder. */
function readEarlier(context: Context, text: string): Extract<ExportChoice, { kind: 'since' }> {
  if (/^\d{1,8}$/.test(text)) return { kind: 'since', seq: Number(text), refs: null };
  return earlierExport(context.resolve(text));
}
