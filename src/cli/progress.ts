import { toSafeText } from '../safe-text.ts';
import type { Output } from './world.ts';

/** A running count shown to a person who waits. */
export interface Progress {
  /** `count` done so far, not the increment. */
  update(count: number): void;
  /** Clears the line. Harmless when called twice. */
  done(): void;
}

/** Milliseconds before the line first shows, and between two changes of it. */
const DELAY = 1000;
const INTERVAL = 100;

const CLEAR_LINE = '\r\u001b[2K';

/** A progress line on `output`; silent unless `shown` and the output is a terminal. `total` 0 when unknown. */
export function createProgress(output: Output, label: string, total: number, shown: boolean): Progress {
  if (!shown || !output.isTerminal) return { update: () => {}, done: () => {} };
  const safeLabel = toSafeText(label);
  const draw = (text: string): void => void output.write(text).catch(() => {});
  let next = performance.now() + DELAY;
  let drawn = false;
  return {
    update(count) {
      const now = performance.now();
      if (now < next) return;
      next = now + INTERVAL;
      drawn = true;
      draw(`${CLEAR_LINE}${safeLabel} ${toCount(count, total)}`);
    },
    done() {
      if (drawn) draw(CLEAR_LINE);
      drawn = false;
      next = Number.POSITIVE_INFINITY;
    },
  };
}

function toCount(count: number, total: number): string {
  const shown = count.toLocaleString('en');
  if (total === 0) return shown;
  return `${shown} of ${total.toLocaleString('en')} (${Math.floor((100 * count) / total)} %)`;
}
