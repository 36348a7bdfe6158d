/**
 * The environment that system git is run in: nothing of the user's or the system's git configuration, no prompts, no hooks, one protocol.
 * What ssh needs of the user stays: his agent, his home, his ~/.ssh/config, and a GIT_SSH_COMMAND of his own.
 */
import { join } from 'node:path';
import { PROGRAMME_REF } from '../git/ref-name.ts';
import { createDirectory } from '../store/folders.ts';
import { createPlainFile } from '../store/files.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that git, ssh and their helpers may need; every other GIT_ one could redirect what is run or read. */
const PASSED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'SSH_AUTH_SOCK', 'KRB5CCNAME', 'XDG_RUNTIME_DIR'];

/** Nobody is asked, a dead connection is noticed within a minute, and the server gets nothing of ours but the repository's bytes. */
const SSH_OPTIONS = [
  'BatchMode=yes',
  'ConnectTimeout=30',
  'ServerAliveInterval=15',
  'ServerAliveCountMax=4',
  'ForwardAgent=no',
  'ForwardX11=no',
  'ClearAllForwardings=yes',
]
  .map((option) => ` -o ${option}`)
  .join('');

/** Only what is set. */
export const definedOf = (environment: Environment): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined));

function sshCommand(user: Environment): Record<string, string> {
  const own = user['GIT_SSH_COMMAND'] ?? '';
  const variant = user['GIT_SSH_VARIANT'] ?? '';
  // another program than OpenSSH takes other options: it is the user's own choice, and is run as it is
  if (variant !== '' && variant !== 'ssh')
    return { GIT_SSH_COMMAND: own === '' ? 'ssh' : own, GIT_SSH_VARIANT: variant };
  return { GIT_SSH_COMMAND: `${own === '' ? 'ssh' : own}${SSH_OPTIONS}`, GIT_SSH_VARIANT: 'ssh' };
}

/** The environment for git in `directory`, an own repository. */
export function gitEnvironment(user: Environment, directory: string): Readonly<Record<string, string>> {
  return {
    ...definedOf(Object.fromEntries(PASSED.map((name) => [name, user[name]]))),
    ...sshCommand(user),
    LC_ALL: 'C',
    GIT_DIR: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS_REQUIRE: 'never',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
  };
}

/** Options before every git command over the protocol `scheme`: nothing is started but what the command itself needs. */
export const gitOptions = (scheme: string): readonly string[] => [
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.fsmonitor=false',
  // the store's objects are seen, its configuration is not even opened
  '-c',
  'core.alternateRefsCommand=true',
  '-c',
  'protocol.allow=never',
  '-c',
  `protocol.${scheme}.allow=always`,
  '-c',
  'gc.auto=0',
  '-c',
  'maintenance.auto=false',
];

/** Makes as much of a bare repository in `directory` as git asks for. */
export function createScratchRepository(directory: string): void {
  for (const folder of ['objects/info', 'objects/pack', 'refs']) createDirectory(join(directory, folder));
  createPlainFile(join(directory, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
  createPlainFile(join(directory, 'HEAD'), `ref: ${PROGRAMME_REF}\n`);
}
