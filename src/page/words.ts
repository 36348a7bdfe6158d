import { type Language, LANGUAGE_NAMES, PAGE_TEXT, type PageKey } from '../report/page-text.ts';

/** The words of one language. */
export interface Words {
  readonly language: Language;
  /** A text with its places filled: `{name}` by `name`. */
  readonly say: (key: PageKey, places?: Readonly<Record<string, string | number>>) => string;
  /** The word for a value of a closed list, `group.value`; the value itself for one that a later version added. */
  readonly word: (group: string, value: string) => string;
  readonly number: (value: number) => string;
}

export function wordsOf(language: Language): Words {
  const text = PAGE_TEXT[language];
  const number = (value: number): string => value.toLocaleString(LANGUAGE_NAMES[language].tag);
  const isKey = (key: string): key is PageKey => Object.hasOwn(text, key);
  return {
    language,
    number,
    say: (key, places = {}) =>
      text[key].replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
        const value = places[name];
        if (value === undefined) return whole;
        return typeof value === 'number' ? number(value) : value;
      }),
    word: (group, value) => {
      const key = `${group}.${value}`;
      return isKey(key) ? text[key] : value;
    },
  };
}
