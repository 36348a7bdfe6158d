import { defineCommand } from '../cli/command.ts';
import { toAppendLine } from '../cli/append-line.ts';
import { appendUnlessThere } from '../home/append-entry.ts';
import { findKnown, knownOrganisations } from '../home/known-organisations.ts';
import { assertBody, toEntry, withWriter } from '../home/session.ts';
import { startOfDay } from '../programme/calendar.ts';
import { admitContent } from '../programme/entries.ts';
import type { Id } from '../ledger/codec/id.ts';
import { findNamed, type Named } from '../programme/find-organisation.ts';
import { parseRelation } from '../programme/parse-relation.ts';
import { isAdmittedSo, planAdmission } from '../programme/plan-admission.ts';
import { JoulemarkError } from '../errors.ts';

/** A date that there is; when it begins is for the zone of the policy to say. */
function parseDate(text: string): string {
  startOfDay(text, 'UTC');
  return text;
}

/** Null for 'none', unless an organisation has that name. */
const continuing = (text: string, known: readonly Named[]): Id | null =>
  text === 'none' && !known.some(({ name }) => name === text) ? null : findNamed(known, text).id;

export const orgAdmit = defineCommand({
  path: ['org', 'admit'],
  summary: 'Admit an organisation as applicant or auditor, or change how it is admitted',
  description:
    'For the certification body. An applicant submits packages and can be certified; an auditor judges the packages of the applicants it is ' +
    'related to, and nothing else: a supplier (upstream) at the supply points named, a company of the same industry (peer) and a customer ' +
    '(downstream) for the products named.\n\n' +
    'A later admission of the same organisation replaces its roles, adds or replaces relations, and lifts a suspension; whom it continues stays as it was. An organisation that ' +
    'has joined and is not broadcast yet can be admitted.',
  examples: [
    'joulemark org admit guangnan-cement --role applicant',
    'joulemark org admit csg-yingde --role auditor --relation upstream:guangnan-cement:grid-110kv',
    'joulemark org admit 3f9c1a7e --role applicant --role auditor --relation peer:guangnan-cement:clinker,cement_grinding --until 2028-01-01',
  ],
  args: ['<org>'],
  options: {
    role: { value: '<role>', description: 'what it may do', choices: ['applicant', 'auditor'], repeatable: true },
    relation: {
      value: '<relation:applicant:labels>',
      description: 'whom it audits, and what: upstream:guangnan-cement:grid-110kv,coal-gate',
      parse: parseRelation,
      repeatable: true,
    },
    until: {
      value: '<date>',
      description: 'last day before which it is admitted, in the zone of the policy',
      parse: parseDate,
    },
    firstPeriod: { value: '<period>', description: "an applicant's first period, by its label or first date" },
    continues: {
      value: '<org>',
      description: "the organisation whose history it carries on, after a lost next key; 'none' takes that back",
    },
  },
  effect: 'append',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED', 'FAILED'],
  async run(context, [text], { role, relation, until, firstPeriod, continues }) {
    if (role.length === 0)
      throw new JoulemarkError('USAGE', 'no role given', { hints: ['add --role applicant, --role auditor, or both'] });
    return withWriter(
      context,
      (writer) => {
        assertBody(writer.home, 'admit');
        const org = findKnown(writer, text);
        const known = knownOrganisations(writer);
        const admit = planAdmission(writer.state, known, {
          org,
          roles: role,
          relations: relation,
          until: until === undefined ? undefined : startOfDay(until, writer.zone),
          firstPeriod,
          continues: continues === undefined ? undefined : continuing(continues, known),
        });
        const holds = isAdmittedSo(writer.state.organisations.get(org.id), admit);
        const appended = appendUnlessThere(
          writer,
          context.dryRun,
          'admit',
          toEntry('admit', admitContent, admit),
          holds,
        );
        const relations = admit.relations.map((one) => ({
          ...one,
          applicantName: findKnown(writer, one.applicant).name,
          labels: [...one.labels],
        }));
        return {
          org: org.id,
          name: org.name,
          roles: [...admit.roles],
          relations,
          until: admit.until ?? null,
          firstPeriod: admit.first_period ?? null,
          continues: admit.continues ?? null,
          continuesName: known.find(({ id }) => id === admit.continues)?.name ?? null,
          ...appended,
        };
      },
      { decisions: 'as-signed' },
    );
  },
  render: (result, ui) =>
    [
      `${ui.strong(result.name)} (${result.org.slice(0, 8)}) as ${result.roles.join(' and ')}`,
      ...result.relations.map(
        ({ relation, applicantName, labels }) => `  ${relation} of ${applicantName}: ${labels.join(', ')}`,
      ),
      ...(result.continues === null ? [] : [`  continues ${result.continuesName ?? result.continues}`]),
      toAppendLine(result, ui),
    ].join('\n'),
});
