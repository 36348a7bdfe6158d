import { readPage } from './markdown.ts';

/** The words of a union type as it is written in a source file: types leave nothing behind that a test could ask. */
export function unionOf(path: string, type: string): readonly string[] {
  const body = new RegExp(`export type ${type} =([^;]*);`, 'u').exec(
    readPage(path).replaceAll(/ \/\/ .*$/gmu, ''),
  )?.[1];
  if (body === undefined) throw new Error(`no type ${type} in ${path}`);
  return [...body.matchAll(/'([\w-]+)'/gu)].map(([, word = '']) => word);
}

/** Every hyphenated word in quotes of a source file, imports left out. */
export const codesIn = (path: string): readonly string[] => [
  ...new Set(
    readPage(path)
      .split('\n')
      .filter((line) => !line.startsWith('import '))
      .flatMap((line) => [...line.matchAll(/'([a-z]+(?:-[a-z]+)+)'/gu)].map(([, word = '']) => word)),
  ),
];
