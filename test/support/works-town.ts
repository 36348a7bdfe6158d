/** Several applicants and their auditors, each with a real home, around one hub: admitted and accepted before 2026 begins. */
import { at, boundaryOf, foundTown, METER_PROFILE } from './audit-town.ts';
import { createTown, type Town } from './town.ts';

export interface WorksTown extends Town {
  /** Everybody publishes, the body broadcasts, everybody fetches. */
  turn(...names: readonly string[]): Promise<void>;
  /** A works submits rows of its meters. */
  submit(folder: string, file: string, rows: string): Promise<void>;
}

export interface WorksTownChoices {
  readonly policy: string;
  /** Folder -> name. */
  readonly works: Readonly<Record<string, string>>;
  readonly auditors: Readonly<Record<string, string>>;
  /** By name of an organisation: what it is admitted to audit, as `org admit --relation` takes it. */
  readonly relations: Readonly<Record<string, readonly string[]>>;
  readonly boundary?: (name: string) => string;
  readonly meters?: string;
  /** Epoch seconds. */
  readonly founded?: number;
}

export async function createWorksTown(choices: WorksTownChoices): Promise<WorksTown> {
  const {
    policy,
    works,
    auditors,
    relations,
    boundary = boundaryOf,
    meters = METER_PROFILE,
    founded = at('2025-12-10'),
  } = choices;
  const town = createTown(founded);
  const { turn } = await foundTown(town, policy, { ...works, ...auditors });
  for (const [folder, name] of Object.entries(works)) {
    town.write(folder, 'boundary.yaml', boundary(name));
    town.write(folder, 'meters.yaml', meters);
    await town.ok(folder, 'boundary', 'set', 'boundary.yaml');
  }
  await turn(...Object.keys(works), ...Object.keys(auditors));
  for (const name of [...Object.values(works), ...Object.values(auditors)]) {
    const isWorks = Object.values(works).includes(name);
    const audits = (relations[name] ?? []).flatMap((relation) => ['--relation', relation]);
    const roles = [...(isWorks ? ['applicant'] : []), ...(audits.length > 0 ? ['auditor'] : [])];
    // who audits nobody stays a stranger
    if (roles.length > 0)
      await town.ok('body', 'org', 'admit', name, ...roles.flatMap((role) => ['--role', role]), ...audits);
    if (isWorks) await town.ok('body', 'boundary', 'accept', name);
  }
  await turn(...Object.keys(works), ...Object.keys(auditors));
  return Object.assign(town, {
    turn,
    submit: async (folder: string, file: string, rows: string) => {
      town.write(folder, file, rows);
      await town.ok(folder, 'meter', 'submit', file, '--profile', 'meters.yaml');
    },
  });
}
