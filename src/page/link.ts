/** The page's way to the engine: in a worker, so that the page stays alive, or where none can be started on the page's own thread. */
import type { PackageRow, Side } from '../report/decision-page.ts';
import { createEngine, type Engine, type Outcome, type Progress, type Question } from './engine.ts';

export interface Link {
  readonly verify: (question: Question, progress: (progress: Progress) => void) => Promise<Outcome>;
  readonly packages: (place: string, meter: string, side: Side) => Promise<readonly PackageRow[]>;
}

interface PackagesQuestion {
  readonly place: string;
  readonly meter: string;
  readonly side: Side;
}

type Asked =
  | { readonly id: number; readonly verify: Question }
  | { readonly id: number; readonly packages: PackagesQuestion };

type Answer =
  | { readonly id: number; readonly ready: true }
  | { readonly id: number; readonly progress: Progress }
  | { readonly id: number; readonly result: Outcome | readonly PackageRow[] };

/** How long a worker may take to answer its first message before it is given up, in milliseconds. */
const PATIENCE = 4000;

/** The worker's end: answers questions one after another. */
export function serve(): void {
  const engine = createEngine();
  const post = (answer: Answer): void => {
    (globalThis as unknown as { readonly postMessage: (answer: Answer) => void }).postMessage(answer);
  };
  let last: Promise<unknown> = Promise.resolve();
  globalThis.addEventListener('message', ({ data }: MessageEvent<Asked>) => {
    last = last.then(async () => {
      const result = await answerOf(engine, data, (progress) => post({ id: data.id, progress }));
      post({ id: data.id, result });
    });
  });
  post({ id: 0, ready: true });
}

function answerOf(
  engine: Engine,
  asked: Asked,
  progress: (progress: Progress) => void,
): Promise<Outcome> | readonly PackageRow[] {
  if ('verify' in asked) return engine.verify(asked.verify, progress);
  const { place, meter, side } = asked.packages;
  return engine.packages(place, meter, side);
}

/** `script`: the text of the whole program, which a worker starts again in its own thread. */
export async function connect(script: string): Promise<Link> {
  const worker = await startWorker(script);
  if (worker === null) {
    const engine = createEngine();
    return { verify: engine.verify, packages: async (place, meter, side) => engine.packages(place, meter, side) };
  }
  let count = 0;
  const ask = <Result>(
    question: { readonly verify: Question } | { readonly packages: PackagesQuestion },
    progress?: (progress: Progress) => void,
  ): Promise<Result> =>
    new Promise((resolve, reject) => {
      count += 1;
      const id = count;
      const stop = new AbortController();
      const { signal } = stop;
      worker.addEventListener(
        'message',
        ({ data }: MessageEvent<Answer>) => {
          if (data.id !== id) return;
          if ('progress' in data) progress?.(data.progress);
          if (!('result' in data)) return;
          stop.abort();
          resolve(data.result as Result);
        },
        { signal },
      );
      worker.addEventListener('error', (event) => reject(new Error(event.message)), { signal });
      worker.postMessage({ id, ...question } satisfies Asked);
    });
  return {
    verify: (question, progress) => ask<Outcome>({ verify: question }, progress),
    packages: (place, meter, side) => ask<readonly PackageRow[]>({ packages: { place, meter, side } }),
  };
}

/** Null where the browser does not let a page from disk have one. */
function startWorker(script: string): Promise<Worker | null> {
  return new Promise((resolve) => {
    try {
      const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
      const worker = new Worker(url);
      const giveUp = setTimeout(() => resolve(null), PATIENCE);
      worker.addEventListener('error', () => resolve(null), { once: true });
      worker.addEventListener(
        'message',
        () => {
          clearTimeout(giveUp);
          resolve(worker);
        },
        { once: true },
      );
    } catch {
      resolve(null);
    }
  });
}
