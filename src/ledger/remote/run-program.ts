/** Runs a program of the system with bounds on silence and on output; it and all that it started end with this process. */
import { spawn } from 'node:child_process';
import { JoulemarkError } from '../../errors.ts';

export type ProgramRun = {
  readonly args: readonly string[];
  readonly cwd: string;
  /** Its whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Ends the program. */
  readonly signal?: AbortSignal | undefined;
  /** So many milliseconds without a word and without `isBusy` end it. */
  readonly idle: number;
  /** Asked four times a second while it runs: true when something moved. What it throws ends the program. */
  readonly isBusy?: () => boolean;
};

/** How a program ended; `stderr` is the end of what it said, at most 16 KiB. */
export type ProgramEnd = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** More output than this is no answer, in bytes: half a million branches. */
const MAX_OUTPUT_BYTES = 2 ** 26;
const MAX_TOLD_BYTES = 2 ** 14;
const LOOK_EVERY_MS = 250;

/** Runs a program. Throws FAILED when it is not installed (details.missing), is silent for too long, says too much or is interrupted. */
export async function runProgram(program: string, run: ProgramRun): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    // a process group of its own, so that ssh and index-pack go with it; without a terminal nothing can be asked
    const child = spawn(program, run.args, { cwd: run.cwd, env: run.env, stdio: 'pipe', detached: true });
    const kill = (): void => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      try {
        process.kill(-child.pid, 'SIGTERM');
      } catch {
        // it has ended meanwhile
      }
    };
    let failure: unknown = null;
    const stop = (error: unknown): void => {
      failure ??= error;
      kill();
    };
    const failed = (why: string): JoulemarkError => new JoulemarkError('FAILED', `'${program}' ${why}`);
    const interrupt = (): void => stop(failed('was interrupted'));
    let heard = performance.now();
    const stdout: Buffer[] = [];
    let size = 0;
    let stderr = Buffer.alloc(0);
    child.stdout.on('data', (chunk: Buffer) => {
      heard = performance.now();
      size += chunk.length;
      if (size > MAX_OUTPUT_BYTES) stop(failed(`printed more than ${MAX_OUTPUT_BYTES} bytes`));
      else stdout.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      heard = performance.now();
      stderr = Buffer.concat([stderr, chunk]).subarray(-MAX_TOLD_BYTES);
    });
    const look = setInterval(() => {
      try {
        if (run.isBusy?.() === true) heard = performance.now();
        if (performance.now() - heard > run.idle)
          stop(failed(`was silent for ${Math.round(run.idle / 1000)} seconds and was ended`));
      } catch (error) {
        stop(error);
      }
    }, LOOK_EVERY_MS);
    const release = (): void => {
      clearInterval(look);
      run.signal?.removeEventListener('abort', interrupt);
      process.removeListener('exit', kill);
    };
    run.signal?.addEventListener('abort', interrupt);
    process.once('exit', kill);
    child.on('error', (error: NodeJS.ErrnoException) => {
      release();
      const missing = error.code === 'ENOENT';
      reject(
        new JoulemarkError('FAILED', missing ? `'${program}' is not installed` : `cannot start '${program}'`, {
          details: { missing },
          cause: error,
        }),
      );
    });
    child.on('close', (status) => {
      release();
      if (failure !== null) reject(failure);
      else resolve({ status: status ?? -1, stdout: Buffer.concat(stdout).toString(), stderr: stderr.toString() });
    });
    child.stdin.on('error', () => undefined); // it may end without reading
    child.stdin.end(run.input ?? '');
    if (run.signal?.aborted === true) interrupt();
  });
}
