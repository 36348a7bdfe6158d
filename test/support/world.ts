import { publicKeyOf } from '#primitives';
import { hmacSha256, sha256 } from '../../src/crypto/hash.ts';
import { encodeEntry } from '../../src/ledger/entry.ts';
import type { Block } from '../../src/ledger/block.ts';
import { type Branch, toBranch } from '../../src/ledger/branch.ts';
import type { ChainState } from '../../src/ledger/chain.ts';
import type { Id } from '../../src/ledger/codec/id.ts';
import type { CborMap, CborValue } from '../../src/ledger/codec/value.ts';
import type { Schema } from '../../src/ledger/codec/schema.ts';
import { broadcastContent, foundContent, joinContent, rotateContent } from '../../src/ledger/entries.ts';
import { keyIdOf } from '../../src/ledger/key-id.ts';
import { sealBlock } from '../../src/ledger/seal.ts';
import { toPackageContent, type PackagePayload } from '../../src/programme/package.ts';
import { packageContent, type PackageContent } from '../../src/programme/entries.ts';
import { replay, type Replay, type ReplayOptions } from '../../src/programme/replay.ts';

/** An age recipient that no test ever seals to. */
const RECIPIENT = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';

/** One chain with its secrets, in memory. */
export interface Actor {
  readonly name: string;
  seed: string;
  state: ChainState;
  readonly blocks: Block[];
  readonly records: Uint8Array[];
  readonly id: Id;
  makeSalt(message: Uint8Array): Uint8Array;
}

/** A secret of 32 bytes from a word, so that every run has the same keys. */
export const seedBytes = (word: string): Uint8Array => sha256(new TextEncoder().encode(`joulemark test ${word}`));

export function entryOf<T>(type: string, schema: Schema<T>, content: T): Uint8Array {
  return encodeEntry(type, schema.write(content) as CborMap);
}

/** A whole ledger in memory: real blocks, real signatures, an injected clock. */
export interface World {
  readonly ledger: Id;
  readonly body: Actor;
  readonly actors: Map<Id, Actor>;
  time: number;
  join(name: string, more?: { readonly keySeed?: string }): Actor;
  append(actor: Actor, ...entries: Uint8Array[]): Block;
  /** Reveals the key that the actor has announced, that of the word `<seed> next`, and goes on with it. */
  rotate(actor: Actor): Block;
  broadcast(...more: Uint8Array[]): Block;
  packageOf(
    actor: Actor,
    meter: string,
    kind: string,
    start: number,
    end: number,
    payload: PackagePayload,
  ): PackageContent;
  replay(options?: ReplayOptions): Replay;
}

export function createWorld(policy: CborValue, time: number): World {
  const actors = new Map<Id, Actor>();
  const body = found(policy, time);
  const covered = new Map<Id, number>();
  const world: World = {
    ledger: body.id,
    body,
    actors,
    time,
    join: (name, { keySeed = name } = {}) => {
      const keys = keysOf(keySeed);
      const content = joinContent.write({
        name,
        key: keys.publicKey,
        next: keyIdOf(keysOf(`${keySeed} next`).publicKey),
        recipient: RECIPIENT,
      });
      const sealed = sealBlock({
        state: null,
        ledger: body.id,
        seen: { seq: body.state.seq, id: body.state.head },
        time: world.time,
        entries: [encodeEntry('join', content as CborMap)],
        ...keys,
      });
      const actor = toActor(name, keySeed, sealed);
      actors.set(actor.id, actor);
      return actor;
    },
    append: (actor, ...entries) => {
      const seen = actor === body ? null : { seq: body.state.seq, id: body.state.head };
      const sealed = sealBlock({ state: actor.state, seen, time: world.time, entries, ...keysOf(actor.seed) });
      actor.state = sealed.state;
      actor.blocks.push(sealed.block);
      actor.records.push(sealed.record);
      return sealed.block;
    },
    rotate: (actor) => {
      actor.seed = `${actor.seed} next`;
      const content = rotateContent.write({
        key: keysOf(actor.seed).publicKey,
        next: keyIdOf(keysOf(`${actor.seed} next`).publicKey),
      });
      return world.append(actor, encodeEntry('rotate', content as CborMap));
    },
    broadcast: (...more) => {
      const heads = [...actors.values()]
        .filter((actor) => (covered.get(actor.id) ?? -1) < actor.state.seq)
        .map((actor) => ({ org: actor.id, seq: actor.state.seq, block: actor.state.head }))
        .sort((a, b) => (a.org < b.org ? -1 : 1));
      for (const head of heads) covered.set(head.org, head.seq);
      return world.append(body, entryOf('broadcast', broadcastContent, { heads }), ...more);
    },
    packageOf: (actor, meter, kind, start, end, payload) =>
      toPackageContent({ org: actor.id, meter, kind, start, end }, payload, (message) => actor.makeSalt(message)),
    replay: (options) =>
      replay(
        body.blocks,
        {
          ledger: body.id,
          branches: (org): readonly Branch[] => {
            const actor = actors.get(org);
            return actor === undefined ? [] : [toBranch(actor.blocks)];
          },
          organisations: () => actors.keys(),
          programmeId: (seq) => body.blocks[seq]?.id,
        },
        options,
      ),
  };
  return world;
}

/** A package entry for `append`. */
export const packageEntry = (content: PackageContent): Uint8Array => entryOf('package', packageContent, content);

function keysOf(seed: string): { readonly secretKey: Uint8Array; readonly publicKey: Uint8Array } {
  const secretKey = seedBytes(seed);
  return { secretKey, publicKey: publicKeyOf(secretKey) };
}

function found(policy: CborValue, time: number): Actor {
  const seed = 'certification body';
  const keys = keysOf(seed);
  const content = foundContent.write({
    name: 'Certification body',
    key: keys.publicKey,
    next: keyIdOf(keysOf(`${seed} next`).publicKey),
    recipient: RECIPIENT,
  });
  const entries = [encodeEntry('found', content as CborMap), encodeEntry('policy', new Map([['document', policy]]))];
  return toActor('Certification body', seed, sealBlock({ state: null, seen: null, time, entries, ...keys }));
}

function toActor(name: string, seed: string, sealed: ReturnType<typeof sealBlock>): Actor {
  const secret = seedBytes(`${name} commit`);
  return {
    name,
    seed,
    state: sealed.state,
    blocks: [sealed.block],
    records: [sealed.record],
    id: sealed.state.id,
    makeSalt: (message) => hmacSha256(secret, message),
  };
}
