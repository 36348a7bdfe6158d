/** One copy or one verification in a process of its own, so that its memory is its own. Prints one line of JSON. */
import { mkdirSync } from 'node:fs';
import { toHomePaths } from '../../src/home/paths.ts';
import { readCheckedStates } from '../../src/home/checked-states.ts';
import { fetchLedger } from '../../src/home/sync.ts';
import { verifyStore } from '../../src/home/verify.ts';
import { decodeRecord } from '../../src/ledger/block.ts';
import type { Id } from '../../src/ledger/codec/id.ts';
import { openTransport, type Transport } from '../../src/ledger/remote/remote.ts';
import { chainOfRef } from '../../src/ledger/git/ref-name.ts';
import { runChainTask } from '../../src/ledger/git/verify-task.ts';
import { toChecked, toVerification } from '../../src/programme/verification.ts';
import { splitRecords } from '../../src/ledger/segment.ts';
import { type GitStore, initGitStore, openGitStore } from '../../src/ledger/store/git-store.ts';
import { seconds, secondsOf } from './figure.ts';

/** Seconds of each part, and the most memory that the process ever had, in MB. */
export interface CloneTimes {
  /** The transport: negotiation, transfer, import of the pack. */
  readonly git?: number;
  /** All of the copy: the transport, its judgement, the objects that are copied. */
  readonly copy?: number;
  readonly verify: number;
  /** On one thread, one after the other. */
  readonly parts?: Readonly<Record<'decoding' | 'signatures' | 'replay', number>>;
  readonly blocks: number;
  readonly packages: number;
  readonly megabytes: number;
}

const [mode = '', ledger = '', ...rest] = process.argv.slice(2);
const times = mode === 'clone' ? await clone(rest[0] ?? '', rest[1] ?? '') : await verifyAlone(rest[0] ?? '');
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(`${JSON.stringify({ ...times, megabytes })}\n`);

/** What joining a ledger over http does, and then what `joulemark verify` does. */
async function clone(url: string, home: string): Promise<Omit<CloneTimes, 'megabytes'>> {
  mkdirSync(home);
  const paths = toHomePaths(home);
  const store = initGitStore(paths.store);
  let git = 0;
  const timed = async <T>(run: () => Promise<T>): Promise<T> => {
    const { result, seconds: elapsed } = await secondsOf(run);
    git += elapsed;
    return result;
  };
  const real = openTransport(url);
  const transport: Transport = {
    ...real,
    listRefs: () => timed(() => real.listRefs()),
    fetch: (refs, into, haves) => timed(() => real.fetch(refs, into, haves)),
  };
  const target = { paths, store, ledger: ledger as Id, org: null };
  const now = Number.MAX_SAFE_INTEGER;
  const copy = await secondsOf(() => fetchLedger(target, url, { transport, wait: 0, now }));
  const checked = readCheckedStates(paths.checked);
  const verified = await secondsOf(() => verifyStore(store, { ledger: target.ledger, checked }));
  const { blocks, packages } = verified.result;
  return { git, copy: copy.seconds, verify: verified.seconds, blocks, packages };
}

async function verifyAlone(directory: string): Promise<Omit<CloneTimes, 'megabytes'>> {
  const store = openGitStore(directory);
  const verified = await secondsOf(() => verifyStore(store, { ledger: ledger as Id, checked: new Map() }));
  const { blocks, packages } = verified.result;
  return { verify: verified.seconds, ...(mode === 'parts' ? { parts: partsOf(store) } : {}), blocks, packages };
}

/** Chains by themselves are decoding and signatures, with the tree over their ids; what follows is order and replay. */
function partsOf(store: GitStore): NonNullable<CloneTimes['parts']> {
  const refs = store.listRefs();
  const decoded = seconds(() => {
    for (const ref of refs.keys())
      for (const { bytes } of store.readSegments(ref)) for (const record of splitRecords(bytes)) decodeRecord(record);
  });
  const chains = seconds(
    () =>
      new Map(
        [...refs].map(([ref, commit]) => {
          const name = chainOfRef(ledger as Id, ref);
          return [ref, toChecked(store, runChainTask(store, { ref, commit, name }))] as const;
        }),
      ),
  );
  const replayed = seconds(() => toVerification(ledger as Id, chains.result, null));
  return {
    decoding: decoded.seconds,
    signatures: Math.max(0, chains.seconds - decoded.seconds),
    replay: replayed.seconds,
  };
}
