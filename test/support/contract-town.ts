/** A town prepared once, with something of everything on the ledger, put back as it was between cases. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, type AuditTown, boundaryOf, createAuditTown, meterRows, townPolicy } from './audit-town.ts';
import { changedFiles, type FolderState, readFolder, restoreFolder } from './folder-state.ts';
import { policyText } from './policy-text.ts';
import { PROJECT_ROOT } from './sources.ts';

/** `running`: February 2026, January is broadcast and audited. `decided`: June 2027, the year 2026 is decided. */
export type Stage = 'running' | 'decided';

export interface ContractTown extends AuditTown {
  /** The id of the works. */
  readonly worksId: string;
  /** The decision of the stage `decided`, as certify show takes it. */
  readonly decision: string;
  /** Puts every file and the clock back to a stage. */
  reset(stage: Stage): void;
  /** A file of the town as text. */
  read(path: string): string;
  /** Files that differ from the last `reset`, or from `since`. */
  changes(since?: FolderState): readonly string[];
  state(): FolderState;
}

/** What the name of the home `tower` holds: an escape sequence, a bidi override, a line break. */
export const HOSTILE_NAME = 'Tower\u001b[31m\u202eevil\nhint: rm -rf ~';

const BOUNDARY = boundaryOf('Works', '  spare: {kind: energy, under: main, reads: register, unit: kWh, digits: "6"}\n');

export async function createContractTown(): Promise<ContractTown> {
  const town = await createAuditTown();
  const stages = new Map<Stage, { readonly files: FolderState; readonly now: number }>();
  await prepareFiles(town);
  await prepareRunning(town);
  const worksId = (await town.json<{ org: string }>('works', 'status')).org;
  stages.set('running', { files: readFolder(town.root), now: town.now });
  const decision = await prepareDecided(town);
  stages.set('decided', { files: readFolder(town.root), now: town.now });
  let current: FolderState = readFolder(town.root);
  return Object.assign(town, {
    worksId,
    decision,
    reset: (stage: Stage) => {
      const { files, now } = stages.get(stage)!;
      restoreFolder(town.root, files);
      town.now = now;
      current = files;
    },
    changes: (since: FolderState = current) => changedFiles(since, readFolder(town.root)),
    state: () => readFolder(town.root),
    read: (path: string) => readFileSync(join(town.root, path), 'utf8'),
  });
}

async function prepareFiles(town: AuditTown): Promise<void> {
  const table = readFileSync(`${PROJECT_ROOT}fixtures/tables/energy-units.yaml`, 'utf8');
  town.write('body', 'table-2.yaml', table.replace('edition: "1"', 'edition: "2"'));
  town.write('body', 'policy-2.yaml', townPolicy({ edition: '2' }));
  town.write('works', 'boundary-2.yaml', BOUNDARY);
  town.write('works', 'boundary-3.yaml', `${BOUNDARY}  second: {kind: energy, under: main, unit: kWh}\n`);
  town.write('works', 'february.csv', meterRows('2026-02', undefined, 5));
  town.write('grid', 'bills.csv', 'account;from;to;kwh\n0318;2025-12-31;2026-01-31;32000\n');
  town.write(
    'pearl',
    'receipts.csv',
    [
      'day,article,tonnes',
      ...Array.from({ length: 31 }, (_, index) => `2026-01-${String(index + 1).padStart(2, '0')},PO42,5`),
    ].join('\n'),
  );
  for (const name of ['newcomer', 'founder']) await town.ok(name, 'init', name);
  town.write('founder', 'policy.yaml', policyText());
  town.folder('nowhere');
}

async function prepareRunning(town: AuditTown): Promise<void> {
  const hub = join(town.root, 'hub.git');
  // a name that reads like the first digits of somebody else's id, and one that nobody should print as it is
  const { org } = await town.json<{ org: string }>('works', 'status');
  await town.ok('twin', 'init', org.slice(0, 6));
  await town.ok('tower', 'init', 'Tower');
  const config = join(town.root, 'tower', '.joulemark', 'config.yaml');
  town.write(
    'tower/.joulemark',
    'config.yaml',
    readFileSync(config, 'utf8').replace(/name: .*/u, `name: ${JSON.stringify(HOSTILE_NAME)}`),
  );
  await town.ok('twin', 'join', hub, '--ledger', town.ledger);
  await town.ok('tower', 'join', hub, '--ledger', town.ledger);
  await town.submit('2026-01');
  town.now = at('2026-02-07');
  await town.turn('works', 'grid', 'pearl', 'peer');
  await town.ok(
    'grid',
    'audit',
    'run',
    'Works',
    '--records',
    'bills.csv',
    '--profile',
    'deliveries.yaml',
    '--all-supply-points',
    'yes',
  );
  await town.ok('grid', 'audit', 'sign', 'Works');
  await town.ok('works', 'boundary', 'set', 'boundary-2.yaml');
  await town.turn('works', 'grid');
  await town.ok('pearl', 'sync');
  await town.ok('pearl', 'audit', 'run', 'Works', '--records', 'receipts.csv', '--profile', 'receipts.yaml');
}

async function prepareDecided(town: AuditTown): Promise<string> {
  town.now = at('2027-06-01');
  await town.ok('body', 'broadcast');
  const run = await town.run('body', 'certify', 'run', 'Works', '--period', '2026');
  if (run.status !== 4) throw new Error(`a decision that is no: status ${run.status}\n${run.stdout}${run.stderr}`);
  const { rows } = await town.json<{ rows: readonly { readonly block: number | null }[] }>('body', 'certify', 'list');
  return `${rows.find(({ block }) => block !== null)?.block}:0`;
}
