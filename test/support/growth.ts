/** How the time of work grows with its size: shown within one run, by the processor's time, so that no neighbour and no machine matters. */

/** The least processor time of several runs, in milliseconds: collecting garbage of what was before only ever adds. */
export function leastTime(work: () => unknown, runs = 5): number {
  return Math.min(
    ...Array.from({ length: runs }, () => {
      const start = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    }),
  );
}

/**
 * The exponent by which time grows from the first size to the last: 1 for linear, 2 for quadratic. `make` prepares work of a size, which can
 * be done again and again.
 */
export function exponentOf(sizes: readonly [number, number], make: (size: number) => () => unknown, runs = 5): number {
  const [small, large] = sizes.map((size) => make(size));
  if (small === undefined || large === undefined) throw new Error('two sizes make an exponent');
  small(); // compiled
  large();
  return Math.log(leastTime(large, runs) / leastTime(small, runs)) / Math.log(sizes[1] / sizes[0]);
}
