/**
 * A name for this very process, by which another process can tell later whether it is still alive: pid alone does not do,
 * pids are used again. Text without '/' or white space: `pid.start.boot.namespace.host`.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { errnoOf } from '../../system-error.ts';

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return otherwise;
  }
}

/** State letter and start time (clock ticks since boot) of a process, from /proc/<pid>/stat fields 3 and 22; null when that cannot be read. */
function processStat(pid: string): { readonly state: string; readonly start: string } | null {
  return parseStat(readOr(`/proc/${pid}/stat`, ''));
}

/** Only a file that is not there says that a process is gone: one that cannot be read says nothing. */
function isGone(pid: string, start: string): boolean {
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    // A zombie was killed and waits for its parent: it runs no code any more.
    return stat !== null && (stat.start !== start || stat.state === 'Z' || stat.state === 'X');
  } catch (error) {
    return ['ENOENT', 'ESRCH'].includes(errnoOf(error) ?? '');
  }
}

function parseStat(text: string): { readonly state: string; readonly start: string } | null {
  // The command name, field 2, is in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  return state === undefined || start === undefined ? null : { state, start };
}

function namespaceOf(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    return '';
  }
}

let own: string | null = null;

/** This process's identity. */
export function processIdentity(): string {
  own ??= [
    process.pid,
    processStat('self')?.start ?? '',
    readOr('/proc/sys/kernel/random/boot_id', '').replaceAll('-', ''),
    namespaceOf(),
    hostname()
      .replace(/[^A-Za-z0-9-]/g, '_')
      .slice(0, 63),
  ].join('.');
  return own;
}

/** The pid and host in an identity, for messages; null when the text is no identity. */
export function parseIdentity(identity: string): { readonly pid: number; readonly host: string } | null {
  const match = /^([1-9]\d{0,9})\.(\d*)\.([0-9a-f]*)\.(\d*)\.([A-Za-z0-9_-]*)$/.exec(identity);
  return match === null ? null : { pid: Number(match[1]), host: match[5] ?? '' };
}

/**
 * Whether the process of that identity may still run. Only certain death is death: a process on another host, or in another
 * pid namespace (a container), counts as alive, because from here nobody can tell.
 */
export function mayBeAlive(identity: string): boolean {
  const [pid = '', start = '', boot = '', namespace = '', host = ''] = identity.split('.');
  const [, , ownBoot = '', ownNamespace = '', ownHost = ''] = processIdentity().split('.');
  if (host !== ownHost) return true;
  if (boot !== ownBoot) return boot === '' || ownBoot === '';
  if (namespace !== ownNamespace) return true;
  if (start !== '') return !isGone(pid, start);
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
}
