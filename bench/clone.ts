/** A copy over http by our own transport and its full verification, against the verification alone. A git host of git's own serves it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGitHttpServer } from '../test/support/git-http-server.ts';
import { makeBulkLedger } from './support/bulk-ledger.ts';
import type { CloneTimes } from './support/clone-client.ts';
import { FOLDER, median, numberOption, printFigure } from './support/figure.ts';

const chains = numberOption('chains', 50);
const blocks = numberOption('blocks', 100_000);
const rounds = numberOption('rounds', 3);

const folder = mkdtempSync(join(tmpdir(), 'joulemark-bench-clone-'));
try {
  const made = makeBulkLedger(folder, chains - 1, Math.max(1, Math.round(blocks / chains)));
  await run(made.directory, made.world.ledger, made.blocks);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function run(directory: string, ledger: string, held: number): Promise<void> {
  const server = await startGitHttpServer(folder);
  const copies: CloneTimes[] = [];
  const alone: CloneTimes[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      copies.push(await client('clone', ledger, `${server.url}/ledger.git`, join(folder, `home-${round}`)));
      alone.push(await client('verify', ledger, directory));
      rmSync(join(folder, `home-${round}`), { recursive: true });
    }
  } finally {
    await server.close();
  }
  for (const { blocks: found } of [...copies, ...alone])
    if (found !== held) throw new Error(`${found} blocks of ${held} were verified`);
  const { parts } = await client('parts', ledger, directory);
  const of = (times: readonly CloneTimes[], pick: (one: CloneTimes) => number): number => median(times.map(pick));
  const whole = of(copies, ({ copy = 0, verify }) => copy + verify);
  const share = (part: number): string => `${Math.round((100 * part) / whole)} %`;
  printFigure({
    bench: 'clone',
    what: `copy over http and full verification of ${held.toLocaleString('en-US')} blocks in ${chains} chains`,
    value: whole,
    unit: 's',
    peer: { what: 'the verification alone', value: of(alone, ({ verify }) => verify) },
    target: { at: 'most', bound: 2 },
    more: {
      rounds,
      'git transport and pack import': share(of(copies, ({ git = 0 }) => git)),
      'signatures, and objects copied': share(of(copies, ({ git = 0, copy = 0 }) => copy - git)),
      'order and replay': share(of(copies, ({ verify }) => verify)),
      'on one thread, s': parts,
      'megabytes received': Math.round(server.traffic().sent / rounds / 1e5) / 10,
      node: process.version,
    },
  });
  for (const [what, times] of [
    ['most memory of a copy and its verification', copies],
    ['most memory of the verification alone', alone],
  ] as const)
    printFigure({
      bench: 'clone',
      what: `${what}, ${held.toLocaleString('en-US')} blocks`,
      value: of(times, ({ megabytes }) => megabytes),
      unit: 'MB',
      target: { at: 'most', bound: 400 },
    });
}

/** Not spawnSync: the server is in this process. */
function client(...args: readonly string[]): Promise<CloneTimes> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(FOLDER, 'clone-client.js'), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) resolve(JSON.parse(printed) as CloneTimes);
      else reject(new Error(`the client ended with status ${status}`));
    });
  });
}
