import { GLOBAL_SUMMARIES, type OptionSummary, type Summary } from './summary.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A completion script as lines. It is static: completing starts no process. */
export function toCompletionLines(shell: Shell, summaries: readonly Summary[]): readonly string[] {
  if (shell === 'fish') return toFishLines(summaries);
  const bash = toBashLines(summaries);
  // zsh runs the bash script by its own compatibility layer
  return shell === 'bash' ? bash : ['#compdef joulemark', 'autoload -U +X bashcompinit && bashcompinit', ...bash];
}

function toBashLines(summaries: readonly Summary[]): readonly string[] {
  const options = [...GLOBAL_SUMMARIES, ...summaries.flatMap((command) => command.options)];
  const withValue = toUnique(options.filter(({ takesValue }) => takesValue).map(({ flag }) => flag));
  return [
    '_joulemark() {',
    '  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" noun="" verb="" skip="" word choices=""',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    if [ -n "$skip" ]; then skip=""; continue; fi',
    '    case "$word" in',
    `      ${withValue.join('|')}) skip=1 ;;`,
    '      -*) ;;',
    '      *) if [ -z "$noun" ]; then noun="$word"; elif [ -z "$verb" ]; then verb="$word"; fi ;;',
    '    esac',
    '  done',
    '  case "$noun $verb $previous" in',
    ...toValueCases(summaries),
    '  esac',
    '  if [ -n "$skip" ]; then',
    '    if [ -n "$choices" ]; then COMPREPLY=($(compgen -W "$choices" -- "$current"))',
    '    else COMPREPLY=($(compgen -f -- "$current")); fi',
    '    return',
    '  fi',
    '  case "$noun $verb" in',
    `    " ") choices="${toUnique(summaries.map(({ path }) => path[0] ?? '')).join(' ')} help" ;;`,
    ...toNounCases(summaries),
    '  esac',
    '  case "$current" in',
    '    -*)',
    '      case "$noun $verb" in',
    ...summaries.map(
      ({ path, options: own }) => `        ${toPattern(path)}) choices="${own.map(({ flag }) => flag).join(' ')}" ;;`,
    ),
    '        *) choices="" ;;',
    '      esac',
    `      choices="$choices ${GLOBAL_SUMMARIES.map(({ flag }) => flag).join(' ')} --help" ;;`,
    '  esac',
    '  if [ -n "$choices" ]; then COMPREPLY=($(compgen -W "$choices" -- "$current"))',
    '  else COMPREPLY=($(compgen -f -- "$current")); fi',
    '}',
    'complete -o filenames -F _joulemark joulemark',
  ];
}

function toUnique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}

/** The shell pattern of a command's words; a command of one word may have an argument where others have a verb. */
function toPattern([noun, verb]: readonly string[]): string {
  return verb === undefined ? `"${noun} "*` : `"${noun} ${verb}"`;
}

function toValueCases(summaries: readonly Summary[]): readonly string[] {
  const toCase = (pattern: string, { flag, choices }: OptionSummary): string =>
    `    ${pattern}" ${flag}") choices="${choices.join(' ')}" ;;`;
  const withChoices = ({ choices }: OptionSummary): boolean => choices.length > 0;
  return [
    ...summaries.flatMap(({ path, options }) =>
      options.filter(withChoices).map((option) => toCase(toPattern(path), option)),
    ),
    ...GLOBAL_SUMMARIES.filter(withChoices).map((option) => toCase('*', option)),
  ];
}

function toNounCases(summaries: readonly Summary[]): readonly string[] {
  const nouns = toUnique(summaries.filter(({ path }) => path.length === 2).map(({ path }) => path[0] ?? ''));
  return nouns.map((noun) => {
    const verbs = summaries.filter(({ path }) => path[0] === noun).map(({ path }) => path[1] ?? '');
    return `    "${noun} ") choices="${verbs.join(' ').trim()}" ;;`;
  });
}

function toFishLines(summaries: readonly Summary[]): readonly string[] {
  const none = '__fish_use_subcommand';
  const nouns = toUnique(summaries.map(({ path }) => path[0] ?? ''));
  return [
    ...GLOBAL_SUMMARIES.map((option) => toFishOption(undefined, option)),
    ...nouns.map((noun) => toFishWord(none, noun, toNounSummary(noun, summaries))),
    ...summaries
      .filter(({ path }) => path.length === 2)
      .map(({ path: [noun, verb], summary }) =>
        toFishWord(
          `__fish_seen_subcommand_from ${noun}; and not __fish_seen_subcommand_from ${toVerbs(noun, summaries)}`,
          verb ?? '',
          summary,
        ),
      ),
    ...summaries.flatMap(({ path, options }) => {
      const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
      return options.map((option) => toFishOption(seen, option));
    }),
  ];
}

function toNounSummary(noun: string, summaries: readonly Summary[]): string {
  const alone = summaries.find(({ path }) => path.length === 1 && path[0] === noun);
  return alone?.summary ?? toVerbs(noun, summaries).replaceAll(' ', ', ');
}

function toVerbs(noun: string | undefined, summaries: readonly Summary[]): string {
  return summaries
    .filter(({ path }) => path[0] === noun && path.length === 2)
    .map(({ path }) => path[1])
    .join(' ');
}

function toFishWord(condition: string, word: string, about: string): string {
  return `complete -c joulemark -f -n ${quote(condition)} -a ${word} -d ${quote(about)}`;
}

function toFishOption(
  condition: string | undefined,
  { flag, description, takesValue, choices }: OptionSummary,
): string {
  const when = condition === undefined ? '' : ` -n ${quote(condition)}`;
  const values = choices.length === 0 ? '' : ` -f -a ${quote(choices.join(' '))}`;
  return `complete -c joulemark${when} -l ${flag.slice(2)}${takesValue ? ' -r' : ''}${values} -d ${quote(description)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
