/** Ordinary least squares in doubles, of columns less their means: an answer by another way, good to some ten digits. The constant first. */
export function leastSquares(y: readonly number[], columns: readonly (readonly number[])[]): readonly number[] {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = columns.map((column) => column.map((value) => value - mean(column)));
  const rows = centred.map((a) => [
    ...centred.map((b) => a.reduce((sum, value, index) => sum + value * b[index]!, 0)),
    a.reduce((sum, value, index) => sum + value * (y[index]! - mean(y)), 0),
  ]);
  for (const [index, pivot] of rows.entries()) {
    for (const [other, row] of rows.entries()) {
      if (other === index) continue;
      const factor = row[index]! / pivot[index]!;
      for (let at = index; at < row.length; at += 1) row[at]! -= factor * pivot[at]!;
    }
  }
  const slopes = rows.map((row, index) => row.at(-1)! / row[index]!);
  return [mean(y) - slopes.reduce((sum, slope, j) => sum + slope * mean(columns[j]!), 0), ...slopes];
}

/** The half-width of ASHRAE 14 around a year's saving of monthly rows, as a share of what is expected: calculation-v1 section 17. */
export function monthlyBand(y: readonly number[], columns: readonly (readonly number[])[], t: number): number {
  const [constant = 0, ...slopes] = leastSquares(y, columns);
  const residuals = y.map((value, row) =>
    slopes.reduce((rest, slope, j) => rest - slope * columns[j]![row]!, value - constant),
  );
  const count = y.length;
  const average = y.reduce((sum, value) => sum + value, 0) / count;
  const squares = residuals.reduce((sum, value) => sum + value * value, 0);
  const spread = Math.sqrt(squares / (count - slopes.length - 1)) / average;
  const rho = correlation(residuals.slice(1), residuals.slice(0, -1));
  const counted = Math.min(count, (count * (1 - rho)) / (1 + rho));
  const months = -0.00022 * 144 + 0.03306 * 12 + 0.94054;
  return t * months * spread * Math.sqrt(((count / counted) * (1 + 2 / counted)) / 12);
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [left, right] = [mean(a), mean(b)];
  const product = (x: readonly number[], xMean: number, z: readonly number[], zMean: number): number =>
    x.reduce((sum, value, index) => sum + (value - xMean) * (z[index]! - zMean), 0);
  return product(a, left, b, right) / Math.sqrt(product(a, left, a, left) * product(b, right, b, right));
}
