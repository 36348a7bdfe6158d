import { spawnSync } from 'node:child_process';
import { type ErrorCode, JoulemarkError } from '../errors.ts';
import { openTransport, type TransportOptions } from '../ledger/remote/remote.ts';
import { kindOfPath } from '../ledger/store/read-files.ts';
import { readHighWaterMark } from '../ledger/store/high-water-mark.ts';
import { readJournal } from '../ledger/store/journal.ts';
import { withLock } from '../ledger/store/lock.ts';
import { ownChain } from './append-entry.ts';
import type { HomeConfig } from './config.ts';
import { idOfSecret } from './finish-rotation.ts';
import { readHomeConfig } from './home.ts';
import { findOpenKeyPaths } from './key-file-mode.ts';
import { isKeyFileEncrypted, readKeys, secretFor } from './key-ring.ts';
import type { HomePaths } from './paths.ts';
import { openSession, type Session } from './session.ts';

/** One thing looked at. `code`: the exit status that a bad one asks for. */
export interface HomeCheck {
  readonly check: string;
  readonly outcome: 'good' | 'warning' | 'bad';
  readonly found: string;
  readonly hints: readonly string[];
  readonly code: ErrorCode | null;
}

const good = (check: string, found: string): HomeCheck => ({ check, outcome: 'good', found, hints: [], code: null });
const warning = (check: string, found: string, hints: readonly string[] = []): HomeCheck => ({
  check,
  outcome: 'warning',
  found,
  hints,
  code: null,
});
const bad = (check: string, found: string, hints: readonly string[], code: ErrorCode = 'FAILED'): HomeCheck => ({
  check,
  outcome: 'bad',
  found,
  hints,
  code,
});

/** What a step found, or what stopped it as a bad check: one broken thing keeps no other from being looked at. */
async function attempt(
  check: string,
  run: () => readonly HomeCheck[] | Promise<readonly HomeCheck[]>,
): Promise<readonly HomeCheck[]> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof JoulemarkError) || error.code === 'INTERNAL') throw error;
    return [bad(check, error.message, error.hints, error.code)];
  }
}

/** Looks at everything a home rests on. `online`: also asks the remotes. Changes nothing. */
export async function checkHome(
  directory: string,
  surroundings: { readonly now: number; readonly online: boolean; readonly reach?: TransportOptions },
): Promise<readonly HomeCheck[]> {
  const { paths, config } = readHomeConfig(directory);
  const checks = [
    ...(await attempt('configuration', () => [good('configuration', `${paths.config}: '${config.name}'`)])),
    ...(await attempt('keys', () => checkKeys(paths))),
    ...(await attempt('lock', () => checkLock(paths))),
    ...(await attempt('journal', () => checkJournal(paths))),
    ...(await attempt('ledger', () => checkLedger(directory, config, surroundings.now))),
    checkGit(),
  ];
  for (const [name, url] of surroundings.online ? (config.remotes ?? []) : [])
    checks.push(...(await attempt(`remote ${name}`, () => checkRemote(name, url, surroundings.reach ?? {}))));
  return checks;
}

function checkKeys(paths: HomePaths): readonly HomeCheck[] {
  const checks: HomeCheck[] = findOpenKeyPaths(paths).map(({ path, mode, hint }) =>
    bad('keys', `others can read '${path}' (mode ${mode})`, [hint], 'KEY_UNAVAILABLE'),
  );
  if (kindOfPath(paths.keyFile) === 'absent')
    return [
      ...checks,
      bad('keys', `no key file at '${paths.keyFile}'`, ['put it back from your backup'], 'KEY_UNAVAILABLE'),
    ];
  if (checks.length === 0)
    checks.push(
      good(
        'keys',
        isKeyFileEncrypted(paths.keyFile) ? 'encrypted, readable by you only' : 'not encrypted, readable by you only',
      ),
    );
  if (kindOfPath(paths.stagedKeyFile) !== 'absent')
    checks.push(warning('keys', 'a rotation was begun and not completed', ['joulemark key rotate']));
  if (kindOfPath(paths.nextKeyFile) === 'absent') checks.push(good('next key', 'kept elsewhere'));
  else
    checks.push(
      warning('next key', `still beside the signing key: who steals one has both`, [
        `move '${paths.nextKeyFile}' to another place, offline`,
      ]),
    );
  return checks;
}

