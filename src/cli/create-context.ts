import { resolve } from 'node:path';
import type { Context } from './context.ts';
import type { ShellOptions } from './global-options.ts';
import { findHome, toNewHome, type HomeChoice } from './home.ts';
import { obtainPassphrase } from './passphrase.ts';
import { performCommand } from './perform-command.ts';
import { createProgress } from './progress.ts';
import { createPrompt } from './prompt.ts';
import { readInput } from './read-input.ts';
import { toSafeText } from '../safe-text.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';
import { writeOutput } from './write-output.ts';

/** The context of one run of a command. Nothing is looked for, opened or asked before the command wants it. */
export function createContext(world: World, shell: ShellOptions, signal: AbortSignal): Context {
  const homeChoice: HomeChoice = { cwd: world.cwd, flag: shell.home, env: world.env['JOULEMARK_HOME'] };
  const talkative = !shell.quiet && !shell.json;
  let home: string | undefined;
  let passphrase: Promise<string> | undefined;
  return {
    get home() {
      return (home ??= findHome(homeChoice));
    },
    newHome: toNewHome(homeChoice),
    cwd: world.cwd,
    env: world.env,
    version: VERSION,
    dryRun: shell.dryRun,
    wait: shell.wait,
    signal,
    get stdin() {
      return world.stdin;
    },
    get prompt() {
      return createPrompt(world.terminal);
    },
    now: () => world.now(),
    random: (length) => world.random(length),
    resolve: (path) => resolve(world.cwd, path),
    readInput: (path) => readInput(world, path),
    writeOutput: (path, bytes, more = {}) => writeOutput(world, path, bytes, more.overwrite ?? false),
    passphrase: (more = {}) => (passphrase ??= obtainPassphrase(world, shell.passphraseFile, more)),
    hasPassphraseFile: shell.passphraseFile !== undefined,
    progress: (label, total) => createProgress(world.stderr, label, total, talkative),
    note(text) {
      if (!talkative) return;
      // A lost note is no reason to fail: it says nothing that the result does not.
      world.stderr.write(`${toSafeText(text)}\n`).catch(() => {});
    },
    async say(text) {
      if (talkative) await world.stdout.write(`${text.split('\n').map(toSafeText).join('\n')}\n`);
    },
    perform: (argv, scene) => performCommand(world, argv, scene),
  };
}
