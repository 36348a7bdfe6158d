/** A process that verifies a repository each time it is told to: whoever made the ledger holds all of it in memory, which slows him down. */
import { createInterface } from 'node:readline';
import { verifyStore } from '../../src/home/verify.ts';
import { toId } from '../../src/ledger/codec/id.ts';
import { parseHex } from '../../src/crypto/hash.ts';
import { openGitStore } from '../../src/ledger/store/git-store.ts';

/** What a verification took and found. */
export interface VerifiedCopy {
  readonly seconds: number;
  /** Of the processor, all threads. */
  readonly processorSeconds: number;
  readonly blocks: number;
  readonly verifiedNow: number;
  readonly packages: number;
  readonly broken: number;
  readonly errors: number;
}

const [directory = '', ledger = ''] = process.argv.slice(2);

async function verifyOnce(): Promise<VerifiedCopy> {
  const store = openGitStore(directory);
  const [start, before] = [performance.now(), process.cpuUsage()];
  const found = await verifyStore(store, { ledger: toId(parseHex(ledger)), checked: new Map() });
  const [seconds, { user, system }] = [(performance.now() - start) / 1000, process.cpuUsage(before)];
  store.close();
  return {
    seconds,
    processorSeconds: (user + system) / 1e6,
    blocks: found.blocks,
    verifiedNow: found.verifiedNow,
    packages: found.packages,
    broken: found.broken.length,
    errors: found.findings.filter(({ level }) => level === 'error').length,
  };
}

for await (const _ of createInterface({ input: process.stdin })) console.log(JSON.stringify(await verifyOnce()));
