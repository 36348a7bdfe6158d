/** A real git host for tests: `git http-backend` behind a small CGI shim, on a random port of the loopback interface. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GIT_ENVIRONMENT } from './git.ts';

export type GitHttpServer = {
  /** `http://127.0.0.1:<port>`: append the path of a repository below the root. */
  readonly url: string;
  /** Requests so far, as `METHOD path?query`. */
  readonly requests: readonly string[];
  /** Bytes sent and received so far in bodies. */
  readonly traffic: () => { readonly received: number; readonly sent: number };
  /** Resolves when no request is being served: the backend of a client that was killed goes on for a while. */
  readonly idle: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type GitHttpServerOptions = {
  /** Asks for this user and password (basic authentication). */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Called with every body chunk on its way to the client, to damage it. */
  readonly tamper?: (chunk: Buffer, request: IncomingMessage) => Buffer;
  /** Answers a request in place of git when it returns true. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Ends the connection once so many bytes of an answer to a POST have been sent; read at every chunk. */
  readonly cutAfter?: () => number;
};

/** Splits a CGI answer's head off; null while it is incomplete. */
function parseCgiHead(
  bytes: Buffer,
): { readonly status: number; readonly headers: readonly [string, string][]; readonly rest: Buffer } | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  let status = 200;
  const headers: [string, string][] = [];
  for (const line of bytes.toString('latin1', 0, end).split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else headers.push([name, value]);
  }
  return { status, headers, rest: bytes.subarray(end + 4) };
}

/** Serves the bare repositories below `root`. */
export async function startGitHttpServer(root: string, options: GitHttpServerOptions = {}): Promise<GitHttpServer> {
  const requests: string[] = [];
  let received = 0;
  let sent = 0;
  let serving = 0;
  const waiting: (() => void)[] = [];
  const ended = (): void => {
    serving -= 1;
    if (serving === 0) for (const go of waiting.splice(0)) go();
  };
  const wanted =
    options.credentials === undefined
      ? null
      : `Basic ${Buffer.from(`${options.credentials.username}:${options.credentials.password}`).toString('base64')}`;

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${request.method} ${request.url}`);
    if (options.intercept?.(request, response) === true) return;
    if (wanted !== null && request.headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('denied');
      return;
    }
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const backend = spawn('git', ['http-backend'], {
      env: {
        ...GIT_ENVIRONMENT,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: decodeURIComponent(url.pathname),
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        CONTENT_LENGTH: request.headers['content-length'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REMOTE_USER: 'tester',
        REMOTE_ADDR: '127.0.0.1',
        GATEWAY_INTERFACE: 'CGI/1.1',
        SERVER_PROTOCOL: 'HTTP/1.1',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    serving += 1;
    backend.once('close', ended);
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    request.pipe(backend.stdin);
    backend.stdin.on('error', () => undefined);
    let head: Buffer | null = Buffer.alloc(0);
    let answered = 0;
    const send = (chunk: Buffer): void => {
      sent += chunk.length;
      const left = (request.method === 'POST' ? (options.cutAfter?.() ?? Infinity) : Infinity) - answered;
      answered += chunk.length;
      if (left < chunk.length) {
        response.write(chunk.subarray(0, left), () => response.destroy());
        return;
      }
      response.write(options.tamper === undefined ? chunk : options.tamper(chunk, request));
    };
    backend.stdout.on('data', (chunk: Buffer) => {
      if (head === null) {
        send(chunk);
        return;
      }
      head = Buffer.concat([head, chunk]);
      const parsed = parseCgiHead(head);
      if (parsed === null) return;
      head = null;
      response.writeHead(parsed.status, parsed.headers.flat());
      if (parsed.rest.length > 0) send(parsed.rest);
    });
    backend.stdout.on('end', () => {
      if (head !== null && !response.headersSent) response.writeHead(500);
      response.end();
    });
  };

  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    traffic: () => ({ received, sent }),
    idle: () => (serving === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