async function checkLock(paths: HomePaths): Promise<readonly HomeCheck[]> {
  return withLock(paths.lock, {}, () => [good('lock', 'free')]);
}

function checkJournal(paths: HomePaths): readonly HomeCheck[] {
  const entry = readJournal(paths.journal);
  if (entry === null) return [good('journal', 'empty: no append was cut short')];
  return [
    warning('journal', `an append of ${entry.records.length} blocks to '${entry.ref}' was cut short`, [
      'joulemark sync, or any command that appends, completes it',
    ]),
  ];
}

async function checkLedger(directory: string, config: HomeConfig, now: number): Promise<readonly HomeCheck[]> {
  if (config.ledger === undefined)
    return [
      warning('ledger', 'none joined yet', [
        'joulemark join <remote> --ledger <id>',
        'a certification body: joulemark programme create policy.yaml',
      ]),
    ];
  const session = openSession({ home: directory }, { decisions: 'as-signed' });
  const { programme, chains, state } = session;
  const blocks = programme.blocks.length + [...chains.values()].reduce((sum, chain) => sum + chain.blocks.length, 0);
  const errors = state.findings.filter(({ level }) => level === 'error');
  return [
    good('ledger', `${blocks} blocks in ${chains.size + 1} chains, verified, as pinned`),
    ...errors
      .slice(0, 5)
      .map(({ code, message }) => bad('ledger', `${code}: ${message}`, ['joulemark verify'], 'VERIFY_FAILED')),
    ...(await attempt('signing key', () => checkSigningKey(session))),
    checkClock(programme.state.time, now),
  ];
}

async function checkSigningKey(session: Session): Promise<readonly HomeCheck[]> {
  const { paths } = session.home;
  const { state } = ownChain(session);
  const mark = readHighWaterMark(paths.highWaterMark);
  const checks: HomeCheck[] = [];
  if (!isKeyFileEncrypted(paths.keyFile)) {
    const keys = await readKeys(paths.keyFile, () =>
      Promise.reject(new JoulemarkError('KEY_UNAVAILABLE', 'the key file is encrypted')),
    );
    const found = idOfSecret(secretFor(keys, 'sign', paths.keyFile));
    if (found !== state.keys.currentId)
      checks.push(
        bad(
          'signing key',
          `the key file holds ${found.slice(0, 8)}, in force is ${state.keys.currentId.slice(0, 8)}`,
          ['joulemark key rotate completes a rotation that was cut short'],
          'KEY_UNAVAILABLE',
        ),
      );
  }
  if (
    mark !== null &&
    mark.keyId === state.keys.currentId &&
    mark.seq > state.seq &&
    readJournal(paths.journal) === null
  ) {
    checks.push(
      bad(
        'signing key',
        `it has signed block ${mark.seq}, and the chain here ends at ${state.seq}: it looks like a restored backup`,
        ['joulemark sync', 'if the later blocks are lost everywhere: joulemark key rotate'],
        'DIVERGED',
      ),
    );
  }
  return checks.length === 0
    ? [good('signing key', `${state.keys.currentId.slice(0, 8)}, in force, at block ${state.seq}`)]
    : checks;
}

/** Spec section 8: a programme block more than an hour ahead of the clock is not taken yet. */
function checkClock(newest: number, now: number): HomeCheck {
  const ahead = newest - now;
  if (ahead <= 0) return good('clock', 'not behind the newest programme block');
  const found = `${ahead} seconds behind the newest programme block`;
  return ahead > 3600
    ? bad('clock', found, ['set the clock of this machine'])
    : warning('clock', found, ['set the clock of this machine']);
}

function checkGit(): HomeCheck {
  const { stdout, status } = spawnSync('git', ['--version'], { encoding: 'utf8', timeout: 5000 });
  return status === 0 ? good('git', stdout.trim()) : good('git', 'not installed: needed for remotes over ssh only');
}

async function checkRemote(name: string, url: string, reach: TransportOptions): Promise<readonly HomeCheck[]> {
  const refs = await openTransport(url, reach).listRefs();
  return [
    refs.size === 0
      ? warning(`remote ${name}`, `${url}: reached, empty`, ['joulemark sync'])
      : good(`remote ${name}`, `${url}: reached, ${refs.size} chains`),
  ];
}
