/** Figures: one line of JSON each, always beside the figure of a peer from the same run. */
import { spawnSync } from 'node:child_process';

export interface Figure {
  readonly bench: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with, measured in the same run. */
  readonly peer?: { readonly what: string; readonly value: number };
  readonly ratio?: number;
  readonly target?: string;
  readonly met?: boolean;
  readonly more?: Readonly<Record<string, unknown>>;
}

const significant = (value: number): number => Number(value.toPrecision(4));

/** Prints a figure. `target`: what the ratio (or without a peer the value) is held against. */
export function printFigure(
  figure: Omit<Figure, 'ratio' | 'met' | 'target'> & {
    readonly target?: { readonly at: 'least' | 'most'; readonly bound: number };
  },
): void {
  const { target, value, peer, ...rest } = figure;
  const ratio = peer === undefined ? undefined : value / peer.value;
  const judged = ratio ?? value;
  const line: Figure = {
    ...rest,
    value: significant(value),
    ...(peer === undefined ? {} : { peer: { what: peer.what, value: significant(peer.value) } }),
    ...(ratio === undefined ? {} : { ratio: significant(ratio) }),
    ...(target === undefined
      ? {}
      : {
          target: `${target.at === 'least' ? '>=' : '<='} ${target.bound}`,
          met: target.at === 'least' ? judged >= target.bound : judged <= target.bound,
        }),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function seconds<T>(run: () => T): { readonly result: T; readonly seconds: number } {
  const start = performance.now();
  const result = run();
  return { result, seconds: (performance.now() - start) / 1000 };
}

export async function secondsOf<T>(run: () => Promise<T>): Promise<{ readonly result: T; readonly seconds: number }> {
  const start = performance.now();
  const result = await run();
  return { result, seconds: (performance.now() - start) / 1000 };
}

/** Runs a whole process and returns its wall time in milliseconds. */
export function timeProcess(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly status?: number } = {},
): number {
  const start = performance.now();
  const { status, stderr, error } = spawnSync(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const elapsed = performance.now() - start;
  if (error !== undefined) throw error;
  if (status !== (options.status ?? 0))
    throw new Error(`'${program} ${args.join(' ')}' ended with status ${status}: ${String(stderr).trim()}`);
  return elapsed;
}

/** `--name value` of the command line, as a number. */
export function numberOption(name: string, absent: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? absent : Number(process.argv[at + 1]);
}

/** The root of the project. */
export const ROOT = process.env['JOULEMARK_BENCH_ROOT'] ?? process.cwd();
/** Where the bundle lies; removed after the run. */
export const FOLDER = process.env['JOULEMARK_BENCH_FOLDER'] ?? process.cwd();
