/** Where text and bytes go. */
export interface Output {
  readonly isTerminal: boolean;
  /** Resolves when written. A reader that has gone away (EPIPE) is not an error. */
  write(data: string | Uint8Array): Promise<void>;
}

/** Two streams with somebody at the other end, for questions. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Everything of the operating system that the shell uses; a test hands in its own. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Undefined when nobody can be asked. */
  readonly terminal: Terminal | undefined;
  /** Seconds since 1970-01-01T00:00:00Z, whole. */
  now(): number;
  random(length: number): Uint8Array;
  /** Calls back at most once, with the signal that asks the process to end. Returns how to stop listening. */
  onSignal(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
}
