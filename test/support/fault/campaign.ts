/** A command run over and over, each of its file system calls going wrong in turn. */
import { assertEnding, type FaultScene } from './fault-scene.ts';
import { type Call, type Fault, runTraced, type TracedRun } from './traced-run.ts';

/** Calls that change a disk. */
const CHANGING = [
  'write',
  'pwrite64',
  'writev',
  'pwritev',
  'fsync',
  'fdatasync',
  'rename',
  'renameat2',
  'link',
  'symlink',
  'mkdir',
  'unlink',
  'rmdir',
  'ftruncate',
] as const;

/** Calls that look at it. */
const LOOKING = ['read', 'pread64', 'readlink', 'statx', 'getdents64'] as const;

const TRACE: readonly string[] = ['openat', ...CHANGING, ...LOOKING];

/** Changed to be written, `openat` changes a disk too. */
const WRITES = /O_WRONLY|O_RDWR|O_CREAT/u;

/** Runs may differ by a few calls: which folders of objects are there hangs on the objects' ids. */
const MORE_CALLS = 4;

export interface FaultResult {
  readonly fault: Fault;
  /** The file system call that went wrong; null when the run made no such call, or it was one of another file. */
  readonly struck: Call | null;
  readonly problem: string | null;
}

export interface CampaignOptions {
  /** Takes a part of the faults, in order; all of them without. */
  readonly sample?: (faults: readonly Fault[]) => readonly Fault[];
  readonly onResult?: (result: FaultResult, done: number, of: number) => void;
}

/** Runs the scene once for every fault. Faults in the order of the calls. */
export async function runCampaign(
  program: string,
  scene: FaultScene,
  { sample = (faults) => faults, onResult }: CampaignOptions = {},
): Promise<readonly FaultResult[]> {
  const tracedRun = (fault: Fault | null, threadsOn?: readonly string[]): Promise<TracedRun> =>
    runTraced({
      program,
      argv: scene.argv,
      env: scene.env,
      cwd: scene.folder,
      log: `${scene.folder}.strace`,
      trace: TRACE,
      fault,
      ...(threadsOn === undefined ? {} : { threadsOn }),
    });
  const plan = async (threadsOn?: readonly string[]) => {
    scene.restore();
    const { calls } = await tracedRun(null, threadsOn);
    return toFaults(
      calls.filter((call) => isOf(scene, call)),
      threadsOn === undefined ? MORE_CALLS : 0,
    ).map((fault) => ({ fault, threadsOn }));
  };
  const planned = [...(await plan()), ...(scene.inputs.length === 0 ? [] : await plan(scene.inputs))];
  const chosen = new Set(sample(planned.map(({ fault }) => fault)));
  const faults = planned.filter(({ fault }) => chosen.has(fault));
  const results: FaultResult[] = [];
  for (const { fault, threadsOn } of faults) {
    scene.restore();
    const run = await tracedRun(fault, threadsOn);
    const struck = run.struck !== null && isOf(scene, run.struck) ? run.struck : null;
    const result = { fault, struck, problem: await problemOf(scene, fault, run, struck) };
    results.push(result);
    onResult?.(result, results.length, faults.length);
  }
  return results;
}

const isOf = (scene: FaultScene, { text }: Call): boolean => text.includes(scene.folder);

function toFaults(calls: readonly Call[], more: number): readonly Fault[] {
  const faults: Fault[] = [];
  const last = new Map<string, Call>();
  for (const call of calls) {
    faults.push(...faultsAt(call));
    last.set(call.name, call);
  }
  for (const call of last.values()) {
    for (let extra = 1; extra <= more; extra += 1) faults.push(...faultsAt({ ...call, ordinal: call.ordinal + extra }));
  }
  return faults;
}

function faultsAt({ name, ordinal, text }: Call): readonly Fault[] {
  const changes = (CHANGING as readonly string[]).includes(name) || (name === 'openat' && WRITES.test(text));
  if (!changes) return [{ call: name, how: 'EIO', when: ordinal }];
  const faults: Fault[] = [
    { call: name, how: 'EIO', when: ordinal },
    { call: name, how: 'ENOSPC', when: ordinal },
    { call: name, how: 'KILL', when: ordinal },
  ];
  // a disk that is full stays full (by `write` the process also talks to itself: that is not of a disk)
  return name === 'pwrite64' ? [...faults, { call: name, how: 'ENOSPC', when: ordinal, onward: true }] : faults;
}

async function problemOf(scene: FaultScene, fault: Fault, run: TracedRun, struck: Call | null): Promise<string | null> {
  try {
    if (struck !== null && fault.how !== 'KILL') assertEnding(run);
    if (struck !== null && fault.how === 'KILL' && run.signal !== 'SIGKILL') throw new Error('it was not killed');
    await scene.check(run);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** For people: `pwrite64 3 ENOSPC: <the call>`. */
export function describeFault({ fault: { call, how, when, onward }, struck }: FaultResult): string {
  const where = struck === null ? 'struck no file' : `${struck.name}(${struck.text}`;
  return `${call} ${when}${onward === true ? ' and all later ones' : ''} ${how}: ${where}`;
}
