import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { JoulemarkError } from '../errors.ts';

export const HOME_NAME = '.joulemark';

/** What decides where the home is. */
export interface HomeChoice {
  readonly cwd: string;
  readonly flag: string | undefined;
  readonly env: string | undefined;
}

function toChosenHome({ cwd, flag, env }: HomeChoice): string | undefined {
  const chosen = flag ?? (env === '' ? undefined : env);
  return chosen === undefined ? undefined : resolve(cwd, chosen);
}

/** Where a new home goes: --home, JOULEMARK_HOME, or `.joulemark` in the current folder. */
export function toNewHome(choice: HomeChoice): string {
  return toChosenHome(choice) ?? join(choice.cwd, HOME_NAME);
}

/** The home to work in: --home, JOULEMARK_HOME, or the nearest `.joulemark` upwards. Throws NO_LEDGER. */
export function findHome(choice: HomeChoice): string {
  const chosen = toChosenHome(choice);
  if (chosen !== undefined) {
    const inside = join(chosen, HOME_NAME);
    if (existsSync(inside) && !existsSync(join(chosen, 'config.yaml')))
      throw new JoulemarkError('NO_LEDGER', `no home at '${chosen}', it lies in it`, { hints: [`--home '${inside}'`] });
    if (existsSync(chosen)) return chosen;
    throw new JoulemarkError('NO_LEDGER', `no home at '${chosen}'`, {
      hints: [`to make one there: joulemark init --home '${chosen}'`],
    });
  }
  for (let folder = choice.cwd; ; folder = dirname(folder)) {
    const home = join(folder, HOME_NAME);
    if (existsSync(home)) return home;
    if (dirname(folder) === folder) break;
  }
  throw new JoulemarkError('NO_LEDGER', `no ledger here: no '${HOME_NAME}' in '${choice.cwd}' or above it`, {
    hints: ['to make one here: joulemark init', 'to use one elsewhere: --home <folder>, or set JOULEMARK_HOME'],
  });
}
