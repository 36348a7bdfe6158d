/** A real sshd for tests: Debian's, with its own configuration, host key and user key, on a random port of the loopback interface. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const SSHD = '/usr/sbin/sshd';

/** False where there is no sshd, ssh or ssh-keygen. */
export const hasSshd: boolean =
  existsSync(SSHD) && ['ssh', 'ssh-keygen'].every((program) => spawnSync(program, ['-V']).error === undefined);

export type SshServer = {
  /** `ssh://user@127.0.0.1:port`: append the absolute path of a repository. */
  readonly url: string;
  readonly port: number;
  /** The user's side: his environment, in which ssh finds key and known hosts. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where the client's files are: `config`, `known_hosts`, `key`. */
  readonly folder: string;
  /** What sshd logged so far. */
  readonly log: () => string;
  /** Ends the server and every connection. */
  readonly close: () => Promise<void>;
};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/**
 * Starts sshd with everything it needs in `folder`. `forced`: a command that runs in place of what the client asks for. `options`: what stands
 * before the key in authorized_keys.
 */
export async function startSshServer(
  folder: string,
  options: { readonly forced?: string; readonly options?: string } = {},
): Promise<SshServer> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // sshd refuses to start as root without the folder that its service makes
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  for (const name of ['host', 'key'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  const publicKey = readFileSync(join(folder, 'key.pub'), 'utf8');
  const before = options.options ?? (options.forced === undefined ? '' : `command="${options.forced}"`);
  writeFileSync(join(folder, 'authorized_keys'), `${before} ${publicKey}`.trimStart(), { mode: 0o600 });
  const port = await freePort();
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    `PidFile ${join(folder, 'pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'MaxStartups 100',
    'AcceptEnv GIT_PROTOCOL',
  ];
  writeFileSync(join(folder, 'sshd_config'), `${lines.join('\n')}\n`);
  const host = readFileSync(join(folder, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${host}\n[localhost]:${port} ${host}\n`);
  const client = [
    'Host *',
    `  IdentityFile ${join(folder, 'key')}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${join(folder, 'known_hosts')}`,
    '  GlobalKnownHostsFile none',
    'Host hub',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  User ${userInfo().username}`,
  ];
  writeFileSync(join(folder, 'config'), `${client.join('\n')}\n`);
  let log = '';
  const server: ChildProcess = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  server.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  for (let tries = 0; !(await isListening(port)); tries++) {
    if (tries > 200 || server.exitCode !== null) throw new Error(`sshd does not start: ${log}`);
    await delay(25);
  }
  return {
    url: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    port,
    folder,
    environment: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: folder,
      GIT_SSH_COMMAND: `ssh -F ${join(folder, 'config')}`,
    },
    log: () => log,
    close: async () => {
      if (server.exitCode !== null || server.pid === undefined) return;
      const ended = new Promise((resolve) => server.once('exit', resolve));
      process.kill(server.pid, 'SIGTERM');
      await ended;
    },
  };
}
