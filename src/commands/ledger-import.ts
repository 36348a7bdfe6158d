import { defineCommand, outcome } from '../cli/command.ts';
import { countOf } from '../cli/count-of.ts';
import { importExport } from '../home/import-export.ts';
import { toSyncOptions } from '../home/sync-options.ts';
import { parseId, showId } from '../ledger/codec/id.ts';

export const ledgerImport = defineCommand({
  path: ['ledger', 'import'],
  summary: 'Take an export folder or a bundle into this home, after verifying it',
  description:
    'Everything is verified in quarantine before any of it becomes visible, as on sync. What this home has already is not taken again, and nothing that it has is lost: a branch of an export that ' +
    'leaves out entries which are here is not taken. An export made with --since needs the earlier ones first. A home that has no ledger yet takes the one named with --ledger, ' +
    'to read and verify; to sign on it, join.',
  examples: [
    'joulemark ledger import /media/stick/ledger',
    'joulemark ledger import /media/stick/ledger --ledger 3f9c1a7e... --sums 77ab04d1...',
  ],
  args: ['<path>'],
  options: {
    ledger: { value: '<id>', description: 'the ledger id you were told, 64 hex digits', parse: parseId },
    sums: { value: '<hash>', description: 'the SHA-256 of SHA256SUMS that you were told', parse: parseId },
  },
  effect: 'write',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'PENDING', 'NO_LEDGER', 'LOCKED', 'DIVERGED'],
  async run(context, [path], { ledger, sums }) {
    const imported = await importExport(
      context.home,
      { path: context.resolve(path), ledger, sums },
      toSyncOptions(context),
    );
    const { taken, behind, refused, facts } = imported;
    return outcome(refused.length === 0 ? 'OK' : 'FAILED', {
      ledger: imported.ledger,
      holds: facts?.scope.kind ?? null,
      upTo: facts?.broadcast?.seq ?? null,
      taken,
      behind,
      refused,
    });
  },
  render: ({ ledger, taken, behind, refused }, ui) => {
    const blocks = taken.reduce((sum, one) => sum + one.blocks, 0);
    return [
      taken.length === 0
        ? 'IMPORTED  nothing new'
        : `${ui.good('IMPORTED')}  ${countOf(blocks, 'block')} in ${countOf(taken.length, 'chain')}, verified`,
      `LEDGER    ${showId(ledger)}`,
      ...(behind.length === 0 ? [] : [`BEHIND    it has less than this home of ${countOf(behind.length, 'chain')}`]),
      ...refused.map(({ ref, because }) => `${ui.warn('REFUSED')}   ${ref}: ${because}`),
    ].join('\n');
  },
});
