import { existsSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withLock } from '../../../src/ledger/store/lock.ts';
import { mayBeAlive, parseIdentity, processIdentity } from '../../../src/ledger/store/process-identity.ts';
import { withScratch } from '../../support/git.ts';

const [pid = '', start = '', boot = '', namespace = '', host = ''] = processIdentity().split('.');

test('the holder is named, with its pid, until it is done', () =>
  withScratch(async (scratch) => {
    const path = join(scratch, 'lock');
    await withLock(path, {}, async () => {
      await expect(withLock(path, {}, () => 'never')).rejects.toThrow(
        expect.objectContaining({
          code: 'LOCKED',
          message: expect.stringContaining(`process ${process.pid}`),
          details: expect.objectContaining({ pid: process.pid }),
        }),
      );
    });
    expect(readdirSync(scratch)).toEqual([]);
    expect(await withLock(path, {}, () => 'free')).toBe('free');
  }));

test('waits for as long as it is told', () =>
  withScratch(async (scratch) => {
    const path = join(scratch, 'lock');
    let release = (): void => undefined;
    const held = withLock(
      path,
      {},
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    await expect(withLock(path, { wait: 60 }, () => undefined)).rejects.toThrow(/held/);
    const waiting = withLock(path, { wait: 5000 }, () => 'then me');
    setTimeout(() => release(), 30);
    expect(await waiting).toBe('then me');
    await held;
  }));

test('comes free when the work throws', () =>
  withScratch(async (scratch) => {
    const path = join(scratch, 'lock');
    await expect(
      withLock(path, {}, () => {
        throw new Error('work failed');
      }),
    ).rejects.toThrow('work failed');
    expect(existsSync(path)).toBe(false);
  }));

test('the lock of a dead process is taken over, also when a recoverer died in the middle', () =>
  withScratch(async (scratch) => {
    const path = join(scratch, 'lock');
    const dead = [
      `${pid}.1.${boot}.${namespace}.${host}!0-1-a`,
      `4194304.${start}.${boot}.${namespace}.${host}!0-1-b`,
      `${pid}.${start}.0000.${namespace}.${host}!0-1-c`,
    ];
    for (const token of dead) {
      symlinkSync(token, path);
      expect(await withLock(path, {}, () => readlinkSync(path))).not.toBe(token);
      expect(readdirSync(scratch)).toEqual([]);
    }
    // A recoverer that died while it held the guard, having made its own link already.
    symlinkSync(dead[0] as string, path);
    await expect(
      withLock(
        path,
        {
          now: () => {
            throw new Error('stop here');
          },
        },
        () => undefined,
      ),
    ).rejects.toThrow('stop here');
    const taken: string[] = [];
    await withLock(path, {}, () => {
      taken.push(...readdirSync(scratch));
    });
    expect(taken).toEqual(['lock']);
  }));

test('a lock that cannot be judged from here counts as held', () =>
  withScratch(async (scratch) => {
    const elsewhere = [
      `${pid}.1.${boot}.${namespace}.other-host`,
      `${pid}.1.${boot}.${Number(namespace || '0') + 1}.${host}`,
    ];
    for (const [index, identity] of elsewhere.entries()) {
      const path = join(scratch, `lock${index}`);
      symlinkSync(`${identity}!0-1-a`, path);
      await expect(withLock(path, {}, () => undefined)).rejects.toThrow(expect.objectContaining({ code: 'LOCKED' }));
    }
  }));

test('a plain file as lock (no symbolic links there) works the same; a half-written one counts as held', () =>
  withScratch(async (scratch) => {
    const path = join(scratch, 'lock');
    writeFileSync(path, `${pid}.1.${boot}.${namespace}.${host}!0-1-a\n`);
    expect(await withLock(path, {}, () => 'taken over')).toBe('taken over');
    writeFileSync(path, `${pid}.1.${boot}`);
    await expect(withLock(path, {}, () => undefined)).rejects.toThrow(expect.objectContaining({ code: 'LOCKED' }));
  }));

test('an identity names pid and host, and this process lives', () => {
  expect(parseIdentity(processIdentity())).toEqual({ pid: process.pid, host });
  expect(parseIdentity('somebody')).toBeNull();
  expect(mayBeAlive(processIdentity())).toBe(true);
});

test('what recoverers left that were killed when they had the lock goes with the next take-over, and no other file', () =>
  withScratch(async (scratch) => {
    const path = join(scratch, 'lock');
    const dead = `${pid}.1.${boot}.${namespace}.${host}!0-1-a`;
    for (const name of ['lock', 'lock~0123456789abcdef', 'lock~0123456789abcdef.new'])
      symlinkSync(dead, join(scratch, name));
    const kept = ['lock~notes', 'other-lock~0123456789abcdef'];
    for (const name of kept) writeFileSync(join(scratch, name), '');
    await withLock(path, {}, () => undefined);
    expect(readdirSync(scratch).toSorted()).toEqual(kept);
  }));
