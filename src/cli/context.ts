import type { Progress } from './progress.ts';
import type { Prompt } from './prompt.ts';

/**
 * All that a command may know of the outside: a command never touches the process, the terminal, the clock or the
 * environment itself, so that tests run it in-process with everything fixed.
 */
export interface Context {
  /** Absolute path of the `.joulemark` folder: --home, JOULEMARK_HOME, or found upwards from `cwd`. Throws NO_LEDGER. */
  readonly home: string;
  /** Where `init` and `join` would create a home: --home, JOULEMARK_HOME, or `.joulemark` in `cwd`. Never throws. */
  readonly newHome: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The version of joulemark. */
  readonly version: string;
  /** True with --dry-run: take the real path on a staging store and write nothing. */
  readonly dryRun: boolean;
  /** Seconds to wait for the lock (--wait); 0 = fail at once. */
  readonly wait: number;
  /** Aborted by SIGINT and SIGTERM; the process ends shortly after whether or not it is watched. */
  readonly signal: AbortSignal;
  /** Bytes of standard input, for streaming. */
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly prompt: Prompt;
  /** Seconds since 1970-01-01T00:00:00Z, whole. */
  now(): number;
  /** `length` random bytes fit for keys. */
  random(length: number): Uint8Array;
  /** An absolute path; relative ones are taken from `cwd`. */
  resolve(path: string): string;
  /** The whole of a file, or of standard input for '-'. Throws USAGE when it cannot be read. */
  readInput(path: string): Promise<Uint8Array>;
  /**
   * Writes a file the user asked for (`--out`), whole or not at all; '-' is standard output, as raw bytes.
   * Throws USAGE when the file exists and `overwrite` is not set. The ledger and the home are never written with this.
   */
  writeOutput(path: string, bytes: Uint8Array, more?: { readonly overwrite?: boolean }): Promise<void>;
  /** --passphrase-file, JOULEMARK_PASSPHRASE_FILE, or asked for on a terminal; asked once per run. Throws KEY_UNAVAILABLE. */
  passphrase(more?: { readonly purpose?: string; readonly confirm?: boolean }): Promise<string>;
  /** True when --passphrase-file was given: whoever does means keys that need one. */
  readonly hasPassphraseFile: boolean;
  /** A line on stderr for a terminal once a second has passed; call `done` in a finally. `total` 0 when unknown. */
  progress(label: string, total: number): Progress;
  /** A line on stderr for people; silent with --quiet and --json. */
  note(text: string): void;
  /** A part of a long result on stdout, at once; silent with --quiet and --json, whose result comes at the end. */
  say(text: string): Promise<void>;
  /** Runs another joulemark command in this process, in its own folder and at its own clock: for `demo`, which shows what people type. */
  perform(argv: readonly string[], at: Scene): Promise<Performed>;
}

/** Where and when a performed command runs. */
export interface Scene {
  readonly cwd: string;
  /** Seconds since 1970. */
  readonly now: number;
}

/** What a performed command printed, and its exit status. */
export interface Performed {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}
