import { carryOver, joinReadings, shiftFault } from './carry-over.ts';
import { readCsv } from './csv.ts';
import type { DraftResult } from './draft.ts';
import type { IngestSituation } from './meter-definition.ts';
import { readNdjson } from './ndjson.ts';
import { toPackageDrafts } from './package-drafts.ts';
import type { MeterProfile } from './profile.ts';
import type { ReadingFile } from './reading.ts';
import type { ReadingGroups } from './readings.ts';
import { rowsToReadings } from './rows-to-readings.ts';

/** Reads the parts of one source after each other; what a part leaves unfinished is completed by the next. */
export interface MeterReader {
  /**
   * The packages of a part, with what earlier parts left.
   * @throws JoulemarkError USAGE naming file and line.
   */
  read(bytes: Uint8Array, name: string, situation: IngestSituation): DraftResult;
  /** The part last read was taken: what it leaves unfinished goes to the next. Not called, the part is as if it had never been read. */
  keep(): void;
}

/** A reader of files that may repeat each other's rows: exports of a month so far, a day each, from the last export on. */
export function fileReader(profile: MeterProfile | undefined): MeterReader {
  let left: { readonly name: string; readonly readings: ReadingGroups } | undefined;
  let leaves = left;
  return {
    keep: () => {
      left = leaves;
    },
    read: (bytes, name, situation) => {
      const file = readPart(bytes, name, profile, situation);
      const joined =
        left === undefined || left.readings.size === 0
          ? file
          : { ...file, fileName: `${left.name}+${name}`, readings: joinReadings(left.readings, file.readings) };
      const result = toPackageDrafts(joined, situation, profile?.series === 'keep');
      leaves = { name, readings: carryOver(joined.readings, result.held, situation.meters, false) };
      return result;
    },
  };
}

/** A reader of a stream of NDJSON in parts: no line comes twice. Lines are those of the whole stream. */
export function streamReader(): MeterReader {
  let left: ReadingGroups = new Map();
  let leaves = left;
  let lines = 0;
  return {
    keep: () => {
      left = leaves;
    },
    read: (bytes, name, situation) => {
      let part: ReadingFile;
      try {
        part = readNdjson(bytes, name, situation.meters);
      } catch (error) {
        throw shiftFault(error, lines);
      }
      const readings = joinReadings(left, part.readings, lines);
      const result = toPackageDrafts({ ...part, readings }, situation);
      leaves = carryOver(readings, result.held, situation.meters, true);
      for (const byte of bytes) if (byte === 0x0a) lines += 1;
      return result;
    },
  };
}

function readPart(
  bytes: Uint8Array,
  name: string,
  profile: MeterProfile | undefined,
  situation: IngestSituation,
): ReadingFile {
  if (profile === undefined) return readNdjson(bytes, name, situation.meters);
  return rowsToReadings(readCsv(bytes, name, profile.layout), profile, situation.meters, name);
}
