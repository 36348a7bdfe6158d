import { sha256Hex } from '../crypto/hash.ts';

/** The file that lists the others. */
export const SUMS_FILE = 'SHA256SUMS';

/** What `sha256sum` prints for files, sorted by name: the one form that is written and accepted. */
export function encodeSums(files: ReadonlyMap<string, Uint8Array>): string {
  return [...files]
    .filter(([name]) => name !== SUMS_FILE)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, bytes]) => `${sha256Hex(bytes)}  ${name}\n`)
    .join('');
}

/** What is wrong with a list of sums, a line each; empty when it is exactly the list of these files. */
export function checkSums(sums: string, files: ReadonlyMap<string, Uint8Array>): readonly string[] {
  const expected = encodeSums(files);
  if (sums === expected) return [];
  const listed = new Map(sums.split('\n').map((line) => [line.slice(66), line.slice(0, 64)]));
  const wrong: string[] = [];
  for (const line of expected.split('\n').filter((text) => text !== '')) {
    const [sum, name] = [line.slice(0, 64), line.slice(66)];
    const there = listed.get(name);
    if (there === undefined) wrong.push(`'${name}' is not listed in ${SUMS_FILE}`);
    else if (there !== sum) wrong.push(`'${name}' does not have the SHA-256 that ${SUMS_FILE} lists`);
  }
  for (const name of listed.keys())
    if (name !== '' && !files.has(name)) wrong.push(`'${name}' is listed in ${SUMS_FILE} and not here`);
  return wrong.length > 0 ? wrong : [`'${SUMS_FILE}' is not in the one form that is written`];
}
