/** A switch: `--force`. Absent is false. */
export interface FlagSpec {
  readonly description: string;
  /** One letter: `f` for `-f`. */
  readonly short?: string;
  readonly value?: undefined;
}

/**
 * An option with a value: `--period <period>`.
 * Without `parse` and `choices` the value is the text as typed. Without `default` or `required` it may be undefined.
 */
export interface ValueSpec {
  readonly description: string;
  readonly short?: string;
  /** The placeholder, with its brackets: `<period>`. */
  readonly value: `<${string}>`;
  /** Text -> value, or throws a JoulemarkError; the shell adds the name of the option and exit status 2. */
  readonly parse?: (text: string) => unknown;
  /** The only texts accepted. */
  readonly choices?: readonly string[];
  /** As it would be typed; goes through `parse`. */
  readonly default?: string;
  readonly required?: true;
  /** May be given several times; the value is then an array, empty when absent. */
  readonly repeatable?: true;
}

export type OptionSpec = FlagSpec | ValueSpec;

/** Options by name in camelCase: `appendTheRest` is `--append-the-rest`. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Arguments as shown in help: `<id>` needed, `[path]` optional, `<file...>` or `[file...]` the rest. */
export type ArgSpecs = readonly (`<${string}>` | `[${string}]`)[];

type ScalarOf<S> = S extends { readonly parse: (text: string) => infer T }
  ? T
  : S extends { readonly choices: readonly (infer C)[] }
    ? C
    : string;

type OptionOf<S> = S extends { readonly value: string }
  ? S extends { readonly repeatable: true }
    ? readonly ScalarOf<S>[]
    : S extends { readonly required: true } | { readonly default: string }
      ? ScalarOf<S>
      : ScalarOf<S> | undefined
  : boolean;

/** The typed options that a command with these declarations is run with. */
export type OptionsOf<O extends OptionSpecs> = { readonly [K in keyof O]: OptionOf<O[K]> };

type ArgOf<S> = S extends `<${string}...>` | `[${string}...]`
  ? readonly string[]
  : S extends `<${string}>`
    ? string
    : string | undefined;

/** The typed arguments that a command with these declarations is run with. */
export type ArgsOf<A extends ArgSpecs> = { readonly [K in keyof A]: ArgOf<A[K]> };

/** For option declarations that live outside `defineCommand`, so that several commands share them. */
export function defineOptions<const O extends OptionSpecs>(options: O): O {
  return options;
}

/** `appendTheRest` -> `--append-the-rest`. */
export function toFlag(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
