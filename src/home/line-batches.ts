/** How much of a stream is one batch. */
export interface BatchSize {
  readonly bytes: number;
  /** A batch that waits for more is given after this many seconds. */
  readonly seconds: number;
}

/**
 * A stream of bytes in batches of whole lines, so that a live source is appended as it comes and a long one in pieces. What follows the
 * last line end is given at the end of the stream.
 */
export async function* lineBatches(
  stream: AsyncIterable<Uint8Array>,
  { bytes: most, seconds }: BatchSize,
): AsyncGenerator<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]();
  let chunks: Uint8Array[] = [];
  let size = 0;
  let deadline: number | undefined;
  let next = iterator.next();
  for (;;) {
    const chunk = deadline === undefined ? await next : await withDeadline(next, deadline - performance.now());
    if (chunk !== null) {
      if (chunk.done === true) break;
      chunks.push(chunk.value);
      size += chunk.value.length;
      deadline ??= performance.now() + seconds * 1000;
      next = iterator.next();
    }
    if (chunk !== null && size < most) continue;
    const [whole, rest] = splitAtLastLine(Buffer.concat(chunks));
    chunks = rest.length === 0 ? [] : [rest];
    size = rest.length;
    deadline = undefined;
    if (whole.length > 0) yield whole;
  }
  if (size > 0) yield Buffer.concat(chunks);
}

/** Null when the time is up first; the promise may be awaited again. */
async function withDeadline<T>(promise: Promise<T>, milliseconds: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), Math.max(0, milliseconds));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function splitAtLastLine(bytes: Uint8Array): readonly [whole: Uint8Array, rest: Uint8Array] {
  const end = bytes.lastIndexOf(0x0a) + 1;
  return [bytes.subarray(0, end), bytes.subarray(end)];
}
