/** A symmetric system N b = c over whole numbers, solved: b = solution / determinant, N^-1 = adjugate / determinant. */
export interface Solved {
  readonly solution: readonly bigint[];
  readonly adjugate: readonly (readonly bigint[])[];
  /** Above zero. */
  readonly determinant: bigint;
}

/** The first column that is a sum of multiples of those before it. */
export interface Dependent {
  readonly dependent: number;
}

/**
 * Solves N b = c for a matrix of sums of products N = X'X, by fraction-free Gauss-Jordan elimination (Bareiss 1968): every entry
 * stays a minor of the matrix, so every division is without remainder and the numbers grow only with the number of columns.
 * N has no negative quadratic form, so a zero pivot says that its column depends on those before it, and no rows are exchanged.
 */
export function solveGram(gram: readonly (readonly bigint[])[], right: readonly bigint[]): Solved | Dependent {
  const size = gram.length;
  const rows = gram.map((row, i) => [...row, right[i]!, ...row.map((_, j) => (i === j ? 1n : 0n))]);
  let previous = 1n;
  for (let k = 0; k < size; k += 1) {
    const pivotRow = rows[k]!;
    const pivot = pivotRow[k]!;
    if (pivot === 0n) return { dependent: k };
    for (const [i, row] of rows.entries()) {
      if (i === k) continue;
      const factor = row[k]!;
      for (let j = 0; j < row.length; j += 1) row[j] = (pivot * row[j]! - factor * pivotRow[j]!) / previous;
    }
    previous = pivot;
  }
  return {
    solution: rows.map((row) => row[size]!),
    adjugate: rows.map((row) => row.slice(size + 1)),
    determinant: previous,
  };
}
