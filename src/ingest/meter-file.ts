import { readCsv } from './csv.ts';
import type { IngestSituation } from './meter-definition.ts';
import { readNdjson } from './ndjson.ts';
import { type DraftResult, toPackageDrafts } from './package-drafts.ts';
import type { MeterProfile } from './profile.ts';
import { rowsToReadings } from './rows-to-readings.ts';

/**
 * A meter file as package drafts: CSV as the profile describes it, or NDJSON, which describes itself, without one.
 * @throws JoulemarkError USAGE naming file, line and column.
 */
export function readMeterFile(
  bytes: Uint8Array,
  fileName: string,
  profile: MeterProfile | undefined,
  situation: IngestSituation,
): DraftResult {
  if (profile === undefined) return toPackageDrafts(readNdjson(bytes, fileName, situation.meters), situation);
  const readings = rowsToReadings(readCsv(bytes, fileName, profile.layout), profile, situation.meters, fileName);
  return toPackageDrafts(readings, situation, profile.series === 'keep');
}
