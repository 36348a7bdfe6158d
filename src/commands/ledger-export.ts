import { defineCommand } from '../cli/command.ts';
import { countOf } from '../cli/count-of.ts';
import { prepareExport } from '../home/export-ledger.ts';
import { assertFreeFolder, writeExportFolder } from '../home/write-export.ts';
import { showId } from '../ledger/codec/id.ts';
import { showTime } from '../programme/calendar.ts';

export const ledgerExport = defineCommand({
  path: ['ledger', 'export'],
  summary: 'Write a folder that an auditor can verify offline, with nothing installed but Node or a browser',
  description:
    'The folder holds the ledger as a git bundle, a verifier in one file, a page that verifies in a browser, a text that explains both, and the SHA-256 of each. What no broadcast ' +
    'covers yet is not in it. The same ledger gives the same bytes in every home. Give whoever gets the folder two hashes by another way: the ledger id, and the SHA-256 of SHA256SUMS.',
  examples: ['joulemark ledger export /media/stick/ledger', 'joulemark ledger export audit-2026 --json'],
  args: ['<folder>'],
  options: {},
  effect: 'write',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [folder]) {
    const path = context.resolve(folder);
    assertFreeFolder(path);
    const progress = context.progress('exporting', 0);
    try {
      const { files, facts, sumsHash } = prepareExport(context, { kind: 'whole' }, context.version);
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
