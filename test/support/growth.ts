/** How the time of work grows with its size: shown within one run, by the processor's time, so that no neighbour and no machine matters. */

/** The least processor time of several runs, in milliseconds: collecting garbage of what was before only ever adds. */
export function leastTime(work: () => unknown, runs = 5): number {
  return Math.min(...Array.from({ length: runs }, () => processorTime(work, 1)));
}

/** Processor time below which what else the process does, collecting garbage above all, is seen more than the work. In milliseconds. */
const ENOUGH = 20;

/**
 * The exponent by which time grows from the first size to the last: 1 for linear, 2 for quadratic. `make` prepares work of a size, which can
 * be done again and again: so often that a run is long enough to be measured. The sizes take turns, so that both meet the same neighbours, and
 * the least of several runs counts: whatever disturbs one only ever adds.
 */
export function exponentOf(sizes: readonly [number, number], make: (size: number) => () => unknown, runs = 5): number {
  const works = sizes.map((size) => longEnough(make(size)));
  const least = works.map(() => Number.POSITIVE_INFINITY);
  for (let run = 0; run < runs; run += 1)
    for (const [index, { work, times }] of works.entries())
      least[index] = Math.min(least[index] ?? 0, processorTime(work, times) / times);
  const [small, large] = least;
  if (small === undefined || large === undefined) throw new Error('two sizes make an exponent');
  return Math.log(large / small) / Math.log(sizes[1] / sizes[0]);
}

/** How often work has to be done to take long enough, once it is compiled. */
function longEnough(work: () => unknown): { readonly work: () => unknown; readonly times: number } {
  for (let times = 1; ; times *= 2) if (processorTime(work, times) >= ENOUGH) return { work, times };
}

function processorTime(work: () => unknown, times: number): number {
  const start = process.cpuUsage();
  for (let count = 0; count < times; count += 1) work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
