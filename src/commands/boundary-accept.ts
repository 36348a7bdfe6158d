import { defineCommand } from '../cli/command.ts';
import { toAppendLine } from '../cli/append-line.ts';
import { JoulemarkError } from '../errors.ts';
import { appendUnlessThere } from '../home/append-entry.ts';
import { entriesOf } from '../home/find-entry.ts';
import { findKnown } from '../home/known-organisations.ts';
import { assertBody, toEntry, withWriter } from '../home/session.ts';
import { compareBoundaries, type NameChange } from '../programme/compare-boundaries.ts';
import { assertCountedOnce } from '../programme/counted-once.ts';
import { acceptContent } from '../programme/entries.ts';
import { firstPeriodInForce } from '../programme/first-period.ts';

const toPlain = ({ added, removed, changed }: NameChange) => ({
  added: [...added],
  removed: [...removed],
  changed: [...changed],
});

export const boundaryAccept = defineCommand({
  path: ['boundary', 'accept'],
  summary: 'Accept the newest boundary that an applicant has declared',
  description:
    'For the certification body. Shows what it changes. It is in force for periods that begin after this block, never for one that runs.',
  examples: ['joulemark boundary accept guangnan-cement', 'joulemark boundary accept 3f9c1a7e --dry-run'],
  args: ['<org>'],
  options: {},
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context, [text]) {
    return withWriter(
      context,
      (writer) => {
        assertBody(writer.home, 'accept a boundary');
        const { id, name } = findKnown(writer, text);
        const organisation = writer.state.organisations.get(id);
        const declared = organisation?.declared.at(-1);
        if (declared === undefined) {
          const [waiting] = entriesOf(writer.chains.get(id)?.blocks ?? [], 'boundary');
          throw new JoulemarkError(
            'USAGE',
            waiting === undefined
              ? `'${name}' has declared no boundary`
              : `the boundary of '${name}' is not broadcast yet`,
            {
              hints: waiting === undefined ? ['joulemark sync'] : ['joulemark broadcast'],
            },
          );
        }
        const accepted = organisation?.boundaries.at(-1);
        if (accepted?.digest !== declared.digest)
          assertCountedOnce(writer.state.policies.at(-1)?.value, declared.value, `the boundary of '${name}'`);
        const entry = toEntry('accept', acceptContent, { org: id, boundary: declared.digest });
        const appended = appendUnlessThere(
          writer,
          context.dryRun,
          'accept',
          entry,
          accepted?.digest === declared.digest,
        );
        const before = appended.already ? (organisation?.boundaries.at(-2)?.value ?? null) : (accepted?.value ?? null);
        const change = compareBoundaries(before, declared.value);
        const policy = writer.state.policies.at(-1)?.value;
        const time = appended.already
          ? (accepted?.time ?? writer.now)
          : Math.max(writer.now, writer.programme.state.time);
        const from = policy === undefined ? null : firstPeriodInForce(policy, time).label;
        return {
          org: id,
          name,
          boundary: declared.digest,
          first: before === null,
          from,
          supplyPoints: toPlain(change.supplyPoints),
          meters: toPlain(change.meters),
          ...appended,
        };
      },
      { decisions: 'as-signed' },
    );
  },
  render: (result, ui) => {
    const line = (what: string, { added, removed, changed }: (typeof result)['meters']): readonly string[] => [
      ...(added.length > 0 ? [`  ${what} added     ${added.join(', ')}`] : []),
      ...(removed.length > 0 ? [ui.warn(`  ${what} removed   ${removed.join(', ')}`)] : []),
      ...(changed.length > 0 ? [`  ${what} changed   ${changed.join(', ')}`] : []),
    ];
    const changes = [...line('supply points', result.supplyPoints), ...line('meters       ', result.meters)];
    return [
      `boundary ${ui.strong(result.boundary.slice(0, 8))} of ${ui.strong(result.name)}${result.first ? ', its first' : ''}${result.from === null ? '' : `, for periods from ${result.from} on`}`,
      ...(changes.length === 0 ? ['  nothing changes but words'] : changes),
      toAppendLine(result, ui),
    ].join('\n');
  },
});
