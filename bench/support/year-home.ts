/** Real homes in which a year has passed: a block of one package and a broadcast a day, and the days after it still to come. */
import { refOf } from '../../src/home/chain-reader.ts';
import { submit, type Submitter, withSubmitter } from '../../src/home/submit.ts';
import { toEntry, withWriter } from '../../src/home/session.ts';
import { appendBlocks } from '../../src/home/writer.ts';
import { readMeterFile } from '../../src/ingest/meter-file.ts';
import { parseMeterProfile } from '../../src/ingest/meter-profile.ts';
import type { ChainState } from '../../src/ledger/chain.ts';
import { broadcastContent } from '../../src/ledger/entries.ts';
import { splitRecords } from '../../src/ledger/segment.ts';
import { decodeRecord } from '../../src/ledger/block.ts';
import { documentDigest } from '../../src/programme/dated-document.ts';
import { openHome } from '../../src/home/home.ts';
import { carry, createMeterHomes, type MeterHomes } from '../../test/support/meter-homes.ts';
import { policyText } from '../../test/support/policy-text.ts';
import { CARRIERS } from './bulk-ledger.ts';

const DAY = 86_400;

const BOUNDARY = `joulemark: boundary/1
applicant: guangnan-cement
supply_points:
  grid: {carrier: electricity}
meters:
  power: {kind: energy, at: grid, counts: use, product: clinker, reads: interval, unit: kWh}
`;

export const PROFILE = `joulemark: profile/1
reads: meters
file: {}
time: {column: date, format: yyyy-MM-dd, zone: UTC, stamp: start}
shape: wide
columns:
  power: {meter: power, unit: kWh}
cells: {missing: [""]}
`;

const profile = parseMeterProfile(new TextEncoder().encode(PROFILE), 'p.yaml');

/** Submits the CSV of a day in a session that is open. */
export function submitDay(submitter: Submitter, csv: string): void {
  const bytes = new TextEncoder().encode(csv);
  submit(submitter, {
    source: 'day.csv',
    profile: documentDigest(profile.document),
    appendTheRest: false,
    read: (situation) => readMeterFile(bytes, 'day.csv', profile, situation),
  });
}

type Surroundings = Parameters<typeof withSubmitter>[0];

export interface YearHome {
  readonly homes: MeterHomes;
  /** The CSV of one day; day 0 is the first after the year. */
  readonly csvOf: (day: number) => string;
  /** A home on the morning after a day. */
  readonly surroundings: (home: string, day: number) => Surroundings;
}

/** `days` daily appends of the applicant, covered by as many broadcasts. The year ends `margin` days before today. */
export async function makeYearHome(days = 365, margin = 100): Promise<YearHome> {
  const first = (Math.floor(Date.now() / 1000 / DAY) - margin - days) * DAY;
  const startOf = (day: number): number => first + (days + day) * DAY;
  const csvOf = (day: number): string =>
    `date,power\n${new Date(startOf(day) * 1000).toISOString().slice(0, 10)},${12_000 + ((day * 7919 + 1_000_003) % 4000)}.5\n`;
  const homes = await createMeterHomes({
    policy: policyText({ ...CARRIERS, first: new Date((first - 400 * DAY) * 1000).toISOString().slice(0, 10) }),
    boundary: BOUNDARY,
    now: first - DAY,
  });
  homes.write('p.yaml', PROFILE);
  const surroundings = (home: string, day: number): Surroundings => ({
    home,
    dryRun: false,
    wait: 10,
    now: () => startOf(day) + DAY + 3600,
    passphrase: async () => '',
  });
  await withSubmitter(surroundings(homes.applicant, 0), (submitter) => {
    for (let day = -days; day < 0; day += 1) submitDay(submitter, csvOf(day));
  });
  const ref = refOf({ kind: 'organisation', id: homes.org });
  const [own, body] = [openHome(homes.applicant).store, openHome(homes.body)];
  carry(own, body.store, ref);
  const blocks = [...own.readSegments(ref)]
    .flatMap(({ bytes }) => splitRecords(bytes))
    .map((record) => decodeRecord(record));
  await withWriter(surroundings(homes.body, 0), (writer) => {
    let head: { readonly state: ChainState; readonly commit: string } = writer.programme;
    for (let day = -days; day < 0; day += 1) {
      const seq = blocks.length + day;
      const entry = toEntry('broadcast', broadcastContent, {
        heads: [{ org: homes.org, seq, block: blocks[seq]!.id }],
      });
      const [sealed] = appendBlocks({
        store: body.store,
        paths: body.paths,
        signer: writer.keys,
        head,
        seen: null,
        time: startOf(day) + DAY + 7200,
        blocks: [[entry]],
        dryRun: false,
      });
      head = { state: sealed!.state, commit: body.store.readRef('refs/heads/programme') as string };
    }
  });
  carry(body.store, own, 'refs/heads/programme');
  return { homes, csvOf, surroundings };
}
