/**
 * ssh and git:// remotes, by the git of the system: it is run in repositories that are made for one call and hold nothing but a list of
 * branches and the way to our objects, never in the store and never in a folder that somebody else prepared. What it fetches is a pack,
 * which our own code checks and indexes again.
 */
import { lstatSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JoulemarkError } from '../../errors.ts';
import { isOid } from '../git/git-object.ts';
import { isLedgerRef } from '../git/ref-name.ts';
import { isDescendant, isHistoryCut } from '../store/copy-objects.ts';
import { createPlainFile } from '../store/files.ts';
import { listDirectory, readFileIfPresent } from '../store/read-files.ts';
import { removeTree } from '../store/folders.ts';
import type { GitStore } from '../store/git-store.ts';
import { importPack } from '../store/pack-import.ts';
import { fetchApart } from './fetch-apart.ts';
import { createScratchRepository, type Environment, gitEnvironment, gitOptions } from './git-environment.ts';
import { remoteMovedError } from './moved.ts';
import { noHistoryError } from './no-history.ts';
import { quoteForeign } from './quote-foreign.ts';
import type { RefUpdate, Transport, TransportOptions } from './remote.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';
import { createTransferBudget } from './transfer-budget.ts';
import { toTransferLimits } from './transfer-limits.ts';

/** A host may think so long without a word, in milliseconds: that the connection is alive is checked by ssh itself. */
const IDLE_MS = 300_000;

const NONE: ReadonlyMap<string, string> = new Map();

type Scratch = {
  readonly directory: string;
  readonly git: (args: readonly string[], more?: { input?: string; isBusy?: () => boolean }) => Promise<ProgramEnd>;
};

