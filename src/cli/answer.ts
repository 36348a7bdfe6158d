import { EXIT_STATUS, JoulemarkError } from '../errors.ts';
import { SUMMARIES } from '../commands/summaries.ts';
import { toOverview } from './help.ts';
import type { Request } from './resolve.ts';
import { SOUGHT } from './sought.ts';
import { suggest } from './suggest.ts';
import type { World } from './world.ts';

/** Answers a command line that names no command: an overview, or what is wrong with it. */
export async function answer(
  world: World,
  request: Exclude<Request, { kind: 'command' } | { kind: 'version' }>,
): Promise<number> {
  if (request.kind === 'unknown') throw toUnknownError(request.word, request.candidates);
  const overview = toOverview(SUMMARIES, request.noun);
  if (request.kind === 'help') {
    await world.stdout.write(overview);
    return EXIT_STATUS.OK;
  }
  throw new JoulemarkError('USAGE', `'${request.noun}' needs a verb: ${toVerbs(request.noun).join(', ')}`, {
    hints: [`for what each does: joulemark ${request.noun} --help`],
  });
}

function toVerbs(noun: string): readonly string[] {
  return SUMMARIES.filter(({ path }) => path[0] === noun).map(({ path }) => path[1] ?? '');
}

function toUnknownError(word: string, candidates: readonly string[]): JoulemarkError {
  const instead = SOUGHT.get(word);
  const near = instead === undefined ? suggest(word, candidates) : undefined;
  const kind = word.startsWith('-') ? 'option' : 'command';
  return new JoulemarkError('USAGE', `unknown ${kind} '${word}'`, {
    hints: [
      ...(instead ?? []),
      ...(near === undefined ? [] : [`did you mean: joulemark ${near}`]),
      'for all commands: joulemark --help',
    ],
  });
}
