/** How a cell is set in its column. */
export type Align = 'left' | 'right';

/** What `render` may use to set its result for people. All of it is plain text when colour is off. */
export interface Ui {
  strong(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  /** Between good and bad: pending, stale, unknown. */
  warn(text: string): string;
  /**
   * Columns under each other, without borders, Chinese aligned. Cells may hold line breaks and styles.
   * Without `head` there is no heading line. '' for no rows.
   */
  table(
    rows: readonly (readonly string[])[],
    more?: { readonly head?: readonly string[]; readonly align?: readonly Align[] },
  ): string;
}