/** Bytes of packs in the scratch repository, finished or coming. */
function packedBytes(directory: string): number {
  const folder = join(directory, 'objects/pack');
  let bytes = 0;
  for (const name of listDirectory(folder)) {
    if (/pack_|\.pack$/.test(name)) bytes += lstatSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

/** A transport for what `url` (`kind: 'system'` of parseRemoteUrl, so that it can be no option) names; git:// and ssh only. */
export function openSystemGitTransport(url: string, scheme: 'ssh' | 'git', options: TransportOptions): Transport {
  const user: Environment = options.environment ?? process.env;
  const limits = toTransferLimits({ idleMs: IDLE_MS, ...options.limits });
  const budget = createTransferBudget(url, limits);

  /** Runs with a new repository that sees the objects of `over`, its branches as `refs`, and is gone afterwards. */
  const withScratch = async <T>(
    over: GitStore | null,
    refs: ReadonlyMap<string, string>,
    parent: string | null,
    run: (scratch: Scratch) => Promise<T>,
  ): Promise<T> => {
    const directory = mkdtempSync(join(parent ?? tmpdir(), 'joulemark-git-'));
    const remove = (): void => removeTree(directory);
    process.once('exit', remove); // a signal ends the process before what is below gets its turn
    try {
      createScratchRepository(directory);
      if (over !== null) {
        createPlainFile(join(directory, 'objects/info/alternates'), `${join(over.directory, 'objects')}\n`);
        const shallow = [...over.shallowCommits()];
        if (shallow.length > 0) createPlainFile(join(directory, 'shallow'), `${shallow.join('\n')}\n`);
      }
      const lines = [...refs].map(([name, oid]) => `${oid} ${name}\n`);
      createPlainFile(
        join(directory, 'packed-refs'),
        `# pack-refs with: peeled fully-peeled sorted \n${lines.join('')}`,
      );
      const env = gitEnvironment(user, directory);
      return await run({
        directory,
        git: (args, more = {}) =>
          runProgram('git', {
            args: [...gitOptions(scheme), ...args],
            cwd: directory,
            env,
            signal: options.signal,
            idle: limits.idleMs,
            ...more,
          }),
      });
    } catch (error) {
      throw toFailure(url, error);
    } finally {
      process.removeListener('exit', remove);
      remove();
    }
  };

  const listRefs = (): Promise<ReadonlyMap<string, string>> =>
    withScratch(null, NONE, null, async ({ git }) => {
      const listed = verifySuccess(url, await git(['ls-remote', '--heads', '--refs', '--', url]));
      const refs = listed.stdout
        .split('\n')
        .map((line) => [line.slice(41), line.slice(0, 40)] as const)
        .filter(([name, oid]) => isLedgerRef(name) && isOid(oid));
      return new Map(refs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    });

  /** Watches what comes: true when there is more than at the last look. Throws FAILED when it is too much or too slow. */
  const watchPacks = (directory: string): (() => boolean) => {
    let bytes = 0;
    let came: ReturnType<typeof budget.answer> | null = null;
    return () => {
      const now = packedBytes(directory);
      const more = now - bytes;
      bytes = now;
      if (more !== 0) options.progress?.(now);
      if (now > 0) came ??= budget.answer();
      came?.(more);
      return more !== 0;
    };
  };

  const fetchNamed = (names: readonly string[], into: GitStore, haves: GitStore): Promise<void> =>
    withScratch(haves, haves.listRefs(), into.directory, async ({ directory, git }) => {
      // the plumbing: it asks and indexes, and neither moves branches nor checks a history that nobody reads
      const depth = haves.listRefs().size === 0 ? ['--depth=1', '--cloning'] : [];
      const args = ['fetch-pack', '--keep', '--thin', ...depth, '--stdin', url];
      const input = names.map((name) => `${name}\n`).join('');
      verifySuccess(url, await git(args, { input, isBusy: watchPacks(directory) }));
      const known = haves.shallowCommits();
      const shallow = (readFileIfPresent(join(directory, 'shallow'))?.toString('latin1') ?? '')
        .split('\n')
        .filter((oid) => isOid(oid) && !known.has(oid));
      if (shallow.length > 0) into.addShallowCommits(shallow);
      const packs = join(directory, 'objects/pack');
      for (const name of listDirectory(packs).filter((file) => file.endsWith('.pack'))) {
        const pack = readFileIfPresent(join(packs, name));
        if (pack !== null) importPack(into, pack, budget.nextPack(), budget.spend);
      }
    });

  const pushOne = async ({ ref, oid, expected }: RefUpdate, from: GitStore): Promise<void> => {
    if (expected !== null && !isDescendant(from, oid, expected)) throw remoteMovedError(ref, oid, expected);
    const cut = expected === null && isHistoryCut(from, oid);
    const end = cut
      ? null
      : await withScratch(from, new Map([[ref, oid]]), null, ({ git }) =>
          git([
            'push',
            '--porcelain',
            '--progress',
            '--no-verify',
            '--no-signed',
            '--recurse-submodules=no',
            // a lease would let a branch be rewound; that it is not was seen above
            `--force-with-lease=${ref}:${expected ?? ''}`,
            '--',
            url,
            `${oid}:${ref}`,
          ]),
        );
    if (end?.status === 0) return;
    const told = end?.stdout.split('\n').find((line) => line.startsWith('!')) ?? '';
    const elsewhere = cut || /\[rejected\]|\[remote rejected\].*(cannot lock ref|non-fast-forward|stale)/.test(told);
    const actual = elsewhere ? ((await listRefs()).get(ref) ?? null) : expected;
    if (actual !== expected) throw remoteMovedError(ref, expected, actual);
    if (cut || end === null) throw noHistoryError(url, ref);
    if (!told.includes('[remote rejected]')) verifySuccess(url, end);
    const words = end.stderr.split(/[\r\n]+/).filter((line) => line.startsWith('remote:'));
    throw new JoulemarkError(
      'FAILED',
      `the remote '${url}' refuses the push of '${ref}': ${quoteForeign([told.split('\t').at(-1) ?? '', ...words].join(' '))}`,
      { hints: ['joulemark sync'], details: { url, ref } },
    );
  };

  return {
    listRefs,

    fetch: (refs, into, haves) => fetchApart([...refs.keys()], (names) => fetchNamed(names, into, haves)),

    push: async (updates, from) => {
      for (const update of updates) {
        if (from.readRef(update.ref) !== update.oid)
          throw new JoulemarkError('FAILED', `cannot push '${update.ref}': the branch here is not at '${update.oid}'`);
        await pushOne(update, from);
      }
    },
  };
}

/** What people can do about what ssh and git say. */
const KNOWN: readonly { readonly said: RegExp; readonly hints: (host: string) => readonly string[] }[] = [
  {
    said: /Host key verification failed/,
    hints: (host) => [`ssh ${host}  # once: compare the fingerprint it shows with the one you were told`],
  },
  {
    said: /Permission denied|Too many authentication failures/,
    hints: (host) => [
      `ssh -o BatchMode=yes ${host}  # has to work without a question: put the key into an agent or name it in ~/.ssh/config`,
    ],
  },
  { said: /cannot run ssh|ssh: (command )?not found/, hints: () => ['apt install openssh-client'] },
  {
    said: /does not appear to be a git repository|[Rr]epository .*not found|not exported/,
    hints: () => ['check the path in the address'],
  },
];

/** What `ssh` takes to reach the host. */
function hostOf(url: string): string {
  return /^ssh:\/\/[^/]+/.exec(url)?.[0] ?? /^([^/:]+|[^/[]*\[[^\]]*\]):/.exec(url)?.[1] ?? url;
}

/** Returns a run that went well; throws FAILED with what git and ssh said of another. */
function verifySuccess(url: string, end: ProgramEnd): ProgramEnd {
  if (end.status === 0) return end;
  // ssh ends its lines with a carriage return; one within a line is progress
  const lines = end.stderr.split(/\r*\n/).filter((line) => line !== '' && !line.includes('\r'));
  const known = KNOWN.find(({ said }) => said.test(end.stderr));
  const line =
    lines.find((said) => known?.said.test(said)) ??
    lines.find((said) => !said.startsWith('remote:') && !said.startsWith('Warning:')) ??
    `git ended with status ${end.status}`;
  throw new JoulemarkError('FAILED', `cannot talk to the remote '${url}': ${quoteForeign(line)}`, {
    hints: known?.hints(hostOf(url)) ?? [],
    details: { url, status: end.status },
  });
}

function toFailure(url: string, error: unknown): unknown {
  if (!(error instanceof JoulemarkError) || !('missing' in error.details)) return error;
  return new JoulemarkError('FAILED', `cannot talk to the remote '${url}': ${error.message}`, {
    hints: ['apt install git', 'or use an https address, which needs no git'],
    details: { url, ...error.details },
    cause: error,
  });
}
