import { JoulemarkError } from '../errors.ts';
import { encodeEntry } from '../ledger/entry.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { Schema } from '../ledger/codec/schema.ts';
import { type CborMap, isCborMap } from '../ledger/codec/value.ts';
import type { ProgrammeState } from '../programme/state.ts';
import type { SaltMaker } from '../programme/package.ts';
import { finishRotation } from './finish-rotation.ts';
import { type Home, openHome } from './home.ts';
import { type KeyRing, unlockKeys } from './key-ring.ts';
import { loadLedger, type LoadedLedger, type LoadOptions } from './ledger.ts';
import { appendBlocks, toBlocks, verifyKeyInForce, withHomeLock } from './writer.ts';

/** What a session needs of its surroundings: the shell's context has it. */
export interface Surroundings {
  readonly home: string;
  readonly dryRun: boolean;
  readonly wait: number;
  now(): number;
  passphrase(): Promise<string>;
}

/** A home with its ledger read and verified. */
export interface Session extends LoadedLedger {
  readonly home: Home;
  /** The zone in which this programme counts days; UTC before there is a policy. */
  readonly zone: string;
}

/** A block that was appended (or, in a dry run, would be). */
export interface Appended {
  readonly seq: number;
  readonly id: Id;
  readonly entries: number;
}

/** A session that holds the lock and the keys. */
export interface Writer extends Session {
  readonly now: number;
  readonly makeSalt: SaltMaker;
  readonly keys: KeyRing;
  /** Signs and appends entries to this home's own chain, as many blocks as they need; nothing at all for no entries. */
  append(entries: readonly Uint8Array[]): readonly Appended[];
}

/** Opens a home to read: every chain, or with `only` some. */
export function openSession(surroundings: Pick<Surroundings, 'home'>, options: LoadOptions = {}): Session {
  const home = openHome(surroundings.home);
  return toSession(home, loadLedger(home, options));
}

function toSession(home: Home, loaded: LoadedLedger): Session {
  return { home, ...loaded, zone: zoneOf(loaded.state) };
}

export const zoneOf = (state: ProgrammeState): string => state.policies.at(-1)?.value.time.zone ?? 'UTC';

/**
 * Opens a home to append: takes the lock, completes an append that a crash cut short, reads and verifies, unlocks the keys.
 * What `run` reads is still true when it appends.
 */
export async function withWriter<T>(
  surroundings: Surroundings,
  run: (writer: Writer) => T | Promise<T>,
  options: LoadOptions = {},
): Promise<T> {
  const home = openHome(surroundings.home);
  return withHomeLock(home.paths, home.store, surroundings.wait, async () => {
    const session = toSession(home, loadLedger(home, options));
    const inForce = (home.isBody ? session.programme : session.chains.get(home.org))?.state.keys;
    if (inForce !== undefined && !surroundings.dryRun)
      await finishRotation(home.paths, inForce, () => surroundings.passphrase());
    const keys = await unlockKeys(home.paths, () => surroundings.passphrase());
    const now = surroundings.now();
    const append = (entries: readonly Uint8Array[]): readonly Appended[] =>
      appendOwn(session, keys, now, surroundings.dryRun, entries);
    return run({ ...session, now, keys, makeSalt: keys.makeSalt, append });
  });
}

function appendOwn(
  session: Session,
  keys: KeyRing,
  time: number,
  dryRun: boolean,
  entries: readonly Uint8Array[],
): readonly Appended[] {
  if (entries.length === 0) return [];
  const { home, programme } = session;
  const own = home.isBody ? programme : session.chains.get(home.org);
  if (own === undefined)
    throw new JoulemarkError('NO_LEDGER', 'the chain of this organisation is not here', { hints: ['joulemark sync'] });
  verifyKeyInForce(own.state, keys.keyId);
  const sealed = appendBlocks({
    store: home.store,
    paths: home.paths,
    signer: keys,
    head: { state: own.state, commit: own.commit },
    seen: home.isBody ? null : { seq: programme.state.seq, id: programme.state.head },
    time,
    blocks: toBlocks(entries),
    dryRun,
  });
  return sealed.map(({ block }) => ({ seq: block.body.seq, id: block.id, entries: block.items.length }));
}

/**
 * The bytes of an entry from its schema, read back: what a reader would refuse is never signed.
 * @throws JoulemarkError USAGE naming the path.
 */
export function toEntry<T>(type: string, schema: Schema<T>, content: T): Uint8Array {
  const written = schema.write(content);
  if (!isCborMap(written)) throw new JoulemarkError('INTERNAL', `the content of '${type}' is not a map`);
  schema.read(written, type);
  return encodeEntry(type, written satisfies CborMap);
}

/** @throws JoulemarkError USAGE when this home is not the certification body's. */
export function assertBody(home: Home, what: string): void {
  if (!home.isBody)
    throw new JoulemarkError(
      'USAGE',
      `only the certification body can ${what}: this is the home of '${home.config.name}'`,
    );
}

/** @throws JoulemarkError USAGE when this home is the certification body's. */
export function assertOrganisation(home: Home, what: string): void {
  if (home.isBody) throw new JoulemarkError('USAGE', `an organisation can ${what}, the certification body cannot`);
}
