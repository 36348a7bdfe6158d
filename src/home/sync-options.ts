import type { Id } from '../ledger/codec/id.ts';
import { readHomeConfig } from './home.ts';
import { createCredentials } from './sync-credentials.ts';
import type { Transport, TransportOptions } from '../ledger/remote/remote.ts';

/** How this home reaches its remotes, and when it is. */
export interface SyncOptions extends Omit<TransportOptions, 'wait' | 'progress'> {
  /** Seconds since 1970. */
  readonly now: number;
  /** Seconds to wait for locks. */
  readonly wait: number;
  /** A line for a person who waits for bytes to come; `label` says from where. */
  readonly progress?: (label: string) => TransferProgress;
  /** Organisations whose branches are taken, whoever lists or admits them. */
  readonly named?: readonly Id[];
  /** What to fetch from where it is no remote: an export that was read and checked. */
  readonly transport?: Transport;
}

/** A running count; `done` clears it. */
export interface TransferProgress {
  update(kilobytes: number): void;
  done(): void;
}

/** What a sync needs of its surroundings: the shell's context has it. */
export interface SyncSurroundings {
  readonly home: string;
  readonly wait: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  now(): number;
  progress(label: string, total: number): TransferProgress;
}

/** Somebody else may be at a remote's lock: so long is waited at least, in seconds. */
const WAIT_AT_LEAST = 10;

/** The options for a run of a command. `more`: URLs that are no remotes of the home yet. */
export function toSyncOptions(surroundings: SyncSurroundings, more: readonly string[] = []): SyncOptions {
  const { env, signal } = surroundings;
  const remotes = [
    ...(readHomeConfig(surroundings.home).config.remotes ?? new Map<string, string>()).values(),
    ...more,
  ];
  return {
    now: surroundings.now(),
    wait: Math.max(surroundings.wait, WAIT_AT_LEAST),
    credentials: createCredentials({ environment: env, remotes, signal }),
    environment: env,
    signal,
    progress: (label) => surroundings.progress(label, 0),
  };
}

/** The same for one transport. `progress`: the line for this transfer. */
export function toTransportOptions(options: SyncOptions, progress?: TransferProgress): TransportOptions {
  const { credentials, environment, signal } = options;
  return {
    wait: options.wait * 1000,
    ...(credentials === undefined ? {} : { credentials }),
    ...(environment === undefined ? {} : { environment }),
    ...(signal === undefined ? {} : { signal }),
    ...(progress === undefined ? {} : { progress: (bytes: number) => progress.update(Math.ceil(bytes / 1000)) }),
  };
}
