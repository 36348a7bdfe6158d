import { decimalToText, parseDecimal } from '../../../src/calc/decimal.ts';
import type { DraftResult, PackageDraft } from '../../../src/ingest/draft.ts';
import type { IngestSituation, MeterDefinition } from '../../../src/ingest/meter-definition.ts';
import { readMeterFile } from '../../../src/ingest/meter-file.ts';
import { type MeterProfile, parseProfile, type RecordProfile } from '../../../src/ingest/profile.ts';
import { showTime, startOfDay } from '../../../src/programme/calendar.ts';

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export function meter(
  name: string,
  more: Partial<Omit<MeterDefinition, 'multiplier'>> & { readonly multiplier?: string } = {},
): MeterDefinition {
  const { multiplier, ...rest } = more;
  return {
    meter: name,
    kind: 'energy',
    reads: 'interval',
    unit: 'kWh',
    dayStarts: 0,
    ...rest,
    ...(multiplier === undefined ? {} : { multiplier: parseDecimal(multiplier) }),
  };
}

export function situation(
  definitions: readonly MeterDefinition[],
  more: Partial<IngestSituation> = {},
): IngestSituation {
  return {
    meters: new Map(definitions.map((definition) => [definition.meter, definition])),
    zone: 'Asia/Shanghai',
    interval: { years: 0, months: 0, days: 1, seconds: 0 },
    registers: new Map(),
    events: new Map(),
    ...more,
  };
}

/** A meter profile of one line of YAML a key; `time`, `columns` and the rest as they would stand in the file. */
export function meterProfile(keys: {
  readonly file?: string;
  readonly time: string;
  readonly shape?: string;
  readonly columns: string;
  readonly cells?: string;
  readonly package?: string;
}): MeterProfile {
  const { file = '{}', shape = 'wide', ...rest } = keys;
  const lines = Object.entries({ file, shape, ...rest }).map(([key, value]) => `${key}: ${value}`);
  const profile = parseProfile(`joulemark: profile/1\nreads: meters\n${lines.join('\n')}\n`, 'p.yaml');
  if (profile.reads !== 'meters') throw new Error('not a meter profile');
  return profile;
}

export function recordProfile(source: string): RecordProfile {
  const profile = parseProfile(`joulemark: profile/1\n${source}`, 'p.yaml');
  if (profile.reads === 'meters') throw new Error('not a record profile');
  return profile;
}

export const read = (text: string, profile: MeterProfile | undefined, where: IngestSituation): DraftResult =>
  readMeterFile(bytesOf(text), 'f.csv', profile, where);

/** A draft in one line: meter, interval, quantity, provenance, register. */
export function show({ meter: name, start, end, payload }: PackageDraft, zone = 'Asia/Shanghai'): string {
  const register =
    payload.register === undefined
      ? ''
      : ` ${decimalToText(payload.register.open)}->${decimalToText(payload.register.close)}`;
  return `${name} ${showTime(start, zone).slice(0, 16)}..${showTime(end, zone).slice(0, 16)} ${decimalToText(payload.quantity)} ${payload.provenance}${register}`;
}

export const day = (date: string, zone = 'Asia/Shanghai', dayStarts = 0): number => startOfDay(date, zone, dayStarts);

/** GB 18030 bytes of a text, by turning the decoder's own table of two-byte characters round. */
export function toGb18030(text: string): Uint8Array {
  const decoder = new TextDecoder('gb18030');
  const codes = new Map<string, readonly [number, number]>();
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      if (trail === 0x7f) continue;
      const character = decoder.decode(Uint8Array.of(lead, trail));
      if (character.length === 1 && !codes.has(character)) codes.set(character, [lead, trail]);
    }
  }
  return Uint8Array.from(
    [...text].flatMap((character) => {
      if (character < '\u0080') return [character.charCodeAt(0)];
      const code = codes.get(character);
      if (code === undefined) throw new Error(`no two-byte code for ${character}`);
      return [...code];
    }),
  );
}
