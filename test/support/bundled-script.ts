/** Runs TypeScript snippets of tests as real processes: Node 20 does not run .ts files, so esbuild bundles them first. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Bundles `source` (imports relative to the project's root) into one script at `path`. */
export async function bundleScript(source: string, path: string): Promise<string> {
  await build({
    stdin: { contents: source, resolveDir: ROOT, loader: 'ts' },
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  return path;
}

export type Finished = {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** Starts node on a script; `done` resolves when it ends. */
export function startScript(
  path: string,
  ...args: readonly string[]
): { readonly child: ChildProcess; readonly done: Promise<Finished> } {
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const done = new Promise<Finished>((resolve) =>
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr })),
  );
  return { child, done };
}
