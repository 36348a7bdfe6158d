import process from 'node:process';
import { EXIT_STATUS } from '../errors.ts';
import type { Output, World } from './world.ts';

/** How long a command may take to end by itself after a signal, milliseconds. Nothing is lost when it does not: see the store's journal. */
const GRACE = 1000;

/** The real world: this process, its terminal, the system clock and the system's random numbers. */
export function createProcessWorld(): World {
  return {
    env: process.env,
    cwd: process.cwd(),
    // Getters, because touching a standard stream costs milliseconds that `--version` does not have to spend.
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return toOutput(process.stdout);
    },
    get stderr() {
      return toOutput(process.stderr);
    },
    get terminal() {
      return process.stdin.isTTY && process.stderr.isTTY ? { input: process.stdin, output: process.stderr } : undefined;
    },
    now: () => Math.floor(Date.now() / 1000),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    onSignal,
  };
}

function toOutput(stream: NodeJS.WriteStream): Output {
  // Node reports EPIPE to the callback and again as an event; an event without a listener would end the process.
  if (stream.listenerCount('error') === 0) stream.on('error', () => {});
  return {
    isTerminal: stream.isTTY,
    write: (data) =>
      new Promise((resolve, reject) => {
        stream.write(data, (error) => {
          if (error === undefined || error === null || isBrokenPipe(error)) resolve();
          else reject(error);
        });
      }),
  };
}

function isBrokenPipe(error: Error): boolean {
  return 'code' in error && error.code === 'EPIPE';
}

function onSignal(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void {
  const stop = (): void => {
    process.removeListener('SIGINT', handle);
    process.removeListener('SIGTERM', handle);
  };
  // The listeners go at the first signal: a second one ends the process at once, as everybody expects.
  const handle = (signal: 'SIGINT' | 'SIGTERM'): void => {
    stop();
    listener(signal);
    setTimeout(() => process.exit(EXIT_STATUS[signal]), GRACE).unref();
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return stop;
}
