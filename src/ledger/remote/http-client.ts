/**
 * The http client under isomorphic-git. Its own one waits for ever when a connection breaks between two reads, and its readers take a break
 * for the end; this one is bounded in silence and length, remembers what broke, and follows no redirection: what was meant for one host, a
 * password above all, goes to no other.
 */
import type { GitHttpRequest, HttpClient } from 'isomorphic-git';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { JoulemarkError } from '../../errors.ts';
import type { TransferBudget } from './transfer-budget.ts';

/** The end of a list in git's protocol. */
const FLUSH = '0000';

export type HttpBounds = {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((bytes: number) => void) | undefined;
  /** Silence on the connection for so long ends it, in milliseconds. */
  readonly idleMs: number;
  readonly budget: TransferBudget;
};

/** A client for one operation. */
export type WatchedClient = {
  readonly http: HttpClient;
  /** Throws what broke a response, though its reader took it for the end. */
  readonly verifyUnbroken: () => void;
  /** Throws FAILED when the last response did not end as a list of branches does. */
  readonly verifyListEnded: () => void;
};

/** The address that a host says the repository is at now; null when it says nothing that can be one. */
function movedTo(location: string | undefined): string | null {
  const address = location?.replace(/\/info\/refs(\?.*)?$/, '');
  return address !== undefined && /^https?:\/\/[\w.:[\]~/%+-]+$/i.test(address) ? address : null;
}

async function collect(body: GitHttpRequest['body']): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of body ?? []) parts.push(part);
  return Buffer.concat(parts);
}

async function send(
  request: GitHttpRequest,
  idleMs: number,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  const url = new URL(request.url);
  const { request: open } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const body = await collect(request.body);
  return new Promise((resolve, reject) => {
    const options = {
      method: request.method ?? 'GET',
      headers: { ...request.headers, 'content-length': body.length },
      ...(signal === undefined ? {} : { signal }),
    };
    const sent: ClientRequest = open(url, options, resolve);
    sent.setTimeout(idleMs, () => sent.destroy(new Error(`silent for ${idleMs / 1000} seconds`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** A client for one operation with the repository at `url`. */
export function watchClient(url: string, bounds: HttpBounds): WatchedClient {
  const { idleMs, budget } = bounds;
  let broken: unknown = null;
  let tail = Buffer.alloc(0);
  const cutShort = (cause: unknown): JoulemarkError =>
    new JoulemarkError('FAILED', `the answer of the remote '${url}' is cut short`, { details: { url }, cause });

  async function* read(response: IncomingMessage, came: (bytes: number) => void): AsyncGenerator<Uint8Array> {
    let size = 0;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        size += chunk.length;
        came(chunk.length);
        tail = Buffer.concat([tail, chunk.subarray(-FLUSH.length)]).subarray(-FLUSH.length);
        bounds.progress?.(size);
        yield chunk;
      }
    } catch (error) {
      broken ??= error instanceof JoulemarkError ? error : cutShort(error);
      throw broken;
    }
  }

  const request: HttpClient['request'] = async (asked) => {
    const came = budget.answer();
    const response = await send(asked, idleMs, bounds.signal);
    came(0);
    const { statusCode = 0, statusMessage = '' } = response;
    tail = Buffer.alloc(0);
    if (statusCode >= 300 && statusCode < 400) {
      response.resume();
      const there = movedTo(response.headers.location);
      throw new JoulemarkError('FAILED', `the remote '${url}' sends elsewhere (status ${statusCode})`, {
        hints: there === null ? [] : [`if that is right, use its new address: ${there}`],
        details: { url, status: statusCode },
      });
    }
    return {
      url: asked.url,
      method: asked.method ?? 'GET',
      headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
      statusCode,
      statusMessage,
      body: read(response, came),
    };
  };
  return {
    http: { request },
    verifyUnbroken: () => {
      if (broken !== null) throw broken;
    },
    verifyListEnded: () => {
      if (tail.toString('latin1') !== FLUSH) throw cutShort(null);
    },
  };
}
