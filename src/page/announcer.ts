import type { Progress } from './engine.ts';

/** Milliseconds between two announcements of progress: a screen reader reads each of them aloud. */
const QUIET = 1500;

/** The first progress of a phase at once, later ones only now and then. */
export function announcer(show: (progress: Progress) => void): (progress: Progress) => void {
  let phase = '';
  let last = 0;
  return (progress) => {
    const now = Date.now();
    if (progress.phase === phase && now - last < QUIET) return;
    ({ phase } = progress);
    last = now;
    show(progress);
  };
}
