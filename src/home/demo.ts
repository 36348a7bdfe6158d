import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { startOfDay } from '../programme/calendar.ts';
import { copyHub, createDemoFolder, type DemoFolder, tamperWithCopy } from './demo-folder.ts';

/** What the demo needs of its surroundings: the shell's context has it. */
export interface DemoSurroundings {
  say(text: string): Promise<void>;
  perform(
    argv: readonly string[],
    at: { readonly cwd: string; readonly now: number },
  ): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }>;
}

export interface DemoResult {
  readonly folder: string;
  readonly kept: boolean;
  readonly commands: number;
  readonly ledger: string;
  readonly certificate: string;
  /** What `verify` answered to the stranger, and to the copy with one byte changed: exit statuses. */
  readonly stranger: number;
  readonly tampered: number;
}

const BODY = 'Example Certification';
const WORKS = 'Guangnan Cement';
const GRID = 'South Grid';
const PEER = 'Beijiang Cement';
const CUSTOMER = 'Pearl Construction';

/** Runs the whole job with the commands that people type, each organisation in its own folder. */
export async function runDemo(surroundings: DemoSurroundings, keep: boolean): Promise<DemoResult> {
  const folder = createDemoFolder();
  try {
    return await new Demo(surroundings, folder).run(keep);
  } finally {
    if (!keep) rmSync(folder.root, { recursive: true, force: true });
  }
}

/** Holds the clock and the count of what was typed. */
class Demo {
  readonly #surroundings: DemoSurroundings;
  readonly #folder: DemoFolder;
  #now = startOfDay('2024-12-20', 'Asia/Shanghai');
  #commands = 0;

  constructor(surroundings: DemoSurroundings, folder: DemoFolder) {
    this.#surroundings = surroundings;
    this.#folder = folder;
  }

