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
