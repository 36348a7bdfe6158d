import type { ExitName } from '../errors.ts';
import type { Context } from './context.ts';
import type { ArgSpecs, ArgsOf, OptionSpecs, OptionsOf } from './option.ts';
import type { Ui } from './ui.ts';

const OUTCOME = Symbol('outcome');

/** A result with an exit status other than OK: computed, but the answer is no, or not yet. */
export interface Outcome<R extends object> {
  readonly [OUTCOME]: true;
  readonly exit: ExitName;
  readonly result: R;
}

/** `return outcome('NOT_CERTIFIED', result)`: the result is printed on stdout all the same, also with --json. */
export function outcome<R extends object>(exit: ExitName, result: R): Outcome<R> {
  return { [OUTCOME]: true, exit, result };
}

/** What a command returned, with its exit status made explicit. */
export function toOutcome(returned: object): Outcome<object> {
  return isOutcome(returned) ? returned : outcome('OK', returned);
}

function isOutcome(returned: object): returned is Outcome<object> {
  return OUTCOME in returned;
}

/**
 * What a command does to the world, so that the shell can offer the right flags.
 * `read`: nothing. `append`: adds to the ledger (the shell adds --dry-run and --wait). `write`: changes other files.
 */
export type Effect = 'read' | 'append' | 'write';

/** Everything about a command but its code: help, reference pages and completions are made from this. */
export interface Declaration {
  /** The words typed: `['audit', 'sign']`. The file is `audit-sign.ts` and exports `auditSign`. */
  readonly path: readonly [string] | readonly [string, string];
  /** One line, capitalised, without a full stop. */
  readonly summary: string;
  /** Paragraphs separated by a blank line. */
  readonly description?: string;
  /** At least two whole command lines. */
  readonly examples: readonly string[];
  readonly args: ArgSpecs;
  readonly options: OptionSpecs;
  readonly effect: Effect;
  /** Every outcome that a correct call can have; INTERNAL and the signals are added by the shell. */
  readonly exits: readonly ExitName[];
}

/** A command as its author declares it. `run` returns a JSON-safe object: text, numbers, booleans, null, arrays, plain objects. */
export interface Command<A extends ArgSpecs, O extends OptionSpecs, R extends object> extends Declaration {
  readonly args: A;
  readonly options: O;
  run(context: Context, args: ArgsOf<A>, options: OptionsOf<O>): Promise<R | Outcome<R>>;
  /**
   * The result for people; pure. Every string in `result` arrives with control, ANSI and bidi characters made visible
   * (a line break too: return text of several lines as an array of lines). No trailing line break; '' prints nothing.
   */
  render(result: R, ui: Ui): string;
}

/** Any command, its types erased: `never` because only the shell may call it, after parsing against the declaration. */
export interface AnyCommand extends Declaration {
  run(context: Context, args: never, options: never): Promise<object>;
  render(result: never, ui: Ui): string;
}

/** Declares a command; only infers types. Write `run` before `render`. */
export function defineCommand<const A extends ArgSpecs, const O extends OptionSpecs, R extends object>(
  command: Command<A, O, R>,
): Command<A, O, R> {
  return command;
}
