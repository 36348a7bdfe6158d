import type { Request } from './cli/resolve.ts';
import { createProcessWorld } from './cli/process-world.ts';
import { resolveRequest } from './cli/resolve.ts';
import { VERSION } from './cli/version.ts';
import type { World } from './cli/world.ts';
import { COMMANDS } from './commands/index.ts';

/**
 * A whole run: command line -> exit status. Everything printed goes through `world`.
 * Libraries are imported where they are needed: `--version` loads none, a command only its own.
 */
export async function main(
  argv: readonly string[] = process.argv.slice(2),
  world: World = createProcessWorld(),
): Promise<number> {
  try {
    const request = resolveRequest(argv, COMMANDS);
    if (request.kind === 'version') {
      await world.stdout.write(`joulemark ${VERSION}\n`);
      return 0;
    }
    return await serve(world, request);
  } catch (error) {
    const { printFailure } = await import('./cli/run-command.ts');
    return printFailure(world, error, wantsJson(argv));
  }
}

async function serve(world: World, request: Exclude<Request, { kind: 'version' }>): Promise<number> {
  if (request.kind !== 'command') {
    const { answer } = await import('./cli/answer.ts');
    return answer(world, request);
  }
  const [{ parseCommandLine }, { runCommand }, command] = await Promise.all([
    import('./cli/program.ts'),
    import('./cli/run-command.ts'),
    request.entry.load(),
  ]);
  const parsed = parseCommandLine(command, request.argv);
  if (parsed.kind === 'run') return runCommand(world, command, parsed);
  await world.stdout.write(parsed.text);
  return 0;
}

/** The command line may not have been understood, so this looks for the flag itself. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json');
}
