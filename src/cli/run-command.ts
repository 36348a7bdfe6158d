import { EXIT_STATUS, JoulemarkError } from '../errors.ts';
import { toOutcome, type AnyCommand, type Outcome } from './command.ts';
import { createContext } from './create-context.ts';
import { toFailure, toFailureJson, toFailureText, toStackText } from './failure.ts';
import type { ShellOptions } from './global-options.ts';
import { assertJsonSafe, toJsonLine } from './json-line.ts';
import { createMarkup } from './markup.ts';
import { paint } from './paint.ts';
import type { Parsed } from './program.ts';
import { toSafeValue } from '../safe-text.ts';
import type { World } from './world.ts';

/** Runs a command and prints its result. Resolves to the exit status; rejects with whatever stopped the command. */
export async function runCommand(world: World, command: AnyCommand, parsed: Parsed): Promise<number> {
  const { shell, args, options } = parsed;
  const stopped = new AbortController();
  let stop = (): void => {};
  const interrupted = new Promise<never>((_, reject) => {
    stop = world.onSignal((signal) => {
      const error = new JoulemarkError(signal, signal === 'SIGINT' ? 'interrupted' : 'asked to end');
      stopped.abort(error);
      reject(error);
    });
  });
  try {
    const context = createContext(world, shell, stopped.signal);
    const returned = await Promise.race([command.run(context, args as never, options as never), interrupted]);
    const { exit, result } = toOutcome(returned);
    assertJsonSafe(result);
    await printResult(world, command, shell, { exit, result });
    if (shell.dryRun) context.note('dry run: nothing was written');
    return EXIT_STATUS[exit];
  } finally {
    stop();
  }
}

async function printResult(
  world: World,
  command: AnyCommand,
  shell: ShellOptions,
  { exit, result }: Pick<Outcome<object>, 'exit' | 'result'>,
): Promise<void> {
  if (shell.json) {
    await world.stdout.write(toJsonLine(result));
    return;
  }
  if (shell.quiet && exit === 'OK') return;
  const markup = createMarkup();
  // The one place where text from outside meets the terminal: made safe before `render` sees it, so no render can forget.
  const text = command.render(toSafeValue(result) as never, markup.ui);
  if (text === '') return;
  await world.stdout.write(`${await paint(text, markup, wantsColor(world, shell))}\n`);
}

/** `--color` decides; on `auto` a terminal that does not object. https://no-color.org */
function wantsColor({ stdout, env }: World, { color }: ShellOptions): boolean {
  if (color !== 'auto') return color === 'always';
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return stdout.isTerminal && !refused;
}

/** Prints what stopped a command and gives its exit status. */
export async function printFailure(world: World, thrown: unknown, json: boolean): Promise<number> {
  const failure = toFailure(thrown);
  await world.stderr.write(json ? toFailureJson(failure) : toFailureText(failure));
  if ((world.env['JOULEMARK_DEBUG'] ?? '') !== '') await world.stderr.write(toStackText(failure));
  return EXIT_STATUS[failure.code];
}
