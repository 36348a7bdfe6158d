/** How many columns of a terminal a text takes: East Asian wide characters take two, combining marks none. */
export function displayWidth(text: string): number {
  // what most names are made of needs no look-up
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

/**
 * Rows as lines, their cells under each other with three spaces between. The last cell of a row does not widen its column, so that
 * a row may end in a sentence. `right`: columns set to the right.
 */
export function toColumns(
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, displayWidth(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - displayWidth(cell)));
        return right.has(index) ? padding + cell : cell + padding;
      })
      .join('   ')
      .trimEnd(),
  );
}
