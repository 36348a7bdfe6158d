import { defineCommand } from '../cli/command.ts';
import { toAppendLine } from '../cli/append-line.ts';
import { countOf } from '../cli/count-of.ts';
import { alreadyThere, appendEntry, ownChain } from '../home/append-entry.ts';
import { documentsOf } from '../home/find-documents.ts';
import { assertOrganisation, toEntry, withWriter } from '../home/session.ts';
import { readBoundary } from '../programme/boundary.ts';
import { assertCountedOnce } from '../programme/counted-once.ts';
import { documentContent } from '../programme/entries.ts';
import { parseSignedDocument } from '../programme/signed-document.ts';

export const boundarySet = defineCommand({
  path: ['boundary', 'set'],
  summary: 'Declare the sites, supply points, meters and products of this organisation',
  description:
    'For an applicant. The document names every point through which energy enters or leaves, also those not claimed on, and the tree of meters ' +
    'below them. It takes effect when the certification body accepts it, for periods that begin after that.',
  examples: ['joulemark boundary set boundary.yaml', 'joulemark boundary set boundary.yaml --dry-run'],
  args: ['<boundary.yaml>'],
  options: {},
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context, [path]) {
    const boundary = parseSignedDocument(await context.readInput(path), path, { read: readBoundary }, 'boundary');
    return withWriter(
      context,
      (writer) => {
        assertOrganisation(writer.home, 'declare a boundary');
        assertCountedOnce(writer.state.policies.at(-1)?.value, boundary.value, `'${path}'`);
        const newest = documentsOf(ownChain(writer).blocks, 'boundary').at(-1);
        const appended =
          newest?.digest === boundary.digest
            ? alreadyThere(writer, newest, context.dryRun)
            : appendEntry(
                writer,
                context.dryRun,
                toEntry('boundary', documentContent, { document: boundary.document }),
              );
        const { supplyPoints, meters } = boundary.value;
        return { digest: boundary.digest, supplyPoints: supplyPoints.size, meters: meters.size, ...appended };
      },
      { decisions: 'as-signed' },
    );
  },
  render: (result, ui) =>
    [
      `boundary ${ui.strong(result.digest.slice(0, 8))}   ${countOf(result.supplyPoints, 'supply point')}, ${countOf(result.meters, 'meter')}`,
      toAppendLine(result, ui, '; not yet broadcast'),
      ...(result.already || result.dryRun
        ? []
        : [ui.dim('it takes effect when the certification body accepts it: joulemark boundary accept')]),
    ].join('\n'),
});
