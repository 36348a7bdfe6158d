import type { Declaration } from './command.ts';
import { APPEND_OPTIONS, GLOBAL_OPTIONS } from './global-options.ts';
import { toFlag, type OptionSpecs } from './option.ts';

/** What the overview and the completions need to know of a command. Generated, so that neither has to load all commands. */
export interface Summary {
  readonly path: readonly string[];
  readonly summary: string;
  readonly options: readonly OptionSummary[];
}

export interface OptionSummary {
  readonly flag: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** The flags of every command. */
export const GLOBAL_SUMMARIES: readonly OptionSummary[] = toOptionSummaries(GLOBAL_OPTIONS);

/** The summary of a command, without the flags that every command has. */
export function toSummary({ path, summary, options, effect }: Declaration): Summary {
  const appending = effect === 'append' ? toOptionSummaries(APPEND_OPTIONS) : [];
  return { path, summary, options: [...toOptionSummaries(options), ...appending] };
}

function toOptionSummaries(specs: OptionSpecs): OptionSummary[] {
  return Object.entries(specs).map(([name, spec]) => ({
    flag: toFlag(name),
    description: spec.description,
    takesValue: spec.value !== undefined,
    choices: spec.value === undefined ? [] : (spec.choices ?? []),
  }));
}
