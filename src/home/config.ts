import { stringify } from 'yaml';
import { JoulemarkError } from '../errors.ts';
import { isId, type Id } from '../ledger/codec/id.ts';
import { mapOf, oneOf, optional, type Read, record, shortText, text } from '../ledger/codec/schema.ts';
import type { CborValue } from '../ledger/codec/value.ts';
import { readFileIfPresent } from '../ledger/store/read-files.ts';
import { replaceAtomically } from '../ledger/store/files.ts';
import { readDocument } from '../programme/document.ts';

const hexId = {
  read: (value: CborValue, path: string): Id => {
    const read = text.read(value, path);
    if (!isId(read)) throw new JoulemarkError('USAGE', `'${path}' must be 64 lower-case hex digits, found '${read}'`);
    return read;
  },
  write: (value: Id): CborValue => value,
};

const configSchema = record({
  joulemark: oneOf('config/1'),
  name: shortText(200),
  legal_id: optional(shortText(60)),
  /** The ledger this home belongs to, once it has created or joined one. */
  ledger: optional(hexId),
  /** This organisation's id; equal to the ledger for the certification body. */
  org: optional(hexId),
  /** Remotes by name: a URL or a path. */
  remotes: optional(mapOf(shortText(2000))),
});

/** A home's own settings, `config.yaml`: for people, never on the ledger. */
export type HomeConfig = Read<typeof configSchema>;

/** @throws JoulemarkError USAGE naming file, line and path; NO_LEDGER when there is none. */
export function readConfig(path: string): HomeConfig {
  const bytes = readFileIfPresent(path, 1 << 20);
  if (bytes === null) {
    throw new JoulemarkError('NO_LEDGER', `no configuration at '${path}'`, {
      hints: ['to make a home here: joulemark init "Name of the organisation"'],
    });
  }
  return readDocument(bytes.toString('utf8'), path, configSchema, 'config');
}

export function writeConfig(path: string, config: HomeConfig): void {
  replaceAtomically(
    path,
    Buffer.from(stringify(toPlain(configSchema.write(config)), { schema: 'failsafe', lineWidth: 0 })),
  );
}

function toPlain(value: CborValue): unknown {
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, element]) => [key, toPlain(element as CborValue)]));
  return Array.isArray(value) ? value.map(toPlain) : value;
}
