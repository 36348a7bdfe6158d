import { countPackages } from '../programme/packages.ts';
import { defineCommand } from '../cli/command.ts';
import { countOf } from '../cli/count-of.ts';
import { findKnown } from '../home/known-organisations.ts';
import { openSession } from '../home/session.ts';
import { showId } from '../ledger/codec/id.ts';
import { showTime } from '../programme/calendar.ts';
import { auditorsOf, standingOf } from '../programme/list-organisations.ts';

export const orgShow = defineCommand({
  path: ['org', 'show'],
  summary: 'Show an organisation: keys, admission, relations, boundary',
  examples: ['joulemark org show guangnan-cement', 'joulemark org show 3f9c1a7e --json'],
  args: ['<org>'],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [text]) {
    const session = openSession(context, { decisions: 'as-signed' });
    const { state, zone } = session;
    const { id, name } = findKnown(session, text);
    const organisation = state.organisations.get(id);
    const chain = session.chains.get(id);
    const nameOf = (org: typeof id): string => findKnown(session, org).name;
    const shown = (time: number | null | undefined): string | null =>
      time === null || time === undefined ? null : showTime(time, zone);
    return {
      org: id,
      shown: showId(id),
      name,
      legalId: organisation?.legalId ?? null,
      roles: [...(organisation?.roles ?? [])],
      standing: standingOf(organisation, state.head.time),
      admitted: shown(organisation?.admitted?.time),
      until: shown(organisation?.admitted?.until),
      firstPeriod: organisation?.admitted?.firstPeriod ?? null,
      continues: organisation?.admitted?.continues ?? null,
      suspended: organisation?.suspended?.reason ?? null,
      audits: [...(organisation?.relations.values() ?? [])].map(({ applicant, relation, labels }) => ({
        applicant,
        name: nameOf(applicant),
        relation,
        labels: [...labels],
      })),
      auditedBy: auditorsOf(state, id).map(({ auditor, relation }) => ({
        auditor: auditor.id,
        name: auditor.name,
        relation: relation.relation,
        labels: [...relation.labels],
      })),
      boundary: organisation?.boundaries.at(-1)?.digest ?? null,
      declared: organisation?.declared.at(-1)?.digest ?? null,
      key: chain?.state.keys.currentId ?? null,
      rotations: chain?.state.keys.past.length ?? 0,
      recipient: chain?.state.keys.recipient ?? organisation?.recipient ?? null,
      covered: {
        seq: organisation?.covered.seq ?? -1,
        time: organisation === undefined || organisation.covered.seq < 0 ? null : shown(organisation.covered.time),
      },
      head: chain?.state.seq ?? -1,
      packages: organisation === undefined ? 0 : countPackages(organisation.packages),
      auditsSigned: organisation?.audits.length ?? 0,
    };
  },
  render: (org, ui) => {
    const boundaryLine = org.boundary === null ? ui.warn('none accepted') : org.boundary.slice(0, 8);
    const rows: (readonly [string, string])[] = [
      ['id', org.shown],
      ...(org.legalId === null ? [] : [['registered as', org.legalId] as const]),
      [
        'standing',
        org.standing === 'admitted'
          ? `admitted as ${org.roles.join(' and ')} since ${org.admitted}`
          : ui.warn(org.standing),
      ],
      ...(org.suspended === null ? [] : [['suspended', ui.warn(org.suspended)] as const]),
      ...(org.until === null ? [] : [['until', org.until] as const]),
      ...(org.firstPeriod === null ? [] : [['first period', org.firstPeriod] as const]),
      ...(org.continues === null ? [] : [['continues', org.continues.slice(0, 8)] as const]),
      ...org.audits.map(
        ({ name, relation, labels }) => ['audits', `${name}, ${relation}: ${labels.join(', ')}`] as const,
      ),
      ...org.auditedBy.map(
        ({ name, relation, labels }) => ['audited by', `${name}, ${relation}: ${labels.join(', ')}`] as const,
      ),
      ...(org.roles.includes('applicant')
        ? [
            [
              'boundary',
              org.declared === org.boundary || org.declared === null
                ? boundaryLine
                : `${boundaryLine}; ${org.declared.slice(0, 8)} is declared and not accepted`,
            ] as const,
          ]
        : []),
      ['key', org.key === null ? '-' : `${org.key.slice(0, 8)}, ${countOf(org.rotations, 'rotation')}`],
      [
        'chain',
        `covered to block ${org.covered.seq}${org.covered.time === null ? '' : `, ${org.covered.time}`}; here to block ${org.head}`,
      ],
      ['holds', `${countOf(org.packages, 'package')}, ${countOf(org.auditsSigned, 'audit')}`],
    ];
    return [ui.strong(org.name), ui.table(rows.map(([label, value]) => [ui.dim(label), value]))].join('\n');
  },
});
