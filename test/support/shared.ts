import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../shared/', import.meta.url));

/** True where the folder of test data stands beside the checkout; tests that need it are skipped elsewhere. */
export const hasShared: boolean = existsSync(ROOT);

/** The path of a file or folder of the shared test data. */
export function sharedPath(relative: string): string {
  return `${ROOT}${relative}`;
}

export function sharedText(relative: string): string {
  return readFileSync(sharedPath(relative), 'utf8');
}

// eslint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what the file holds
export function sharedJson<T>(relative: string): T {
  return JSON.parse(sharedText(relative)) as T;
}
