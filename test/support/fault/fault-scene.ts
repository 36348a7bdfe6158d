import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../../../src/main.ts';
import { splitRecords } from '../../../src/ledger/segment.ts';
import { openGitStore } from '../../../src/ledger/store/git-store.ts';
import { fsck, hasGit } from '../git.ts';
import { createTranscriptWorld, textOf } from '../transcript-world.ts';
import type { TracedRun } from './traced-run.ts';

/** A command of the built program in a place that can be put back as it was. */
export interface FaultScene {
  readonly name: string;
  /** Everything that the command touches, but for the program itself. */
  readonly folder: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Files that a thread of the pool reads or writes. */
  readonly inputs: readonly string[];
  restore(): void;
  /** What must hold after a run that something disturbed, and after the next that nothing disturbs. @throws AssertionError */
  check(run: TracedRun): Promise<void>;
  close(): Promise<void>;
}

/** Keeps a copy of a folder beside it; the function returned puts it back. */
export function keepTemplate(folder: string): () => void {
  const template = `${folder}.template`;
  cpSync(folder, template, { recursive: true, verbatimSymlinks: true });
  return () => {
    rmSync(folder, { recursive: true, force: true });
    cpSync(template, folder, { recursive: true, verbatimSymlinks: true });
  };
}

export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program undisturbed. */
export function runProgram(program: string, scene: Pick<FaultScene, 'argv' | 'env' | 'folder'>): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, ...scene.argv],
      { cwd: scene.folder, env: scene.env, encoding: 'utf8' },
      (error, stdout, stderr) => resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** Runs a command line of the source in this process. */
export async function runHere(home: string, now: number, argv: readonly string[]): Promise<Finished> {
  const world = createTranscriptWorld({ cwd: join(home, '..'), env: { JOULEMARK_HOME: home }, now });
  const status = await main(argv, world);
  return { status, stdout: textOf(world, 'stdout'), stderr: textOf(world, 'stderr') };
}

/** `verify --full`, in a copy of the home: what it remembers must not help the next run. */
export async function verifyCopy(home: string, when: string): Promise<void> {
  const copy = `${home}.copy`;
  cpSync(home, copy, { recursive: true, verbatimSymlinks: true });
  try {
    const verified = await runHere(copy, Math.floor(Date.now() / 1000), ['verify', '--full']);
    assert.equal(verified.status, 0, `verify --full ${when}: ${verified.stderr}${verified.stdout}`);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The bytes of a chain's blocks, in order. */
export function recordsOf(repository: string, ref: string): readonly Buffer[] {
  const store = openGitStore(repository);
  try {
    return [...store.readSegments(ref)].flatMap(({ bytes }) =>
      splitRecords(bytes).map((record) => Buffer.from(record)),
    );
  } finally {
    store.close();
  }
}

/** The blocks of one chain are the first of another. */
export function assertBegins(chain: readonly Buffer[], first: readonly Buffer[], what: string): void {
  assert.ok(chain.length >= first.length, `${what}: ${chain.length} blocks, of ${first.length} that were there`);
  first.forEach((record, index) => assert.ok(record.equals(chain[index]!), `${what}: block ${index} is another`));
}

/** Stock git finds nothing wrong. */
export function assertSound(repository: string): void {
  if (hasGit) assert.equal(fsck(repository), '', `git fsck ${repository}`);
}

/** Stock git finds nothing wrong, and no half-written file or lock stays. */
export function assertTidy(folder: string, repositories: readonly string[]): void {
  for (const repository of repositories) assertSound(repository);
  const left = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?:^|\/)(?:tmp_obj_[^/]*|[^/]*\.lock|lock(?:~[^/]*)?|quarantine\/.+|journal)$/u.test(name),
  );
  assert.deepEqual(left, [], 'left behind');
}

/** How a run may end at which something was wrong with a file: it copes, or says so. */
export function assertEnding({ status, stdout, stderr, struck }: TracedRun): void {
  const said = `${stderr}${stdout}`;
  assert.ok(status === 0 || status === 1, `status ${status}: ${said}`);
  assert.doesNotMatch(said, /a bug in joulemark|\n\s+at /u);
  if (status === 0) return;
  const problem = /^(?:error: |\s+failed\s+)(.*)$/mu.exec(said)?.[1] ?? '';
  assert.match(problem, /'[^']+'/u, `names no file, after ${struck?.name}(${struck?.text}: ${said}`);
  assert.match(problem, /\bE(?:IO|NOSPC)\b/u, `names no error: ${said}`);
  assert.match(said, /^(?:hint:|\s+hint\s)/mu, `names no next step: ${said}`);
}
