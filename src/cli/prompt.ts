import { JoulemarkError } from '../errors.ts';
import { toSafeText } from '../safe-text.ts';
import type { Terminal } from './world.ts';

/** What a question needs besides its text: the flag that answers it without a terminal, as it is typed. */
export interface Question {
  readonly message: string;
  /** `--name <name>`: named in the error when there is no terminal to ask on. */
  readonly flag: string;
}

/** Questions on a terminal (on stderr). Without one each throws USAGE and names the flag. */
export interface Prompt {
  /** True when there is somebody to ask. */
  readonly available: boolean;
  text(question: Question & { readonly default?: string }): Promise<string>;
  confirm(question: Question & { readonly default?: boolean }): Promise<boolean>;
  choose<T extends string>(question: Question & { readonly choices: readonly T[] }): Promise<T>;
}

/** One question of inquirer, loaded when there is one to ask (50 ms). Answers go to stderr: stdout is the result. */
export async function ask(terminal: Terminal, question: Readonly<Record<string, unknown>>): Promise<unknown> {
  const { createPromptModule } = await import('inquirer');
  const prompt = createPromptModule({ input: terminal.input, output: terminal.output });
  const message = toSafeText(String(question['message']));
  const answers: Readonly<Record<string, unknown>> = await prompt([{ ...question, message, name: 'answer' } as never]);
  return answers['answer'];
}

/** The questions a command may ask. Inquirer hangs or exits without a terminal, so it is never called without one. */
export function createPrompt(terminal: Terminal | undefined): Prompt {
  const askOrThrow = async (
    type: string,
    question: Question & { readonly default?: unknown; readonly choices?: readonly string[] },
  ): Promise<unknown> => {
    if (terminal === undefined) {
      throw new JoulemarkError('USAGE', `nobody to ask '${question.message}': not on a terminal`, {
        hints: [`answer it on the command line: ${question.flag}`],
      });
    }
    const { flag: _, ...asked } = question;
    return ask(terminal, { type, ...asked });
  };
  return {
    available: terminal !== undefined,
    text: async (question) => String(await askOrThrow('input', question)),
    confirm: async (question) => (await askOrThrow('confirm', question)) === true,
    async choose(question) {
      const answer = await askOrThrow('select', question);
      const chosen = question.choices.find((choice) => choice === answer);
      if (chosen === undefined) throw new JoulemarkError('USAGE', `no choice made for '${question.message}'`);
      return chosen;
    },
  };
}
