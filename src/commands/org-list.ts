import { defineCommand } from '../cli/command.ts';
import { knownOrganisations } from '../home/known-organisations.ts';
import { openSession } from '../home/session.ts';
import { standingOf } from '../programme/list-organisations.ts';

export const orgList = defineCommand({
  path: ['org', 'list'],
  summary: 'List the organisations of the ledger',
  description:
    'Every organisation that has joined, and what it may do as of the newest programme block here. Blocks that no broadcast covers yet are shown as waiting.',
  examples: ['joulemark org list', 'joulemark org list --role auditor', 'joulemark org list --json'],
  args: [],
  options: {
    role: { value: '<role>', description: 'only organisations of this role', choices: ['applicant', 'auditor'] },
  },
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context, _args, { role }) {
    const session = openSession(context, { decisions: 'as-signed' });
    const { state, chains } = session;
    const rows = knownOrganisations(session).map(({ id, name }) => {
      const organisation = state.organisations.get(id);
      const head = chains.get(id)?.state.seq ?? -1;
      return {
        org: id,
        name,
        roles: [...(organisation?.roles ?? [])],
        standing: standingOf(organisation, state.head.time),
        covered: organisation?.covered.seq ?? -1,
        waiting: head - Math.min(organisation?.covered.seq ?? -1, head),
        own: id === session.home.org,
      };
    });
    return {
      body: state.body.name,
      organisations: rows
        .filter(({ roles }) => role === undefined || roles.includes(role))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    };
  },
  render: ({ organisations }, ui) =>
    organisations.length === 0
      ? ui.dim('no organisations yet')
      : ui.table(
          organisations.map(({ org, name, roles, standing, covered, waiting, own }) => [
            org.slice(0, 8),
            own ? `${ui.strong(name)} (this home)` : ui.strong(name),
            roles.join(', ') || '-',
            standing === 'admitted' ? standing : ui.warn(standing),
            covered < 0 ? '-' : String(covered),
            waiting === 0 ? '' : ui.warn(`${waiting} waiting`),
          ]),
          { head: ['id', 'name', 'roles', 'standing', 'covered to', ''] },
        ),
});