  async run(keep: boolean): Promise<DemoResult> {
    const ledger = await this.#found();
    await this.#collect();
    await this.#audit();
    const certificate = await this.#certify();
    const { stranger, tampered } = await this.#check(ledger);
    return { folder: this.#folder.root, kept: keep, commands: this.#commands, ledger, certificate, stranger, tampered };
  }

  async #found(): Promise<string> {
    await this.#heading('December 2024: five organisations, a hub, a programme');
    const hub = join(this.#folder.root, 'hub.git');
    await this.#type(BODY, ['remote', 'init', hub], 'quiet');
    for (const name of [BODY, WORKS, GRID, PEER, CUSTOMER])
      await this.#type(name, ['init', name], name === WORKS ? 'shown' : 'quiet');
    this.#folder.give(BODY, 'demo/policy.yaml');
    this.#folder.give(BODY, 'tables/gbt2589-2020.yaml');
    await this.#type(BODY, ['programme', 'create', 'policy.yaml']);
    // typed again it founds nothing, and says the same
    const created = await this.#type(BODY, ['programme', 'create', 'policy.yaml', '--json'], 'quiet');
    const { ledger } = JSON.parse(created) as { ledger: string };
    await this.#type(BODY, ['table', 'publish', 'gbt2589-2020.yaml']);
    await this.#type(BODY, ['remote', 'add', 'hub', hub], 'quiet');
    await this.#type(BODY, ['sync'], 'quiet');
    for (const name of [WORKS, GRID, PEER, CUSTOMER])
      await this.#type(name, ['join', hub, '--ledger', ledger], name === GRID ? 'shown' : 'quiet');
    for (const [name, file] of [
      [WORKS, 'guangnan'],
      [PEER, 'beijiang'],
    ] as const) {
      this.#folder.give(name, `demo/${file}.boundary.yaml`);
      this.#folder.give(name, 'demo/meters.profile.yaml');
      this.#folder.give(name, 'demo/shipments.profile.yaml');
      await this.#type(name, ['boundary', 'set', `${file}.boundary.yaml`], name === WORKS ? 'shown' : 'quiet');
      await this.#type(name, ['sync'], 'quiet');
    }
    await this.#type(BODY, ['broadcast'], 'quiet');
    await this.#type(BODY, ['boundary', 'accept', WORKS]);
    await this.#type(BODY, ['boundary', 'accept', PEER], 'quiet');
    await this.#type(BODY, ['org', 'admit', WORKS, '--role', 'applicant']);
    await this.#type(
      BODY,
      [
        'org',
        'admit',
        PEER,
        '--role',
        'applicant',
        '--role',
        'auditor',
        '--relation',
        `peer:${WORKS}:cement,slag_powder`,
      ],
      'quiet',
    );
    await this.#type(BODY, ['org', 'admit', GRID, '--role', 'auditor', '--relation', `upstream:${WORKS}:grid-110kv`]);
    await this.#type(
      BODY,
      ['org', 'admit', CUSTOMER, '--role', 'auditor', '--relation', `downstream:${WORKS}:cement`],
      'quiet',
    );
    await this.#type(BODY, ['broadcast'], 'quiet');
    return ledger;
  }

  async #collect(): Promise<void> {
    await this.#heading('January 2025: last year, as history');
    this.#clock('2025-01-02');
    this.#folder.give(WORKS, 'demo/guangnan-2024.csv');
    await this.#type(WORKS, ['sync'], 'quiet');
    for (const [meter, reading] of [
      ['grid-main', '61000'],
      ['cement-mill', '40000'],
      ['slag-mill', '20000'],
    ] as const) {
      await this.#type(
        WORKS,
        ['meter', 'enroll', meter, '--at', '2024-01-01', '--reading', reading],
        meter === 'grid-main' ? 'shown' : 'quiet',
      );
    }
    await this.#type(WORKS, ['meter', 'submit', 'guangnan-2024.csv', '--profile', 'meters.profile.yaml']);
    await this.#type(WORKS, ['sync'], 'quiet');
    await this.#type(BODY, ['broadcast'], 'quiet');
    await this.#heading('2025, month by month: the meters report, the works signs, the body broadcasts');
    for (let month = 1; month <= 12; month += 1) {
      const label = `2025-${String(month).padStart(2, '0')}`;
      this.#clock(month === 12 ? '2026-01-02' : `2025-${String(month + 1).padStart(2, '0')}-02`);
      const mode = month === 1 ? 'shown' : 'quiet';
      for (const [name, file] of [
        [WORKS, 'guangnan'],
        [PEER, 'beijiang'],
      ] as const) {
        await this.#type(
          name,
          [
            'meter',
            'submit',
            this.#folder.giveMonth(name, `${file}-2025.csv`, label),
            '--profile',
            'meters.profile.yaml',
          ],
          name === WORKS ? mode : 'quiet',
        );
        if (name === WORKS)
          await this.#type(
            name,
            [
              'meter',
              'submit',
              this.#folder.giveMonth(name, 'guangnan-shipments-2025.csv', label),
              '--profile',
              'shipments.profile.yaml',
            ],
            'quiet',
          );
        await this.#type(name, ['sync'], 'quiet');
      }
      await this.#type(BODY, ['broadcast'], mode);
    }
    await this.#surroundings.say('... and so on to December');
  }

  async #audit(): Promise<void> {
    await this.#heading('January 2026: the supplier, a peer and a customer audit against their own records');
    this.#clock('2026-01-15');
    await this.#type(BODY, ['broadcast'], 'quiet');
    for (const [name, relation, records] of [
      [GRID, 'upstream', 'south-grid-2025.csv'],
      [PEER, 'peer', null],
      [CUSTOMER, 'downstream', 'pearl-receipts-2025.csv'],
    ] as const) {
      await this.#type(name, ['sync'], 'quiet');
      if (name === GRID) await this.#type(name, ['audit', 'list']);
      const profile = relation === 'upstream' ? 'deliveries.profile.yaml' : 'receipts.profile.yaml';
      if (records !== null) {
        this.#folder.give(name, `demo/${records}`);
        this.#folder.give(name, `demo/${profile}`);
      }
      const own = records === null ? [] : ['--records', records, '--profile', profile];
      const points = relation === 'upstream' ? ['--all-supply-points', 'yes'] : [];
      await this.#type(name, ['audit', 'run', WORKS, '--period', '2025', ...own, ...points]);
      await this.#type(name, ['audit', 'sign', WORKS]);
      await this.#type(name, ['sync'], 'quiet');
    }
  }

  async #certify(): Promise<string> {
    await this.#heading('March 2026: the corrections are closed, the body decides');
    this.#clock('2026-03-05');
    await this.#type(BODY, ['broadcast'], 'quiet');
    await this.#type(BODY, ['certify', 'list', '--due']);
    await this.#type(BODY, ['certify', 'run', WORKS, '--period', '2025']);
    const shown = await this.#type(BODY, ['certify', 'list', '--json'], 'quiet');
    await this.#type(BODY, ['broadcast'], 'quiet');
    const { rows } = JSON.parse(shown) as { rows: readonly { applicant: string; number: string | null }[] };
    return rows.find((row) => row.applicant === WORKS)?.number ?? 'none';
  }

  async #check(ledger: string): Promise<{ readonly stranger: number; readonly tampered: number }> {
    await this.#heading('Anybody, offline: a stick, a laptop, and the ledger id from a letter');
    const stick = join(this.#folder.root, 'stick.git');
    copyHub(join(this.#folder.root, 'hub.git'), stick);
    const good = await this.#answer('stranger', ['verify', '../stick.git', '--ledger', ledger]);
    await this.#heading('The same stick after somebody changed one byte and repaired every git hash');
    tamperWithCopy(stick, await this.#idOf(WORKS));
    const bad = await this.#answer('stranger', ['verify', '../stick.git', '--ledger', ledger]);
    return { stranger: good, tampered: bad };
  }

  async #idOf(name: string): Promise<Id> {
    const { org } = JSON.parse(await this.#type(name, ['status', '--json'], 'quiet')) as { org: Id };
    return org;
  }

  #clock(date: string): void {
    this.#now = startOfDay(date, 'Asia/Shanghai', 9 * 3600);
  }

  async #heading(text: string): Promise<void> {
    await this.#surroundings.say(`\n== ${text}\n`);
  }

  /** Types a command in an organisation's folder; anything but success ends the demo. */
  async #type(name: string, argv: readonly string[], mode: 'shown' | 'quiet' = 'shown'): Promise<string> {
    const { status, stdout, stderr } = await this.#perform(name, argv);
    if (mode === 'shown') await this.#show(name, argv, stdout);
    if (status !== 0) {
      throw new JoulemarkError(
        'FAILED',
        `the demo stopped at 'joulemark ${argv.join(' ')}' with status ${status}: ${`${stderr}${stdout}`.trim()}`,
      );
    }
    return stdout;
  }

  async #answer(name: string, argv: readonly string[]): Promise<number> {
    const { status, stdout, stderr } = await this.#perform(name, argv);
    await this.#show(name, argv, `${stdout}${stderr}exit status ${status}\n`);
    return status;
  }

  async #perform(name: string, argv: readonly string[]): ReturnType<DemoSurroundings['perform']> {
    this.#now += 60;
    this.#commands += 1;
    return this.#surroundings.perform(argv, { cwd: this.#folder.of(name), now: this.#now });
  }

  async #show(name: string, argv: readonly string[], output: string): Promise<void> {
    const line = argv.map((word) => (/[^\w./:,=-]/.test(word) ? `"${word}"` : word)).join(' ');
    const shown = line.replaceAll(this.#folder.root, '..');
    await this.#surroundings.say(
      `[${name}] $ joulemark ${shown}\n${output.trimEnd().replaceAll(this.#folder.root, '..').replace(/^/gm, '  ')}\n`,
    );
  }
}
