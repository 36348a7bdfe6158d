const UNITS: readonly (readonly [seconds: number, word: string])[] = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/** How long ago, for people: the largest whole unit and no more. */
export function showAge(seconds: number): string {
  for (const [size, word] of UNITS) {
    const count = Math.floor(seconds / size);
    if (count >= 1) return `${count} ${word}${count === 1 ? '' : 's'}`;
  }
  return '0 seconds';
}
