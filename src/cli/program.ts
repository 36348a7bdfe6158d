import { Command as Program, CommanderError, Option } from 'commander';
import { JoulemarkError } from '../errors.ts';
import type { AnyCommand, Declaration } from './command.ts';
import { toHelpTail } from './help.ts';
import { APPEND_OPTIONS, GLOBAL_OPTIONS, type ShellOptions } from './global-options.ts';
import { toFlag, type OptionSpec, type OptionSpecs } from './option.ts';

/** A command line understood: what the command gets, and what the shell keeps. */
export interface Parsed {
  readonly kind: 'run';
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly shell: ShellOptions;
}

/** A command line that asked for help. */
export interface HelpWanted {
  readonly kind: 'help';
  readonly text: string;
}

/** The command line of one command, parsed. Throws USAGE with a hint. */
export function parseCommandLine(command: AnyCommand, argv: readonly string[]): Parsed | HelpWanted {
  const program = createProgram(command);
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return { kind: 'help', text: toHelp(command) };
    throw toUsageError(command, error);
  }
  const given = program.opts<Readonly<Record<string, unknown>>>();
  const options = Object.fromEntries(
    Object.keys(command.options).map((name) => [name, given[name] ?? toAbsent(command.options[name])]),
  );
  return {
    kind: 'run',
    args: program.processedArgs,
    options,
    shell: { json: false, quiet: false, dryRun: false, wait: 0, ...given } as unknown as ShellOptions,
  };
}

/** The whole help of a command: usage, options, examples, exit status. */
export function toHelp(command: Declaration): string {
  return `${createProgram(command).helpInformation()}${toHelpTail(command)}`;
}

function createProgram(command: Declaration): Program {
  const program = new Program(`joulemark ${command.path.join(' ')}`);
  const about = command.description === undefined ? command.summary : `${command.summary}.\n\n${command.description}`;
  program
    .description(about)
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .configureHelp({ helpWidth: 100 })
    .addHelpOption(new Option('-h, --help', 'show this help').helpGroup('Options of every command:'));
  for (const spec of command.args) program.argument(spec);
  addOptions(program, command.options, 'Options:');
  if (command.effect === 'append') addOptions(program, APPEND_OPTIONS, 'Options:');
  addOptions(program, GLOBAL_OPTIONS, 'Options of every command:');
  return program;
}

function addOptions(program: Program, specs: OptionSpecs, group: string): void {
  for (const [name, spec] of Object.entries(specs)) program.addOption(toOption(name, spec).helpGroup(group));
}

function toOption(name: string, spec: OptionSpec): Option {
  const flag = toFlag(name);
  const flags = spec.short === undefined ? flag : `-${spec.short}, ${flag}`;
  if (spec.value === undefined) return new Option(flags, spec.description);
  const option = new Option(`${flags} ${spec.value}`, spec.description);
  if (spec.choices !== undefined) option.choices(spec.choices);
  const parse = toParser(flag, spec.parse, spec.choices);
  option.argParser(spec.repeatable === true ? (text, before) => [...toList(before), parse(text)] : parse);
  if (spec.default !== undefined) option.default(parse(spec.default), spec.default);
  if (spec.required === true) option.makeOptionMandatory();
  return option;
}

function toList(before: unknown): readonly unknown[] {
  return Array.isArray(before) ? before : [];
}

/** A parser that names its option in the error, whatever the error's code was in the module that it came from. */
function toParser(
  flag: string,
  parse: ((text: string) => unknown) | undefined,
  choices: readonly string[] | undefined,
): (text: string) => unknown {
  return (text) => {
    if (choices !== undefined && !choices.includes(text)) {
      throw new JoulemarkError('USAGE', `option '${flag}': '${text}' is none of ${choices.join(', ')}`);
    }
    try {
      return parse === undefined ? text : parse(text);
    } catch (error) {
      if (!(error instanceof JoulemarkError) || error.code === 'INTERNAL') throw error;
      throw new JoulemarkError('USAGE', `option '${flag}': ${error.message}`, {
        hints: error.hints,
        details: error.details,
        cause: error,
      });
    }
  };
}

function toAbsent(spec: OptionSpec | undefined): unknown {
  if (spec?.value === undefined) return false;
  return spec.repeatable === true ? [] : undefined;
}

/** Commander's sentence in our form: no `error: ` before it, its suggestion as a hint. */
function toUsageError(command: Declaration, error: CommanderError): JoulemarkError {
  const [first = '', ...more] = error.message.replace(/^error: /u, '').split('\n');
  const suggestions = more.map((line) => line.replace(/^\((.*)\)$/u, '$1').replace(/^Did/u, 'did'));
  return new JoulemarkError('USAGE', first.replace(/\.$/u, ''), {
    hints: [...suggestions, `for its arguments and options: joulemark ${command.path.join(' ')} --help`],
  });
}
