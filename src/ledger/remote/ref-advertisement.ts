/**
 * The list of branches with which a host begins to answer a fetch over http. It is asked for once in a transfer and shown as often as needed with the
 * branches that are wanted alone: isomorphic-git asks for it anew in every fetch, and fetches either one branch or all that are in it.
 */
import type { HttpClient } from 'isomorphic-git';

type Request = HttpClient['request'];
type Asked = Parameters<Request>[0];
type Answer = Awaited<ReturnType<Request>>;

const LIST = /\/info\/refs\?service=git-upload-pack$/;
const FLUSH = '0000';

/** What a list holds: the line before it, what the host can do, and the line of each branch without that. */
interface Advertisement {
  readonly service: string;
  readonly capabilities: string;
  readonly lines: ReadonlyMap<string, string>;
}

/** The lines of git's protocol in `bytes`; null when they are not well-formed. */
function readLines(bytes: Buffer): readonly string[] | null {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const digits = bytes.toString('latin1', at, at + 4);
    const length = /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : -1;
    if (length !== 0 && (length < 4 || at + length > bytes.length)) return null;
    if (length > 4) lines.push(bytes.toString('utf8', at + 4, at + length));
    at += Math.max(length, 4);
  }
  return lines;
}

/** Null for what is no such list, or one of another version of the protocol: that is for isomorphic-git to judge. */
function parse(bytes: Buffer): Advertisement | null {
  const [service = '', first = '', ...others] = readLines(bytes) ?? [];
  const [line = '', capabilities] = first.split('\0');
  if (!service.startsWith('# service=') || capabilities === undefined) return null;
  const named = [line, ...others].map((one) => one.replace(/\n$/, '')).map((one) => [one.slice(41), one] as const);
  return { service, capabilities: capabilities.replace(/\n$/, ''), lines: new Map(named) };
}

function toLine(text: string): string {
  return `${(Buffer.byteLength(text) + FLUSH.length).toString(16).padStart(4, '0')}${text}`;
}

function show({ service, capabilities, lines }: Advertisement, names: readonly string[]): Buffer {
  const shown = names.flatMap((name) => lines.get(name) ?? []);
  const [first = `${'0'.repeat(40)} capabilities^{}`, ...others] = shown;
  const list = [`${first}\0${capabilities}\n`, ...others.map((line) => `${line}\n`)].map(toLine).join('');
  return Buffer.from(`${toLine(service)}${FLUSH}${list}${FLUSH}`);
}

/** A list that is kept, and the answer it came in. */
interface Kept {
  readonly answer: Omit<Answer, 'body'>;
  readonly list: Advertisement;
  /** What the host wanted to see before it gave the list: it wants that with every request. */
  readonly authorization: string | undefined;
}

/** The list of a transfer. */
export interface KeptAdvertisement {
  /** The same client, which shows of the list the branches `names` alone. */
  readonly over: (request: Request, names: readonly string[]) => Request;
  /** The next fetch asks for the list anew. */
  readonly forget: () => void;
}

export function keepAdvertisement(): KeptAdvertisement {
  let kept: Kept | null = null;
  return {
    forget: () => {
      kept = null;
    },
    over: (request, names) => {
      const ask = async (asked: Asked): Promise<Answer> => {
        const answer = await request(asked);
        if (answer.statusCode !== 200 || answer.body === undefined) return answer;
        const parts: Uint8Array[] = [];
        for await (const part of answer.body) parts.push(part);
        const bytes = Buffer.concat(parts);
        const list = parse(bytes);
        if (list === null) return { ...answer, body: bodyOf(bytes) };
        kept = { answer, list, authorization: asked.headers?.['Authorization'] };
        return { ...answer, body: bodyOf(show(list, names)) };
      };
      return async (asked) => {
        if (LIST.test(asked.url))
          return kept === null ? ask(asked) : { ...kept.answer, body: bodyOf(show(kept.list, names)) };
        const authorization = kept?.authorization;
        if (authorization === undefined) return request(asked);
        return request({ ...asked, headers: { Authorization: authorization, ...asked.headers } });
      };
    },
  };
}

async function* bodyOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
