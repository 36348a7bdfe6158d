/** A ledger of many daily one-package blocks in a real bare repository. */
import { join } from 'node:path';
import type { PolicyChoices } from '../../test/support/policy-text.ts';
import { policyText } from '../../test/support/policy-text.ts';
import { type Actor, createWorld, entryOf, packageEntry, type World } from '../../test/support/world.ts';
import { refOf } from '../../src/home/chain-reader.ts';
import { copyObjects } from '../../src/ledger/store/copy-objects.ts';
import { initGitStore } from '../../src/ledger/store/git-store.ts';
import { documentDigest } from '../../src/programme/dated-document.ts';
import { parseDocument } from '../../src/programme/document.ts';
import { acceptContent, admitContent, documentContent } from '../../src/programme/entries.ts';

const DAY = 86_400;
const START = Date.UTC(2019, 0, 1) / 1000;

export const CARRIERS: PolicyChoices = {
  first: '2019-01-01',
  carriers: '{electricity: {unit: kWh, row: electricity}}',
  products: '{clinker: {basis: quantity, unit: t}}',
};

const boundaryText = (name: string): string => `joulemark: boundary/1
applicant: ${name}
supply_points:
  grid: {carrier: electricity}
meters:
  power: {kind: energy, at: grid, counts: use, product: clinker, reads: interval, unit: kWh}
`;

export interface BulkLedger {
  readonly world: World;
  /** The bare repository: one pack. */
  readonly directory: string;
  readonly blocks: number;
}

/** `organisations` chains of `days` blocks of one package, and a broadcast a day that lists them all. */
export function makeBulkLedger(folder: string, organisations: number, days: number): BulkLedger {
  const world = createWorld(parseDocument(policyText(CARRIERS), 'policy.yaml'), START - 30 * DAY);
  const actors = Array.from({ length: organisations }, (_, index) => world.join(`works-${index}`));
  for (const actor of actors)
    world.append(
      actor,
      entryOf('boundary', documentContent, { document: parseDocument(boundaryText(actor.name), 'boundary.yaml') }),
    );
  world.broadcast();
  for (const actor of actors) {
    const boundary = documentDigest(parseDocument(boundaryText(actor.name), 'boundary.yaml'));
    world.append(
      world.body,
      entryOf('admit', admitContent, { org: actor.id, roles: ['applicant'], relations: [] }),
      entryOf('accept', acceptContent, { org: actor.id, boundary }),
    );
  }
  for (let day = 0; day < days; day += 1) appendDay(world, actors, day);
  return { world, ...store(folder, world) };
}

/** A block of one package on the chain of each of these organisations, and a broadcast that lists whatever is new. */
export function appendDay(world: World, actors: readonly Actor[], day: number): void {
  const [start, end] = [START + day * DAY, START + (day + 1) * DAY];
  world.time = end + 3600;
  for (const [index, actor] of actors.entries()) {
    const quantity = { mantissa: BigInt(120_001 + ((day * 7919 + index * 104_729) % 40_000) * 10), exponent: -1 };
    world.append(
      actor,
      packageEntry(
        world.packageOf(actor, 'power', 'energy', start, end, {
          quantity,
          unit: 'kWh',
          carrier: 'electricity',
          provenance: 'metered',
        }),
      ),
    );
  }
  world.time += 3600;
  world.broadcast();
}

/** Chain by chain as a writer would, then everything in one pack, as a copy has it. */
function store(folder: string, world: World): { readonly directory: string; readonly blocks: number } {
  const written = initGitStore(join(folder, 'written.git'));
  const target = initGitStore(join(folder, 'ledger.git'));
  let blocks = 0;
  for (const { state, records } of [world.body, ...world.actors.values()]) {
    written.appendRecords({ ref: refOf(state), expectedHead: null, nextSeq: 0, records, time: world.time });
    blocks += records.length;
  }
  const refs = written.listRefs();
  copyObjects(written, target, refs.values());
  for (const [ref, oid] of refs) target.compareAndSwapRef(ref, null, oid);
  written.close();
  target.close();
  return { directory: target.directory, blocks };
}
