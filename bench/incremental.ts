/** Ten new blocks on a large ledger and on a small one with as many chains: `joulemark verify` in one's own home, whole processes. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refOf } from '../src/home/chain-reader.ts';
import { writeConfig } from '../src/home/config.ts';
import { markOwnHome } from '../src/home/own-home.ts';
import { toHomePaths } from '../src/home/paths.ts';
import { openGitStore } from '../src/ledger/store/git-store.ts';
import { appendDay, makeBulkLedger } from './support/bulk-ledger.ts';
import { median, numberOption, printFigure, ROOT, timeProcess } from './support/figure.ts';

const chains = numberOption('chains', 50);
const small = numberOption('small', 1000);
const large = numberOption('large', 100_000);
const rounds = numberOption('rounds', 7);
const fresh = 10;

const folder = mkdtempSync(join(tmpdir(), 'joulemark-bench-incremental-'));
process.env['XDG_STATE_HOME'] = join(folder, 'state');
try {
  const sizes = [small, large].map((blocks) => makeHome(blocks));
  const times: number[][] = sizes.map(() => []);
  for (let round = 0; round < rounds; round += 1)
    for (const [index, home] of sizes.entries()) times[index]?.push(home.verifyNew(round));
  const [few = [], many = []] = times;
  printFigure({
    bench: 'incremental',
    what: `joulemark verify, ${fresh} new blocks on ${large.toLocaleString('en-US')}`,
    value: median(many),
    unit: 'ms',
    peer: { what: `${fresh} new blocks on ${small.toLocaleString('en-US')}`, value: median(few) },
    target: { at: 'most', bound: 1.5 },
    more: {
      chains,
      rounds,
      'first verification, ms': sizes.map(({ first }) => Math.round(first)),
      'checkpoint, bytes': sizes.map(({ kept }) => kept),
      node: process.version,
    },
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface BenchHome {
  /** Milliseconds of the first verification, from genesis, which keeps a checkpoint. */
  readonly first: number;
  readonly kept: number;
  /** Appends ten blocks and verifies: milliseconds. */
  readonly verifyNew: (round: number) => number;
}

/** A home of the certification body with a ledger of so many blocks. */
function makeHome(blocks: number): BenchHome {
  const place = join(folder, String(blocks));
  const home = join(place, '.joulemark');
  mkdirSync(home, { recursive: true });
  const days = Math.max(1, Math.round(blocks / chains));
  const { world, directory } = makeBulkLedger(place, chains - 1, days);
  const paths = toHomePaths(home);
  renameSync(directory, paths.store);
  writeConfig(paths.config, {
    joulemark: 'config/1',
    name: 'Certification body',
    ledger: world.ledger,
    org: world.ledger,
  });
  markOwnHome(paths, world.ledger);
  const actors = [...world.actors.values()];
  const lengths = new Map([world.body, ...actors].map((actor) => [actor, actor.records.length]));
  const verify = (): number =>
    timeProcess(process.execPath, [join(ROOT, 'bin/joulemark.js'), 'verify'], { cwd: place });
  const first = verify();
  return {
    first,
    kept: statSync(paths.checkpoint).size,
    verifyNew: (round) => {
      const some = Array.from({ length: fresh - 1 }, (_, index) => actors[(round * fresh + index) % actors.length]!);
      appendDay(world, some, days + round);
      const store = openGitStore(paths.store);
      for (const actor of [...some, world.body]) {
        const ref = refOf(actor.state);
        const nextSeq = lengths.get(actor) ?? 0;
        const records = actor.records.slice(nextSeq);
        store.appendRecords({ ref, expectedHead: store.readRef(ref), nextSeq, records, time: world.time });
        lengths.set(actor, actor.records.length);
      }
      store.close();
      return verify();
    },
  };
}
