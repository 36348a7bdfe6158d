/** Real homes in a folder: a certification body and an applicant, their chains carried from store to store without a remote. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/main.ts';
import { refOf } from '../../src/home/chain-reader.ts';
import { writeConfig } from '../../src/home/config.ts';
import { createProgramme } from '../../src/home/create-programme.ts';
import { createHome, openHome, readHomeConfig } from '../../src/home/home.ts';
import { readPublicIdentity, unlockKeys } from '../../src/home/key-ring.ts';
import { toEntry, withWriter } from '../../src/home/session.ts';
import { appendBlocks } from '../../src/home/writer.ts';
import type { Id } from '../../src/ledger/codec/id.ts';
import { broadcastContent, joinContent } from '../../src/ledger/entries.ts';
import { type GitStore, openGitStore } from '../../src/ledger/store/git-store.ts';
import { writePin } from '../../src/ledger/store/pin.ts';
import { splitRecords } from '../../src/ledger/segment.ts';
import { documentDigest } from '../../src/programme/dated-document.ts';
import { parseDocument } from '../../src/programme/document.ts';
import { acceptContent, admitContent, documentContent } from '../../src/programme/entries.ts';
import { policySchema } from '../../src/programme/policy.ts';
import { parseSignedDocument } from '../../src/programme/signed-document.ts';
import { createSeededRandom, createTranscriptWorld, textOf } from './transcript-world.ts';

const PROGRAMME_REF = 'refs/heads/programme';

/** What a run of the program printed and how it ended. */
export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface MeterHomes {
  /** A folder for files; removed by `remove`. */
  readonly folder: string;
  readonly body: string;
  readonly applicant: string;
  readonly ledger: Id;
  readonly org: Id;
  /** The clock of every command, epoch seconds. */
  now: number;
  /** Runs the program in the applicant's home. */
  run(...argv: string[]): Promise<Run>;
  runWith(stdin: string | Uint8Array, ...argv: string[]): Promise<Run>;
  write(name: string, content: string | Uint8Array): string;
  /** Covers what the applicant has appended, and brings the programme chain back. */
  broadcast(): Promise<void>;
  /** How many blocks the applicant's chain has in its own store. */
  blocks(): number;
  remove(): void;
}

export interface MeterHomesChoices {
  readonly policy: string;
  readonly boundary: string | null;
  readonly now: number;
  /** Leave the boundary declared but not accepted, the organisation not admitted. */
  readonly admitted?: boolean;
}

const nobody = async (): Promise<string> => '';

export async function createMeterHomes({
  policy,
  boundary,
  now,
  admitted = true,
}: MeterHomesChoices): Promise<MeterHomes> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'joulemark-meter-')));
  const [body, applicant] = [join(folder, 'body'), join(folder, 'applicant')];
  const random = createSeededRandom('meter homes');
  const surroundings = (home: string, time: number) => ({
    home,
    dryRun: false,
    wait: 10,
    now: () => time,
    passphrase: nobody,
  });
  await createHome(body, { name: 'Certification body', random, passphrase: null });
  await createHome(applicant, { name: 'guangnan-cement', random, passphrase: null });
  const { ledger } = await createProgramme(
    surroundings(body, now),
    parseSignedDocument(new TextEncoder().encode(policy), 'policy.yaml', policySchema, 'policy'),
  );
  const bodyStore = openHome(body).store;
  const org = await joinLedger(applicant, ledger, bodyStore, now);
  const applicantStore = openHome(applicant).store;

  const homes: MeterHomes = {
    folder,
    body,
    applicant,
    ledger,
    org,
    now,
    run: (...argv) => homes.runWith('', ...argv),
    runWith: async (stdin, ...argv) => {
      const bytes = typeof stdin === 'string' ? new TextEncoder().encode(stdin) : stdin;
      const world = createTranscriptWorld({
        cwd: folder,
        env: { JOULEMARK_HOME: applicant },
        now: homes.now,
        stdin: bytes,
      });
      const status = await main(argv, world);
      return { status, stdout: textOf(world, 'stdout'), stderr: textOf(world, 'stderr') };
    },
    write: (name, content) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    },
    broadcast: async () => {
      carry(applicantStore, bodyStore, refOf({ kind: 'organisation', id: org }));
      await withWriter(surroundings(body, homes.now), (writer) => {
        const state = writer.chains.get(org)?.state;
        const covered = writer.state.organisations.get(org)?.covered.seq ?? -1;
        const heads = state === undefined || state.seq <= covered ? [] : [{ org, seq: state.seq, block: state.head }];
        writer.append([toEntry('broadcast', broadcastContent, { heads })]);
      });
      carry(bodyStore, applicantStore, PROGRAMME_REF);
    },
    blocks: () => countRecords(applicantStore, refOf({ kind: 'organisation', id: org })),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  if (boundary !== null) await declare(homes, boundary, surroundings(applicant, now));
  if (admitted) {
    await homes.broadcast();
    await withWriter(surroundings(body, now), (writer) => {
      const admit = toEntry('admit', admitContent, { org, roles: ['applicant'], relations: [] });
      writer.append(
        boundary === null
          ? [admit]
          : [
              admit,
              toEntry('accept', acceptContent, {
                org,
                boundary: documentDigest(parseDocument(boundary, 'boundary.yaml')),
              }),
            ],
      );
    });
    await homes.broadcast();
  }
  return homes;
}

async function declare(
  homes: MeterHomes,
  boundary: string,
  surroundings: Parameters<typeof withWriter>[0],
): Promise<void> {
  await withWriter(surroundings, (writer) => {
    writer.append([toEntry('boundary', documentContent, { document: parseDocument(boundary, 'boundary.yaml') })]);
  });
  homes.write('boundary.yaml', boundary);
}

async function joinLedger(home: string, ledger: Id, programme: GitStore, now: number): Promise<Id> {
  const { paths, config } = readHomeConfig(home);
  const store = openGitStore(paths.store);
  carry(programme, store, PROGRAMME_REF);
  const identity = await readPublicIdentity(paths, nobody);
  const signer = await unlockKeys(paths, nobody);
  const [sealed] = appendBlocks({
    store,
    paths,
    signer,
    head: null,
    ledger,
    seen: { seq: 0, id: ledger },
    time: now,
    blocks: [[toEntry('join', joinContent, { name: config.name, ...identity })]],
    dryRun: false,
  });
  const org = sealed!.block.id;
  writePin(paths.pin, { ledger, seq: 0, id: ledger });
  writeConfig(paths.config, { ...config, ledger, org });
  return org;
}

const recordsOf = (store: GitStore, ref: string): readonly Uint8Array[] =>
  [...store.readSegments(ref)].flatMap(({ bytes }) => [...splitRecords(bytes)]);

export const countRecords = (store: GitStore, ref: string): number => recordsOf(store, ref).length;

/** Appends to one store what another has more of a chain. */
export function carry(from: GitStore, to: GitStore, ref: string): void {
  const have = to.readRef(ref) === null ? 0 : countRecords(to, ref);
  const records = recordsOf(from, ref).slice(have);
  if (records.length > 0) to.appendRecords({ ref, expectedHead: to.readRef(ref), nextSeq: have, records, time: 0 });
}
