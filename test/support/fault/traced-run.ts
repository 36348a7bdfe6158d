/** Runs a program under strace, one of its system calls failed or killed, and says which call that was. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const STRACE = 'strace';

export const hasStrace: boolean = spawnSync(STRACE, ['-V']).status === 0;

/** What goes wrong at a call. `when`: the ordinal of the call among those of its name, from 1. `onward`: and at every later one. */
export interface Fault {
  readonly call: string;
  readonly how: 'EIO' | 'ENOSPC' | 'KILL';
  readonly when: number;
  readonly onward?: boolean;
}

/** A system call as strace shows it. `ordinal`: among those of its name and thread, from 1. */
export interface Call {
  readonly name: string;
  readonly ordinal: number;
  readonly text: string;
}

export interface TracedRun {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: readonly Call[];
  /** The call at which the fault struck first; null when the program made fewer. */
  readonly struck: Call | null;
}

export interface Traced {
  readonly program: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where strace writes. */
  readonly log: string;
  readonly trace: readonly string[];
  readonly fault: Fault | null;
  /**
   * Calls of other threads count too, each thread's by themselves; on these paths only, because the thread pool also reads the program. Without
   * it the main thread is traced alone: its calls come in the same order in every run.
   */
  readonly threadsOn?: readonly string[];
}

/** Runs `node program ...argv` to its end. One thread in the pool, so that its calls can be counted too. */
export async function runTraced({ program, argv, cwd, env, log, trace, fault, threadsOn }: Traced): Promise<TracedRun> {
  const names = fault === null ? trace : [...new Set([fault.call, ...trace])];
  const words = ['-qq', '-y', '-s', '0', '-o', log, '-e', `trace=${names.join(',')}`, '-e', 'signal=none'];
  if (fault !== null) words.push('-e', `inject=${toInjection(fault)}`);
  if (threadsOn !== undefined) words.push('-f', ...threadsOn.flatMap((path) => ['-P', path]));
  const child = spawn(STRACE, [...words, process.execPath, program, ...argv], {
    cwd,
    env: { ...env, UV_THREADPOOL_SIZE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const [status, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, by) => resolve([code, by]));
  });
  const calls = parseLog(readFileSync(log, 'utf8'));
  return { status, signal, stdout: stdout(), stderr: stderr(), calls, struck: findStruck(calls, fault) };
}

function toInjection({ call, how, when, onward }: Fault): string {
  return `${call}:${how === 'KILL' ? 'signal=KILL' : `error=${how}`}:when=${when}${onward === true ? '+' : ''}`;
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

function parseLog(log: string): readonly Call[] {
  const counts = new Map<string, number>();
  const calls: Call[] = [];
  for (const line of log.split('\n')) {
    const [, thread = '', name = '', text = ''] = /^(\d+ +)?(\w+)\((.*)$/u.exec(line) ?? [];
    if (name === '') continue;
    const ordinal = (counts.get(thread + name) ?? 0) + 1;
    counts.set(thread + name, ordinal);
    // what a call at the working directory names is in its second argument
    calls.push({ name, ordinal, text: text.replaceAll(/AT_FDCWD<[^>]*>/gu, 'AT_FDCWD') });
  }
  return calls;
}

function findStruck(calls: readonly Call[], fault: Fault | null): Call | null {
  if (fault === null) return null;
  if (fault.how !== 'KILL') return calls.find(({ text }) => text.endsWith('(INJECTED)')) ?? null;
  return calls.find(({ name, ordinal }) => name === fault.call && ordinal === fault.when) ?? null;
}
