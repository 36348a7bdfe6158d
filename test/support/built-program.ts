/** The real program, freshly built into a folder of its own, to be run as processes. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from './sources.ts';

export interface BuiltProgram {
  readonly root: string;
  /** What node is started with. */
  readonly program: string;
  remove(): void;
}

/** `name`: of the folder, so that one that a killed test leaves says whose it was. */
export function buildProgram(name: string): BuiltProgram {
  const root = mkdtempSync(join(tmpdir(), `joulemark-${name}-`));
  cpSync(`${PROJECT_ROOT}bin`, join(root, 'bin'), { recursive: true });
  cpSync(`${PROJECT_ROOT}package.json`, join(root, 'package.json'));
  const { stderr } = spawnSync(process.execPath, [`${PROJECT_ROOT}tools/build.js`, join(root, 'dist')], {
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  return {
    root,
    program: join(root, 'bin/joulemark.js'),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
