import type { AnyCommand } from './command.ts';

/** A command as listed: its words, and how to load it. Nothing is loaded before it is asked for. */
export interface CommandEntry {
  readonly path: readonly [string] | readonly [string, string];
  load(): Promise<AnyCommand>;
}
