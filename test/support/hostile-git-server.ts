/** A git host that lies: it speaks the smart http protocol by hand, so that each byte of an answer can be a lie. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HostileGitServer {
  /** The address of the one repository. */
  readonly url: string;
  /** Requests so far, as `METHOD path?query`. */
  readonly requests: readonly string[];
  readonly close: () => Promise<void>;
}

export interface HostileGitHost {
  /** The branches it says it has: name -> commit. Any text may stand for either. */
  readonly refs: Iterable<readonly [name: string, oid: string]>;
  /** The pack that it sends whatever is asked for. */
  readonly pack?: Uint8Array;
  /** Commits that it says it cut, where a first copy asks for heads only. */
  readonly shallow?: readonly string[];
  /** Instead of the list of branches, or of the answer with the pack. */
  readonly advertise?: (response: ServerResponse) => void;
  readonly answer?: (response: ServerResponse, request: Buffer) => void;
}

/** One line of the protocol: its length in four hex digits, then itself. */
export function packetLine(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

export const FLUSH = Buffer.from('0000');
const CAPABILITIES = 'side-band-64k ofs-delta shallow no-progress agent=git/2.39 symref=HEAD:refs/heads/programme';

/** The list of branches as a host sends it. */
export function advertisement(refs: HostileGitHost['refs']): Buffer {
  const lines = [...refs].map(([name, oid], index) =>
    packetLine(`${oid} ${name}${index === 0 ? `\0${CAPABILITIES}` : ''}\n`),
  );
  return Buffer.concat([packetLine('# service=git-upload-pack\n'), FLUSH, ...lines, FLUSH]);
}

/** A pack as a host sends it: in the first of the side bands. */
export function sideBand(pack: Uint8Array): Buffer {
  const lines: Buffer[] = [];
  for (let at = 0; at < pack.length; at += 65_000)
    lines.push(packetLine(Buffer.concat([Buffer.of(1), pack.subarray(at, at + 65_000)])));
  return Buffer.concat([packetLine('NAK\n'), ...lines, FLUSH]);
}

export const ADVERTISEMENT_TYPE = 'application/x-git-upload-pack-advertisement';
export const RESULT_TYPE = 'application/x-git-upload-pack-result';

export async function startHostileGitServer(host: HostileGitHost): Promise<HostileGitServer> {
  const requests: string[] = [];
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${request.method} ${request.url}`);
    response.on('error', () => undefined);
    if (request.method === 'GET') {
      if (host.advertise !== undefined) return host.advertise(response);
      response.writeHead(200, { 'content-type': ADVERTISEMENT_TYPE }).end(advertisement(host.refs));
      return;
    }
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      if (host.answer !== undefined) return host.answer(response, body);
      const isFirst = body.includes('deepen 1');
      const cut = isFirst ? [...(host.shallow ?? []).map((oid) => packetLine(`shallow ${oid}\n`)), FLUSH] : [];
      response.writeHead(200, { 'content-type': RESULT_TYPE });
      response.end(Buffer.concat([...cut, sideBand(host.pack ?? new Uint8Array(0))]));
    });
  };
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ledger.git`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
