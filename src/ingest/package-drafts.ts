import { JoulemarkError } from '../errors.ts';
import type { DraftResult, DraftSink } from './draft.ts';
import { intervalPackages } from './interval-packages.ts';
import type { IngestSituation, MeterDefinition } from './meter-definition.ts';
import { inOrder, type MeterSeries } from './meter-series.ts';
import { levelPackages, lotPackages, shipmentPackages } from './other-packages.ts';
import type { ReadingFile } from './reading.ts';
import { lastEnd } from './readings.ts';
import { registerPackages } from './register-packages.ts';
import { windowFinder } from './windows.ts';

export type { DraftResult, GapInterval, HeldInterval, PackageDraft, PackagePayload } from './draft.ts';

/**
 * The packages that the readings of a file make, in order of meter and time: each over the policy's interval in the meter's
 * own days. The same file in the same situation gives the same drafts.
 * `keepSeries`: sub-intervals travel beside the payload.
 * @throws JoulemarkError USAGE naming file and line: conflicting or overlapping figures, a register that goes backwards, an
 * idle row whose register advanced, an interval across the edge of a package.
 */
export function toPackageDrafts(file: ReadingFile, situation: IngestSituation, keepSeries = false): DraftResult {
  const sink: DraftSink = { drafts: [], held: [], gaps: [], notes: [...file.notes] };
  const fileEnds = new Map<string, number>();
  for (const readings of file.readings.values())
    fileEnds.set(readings.meter, Math.max(lastEnd(readings), fileEnds.get(readings.meter) ?? 0));
  for (const [name, readings] of file.readings) {
    const definition = definitionOf(readings.meter, situation);
    const zone = definition.zone ?? situation.zone;
    const isShipment = definition.kind === 'shipment';
    const ordered = isShipment ? { readings, repeats: 0 } : inOrder(readings, file.fileName, zone);
    if (ordered.repeats > 0)
      sink.notes.push(
        `'${name}': ${ordered.repeats} repeated ${ordered.repeats === 1 ? 'figure' : 'figures'} counted once`,
      );
    const series: MeterSeries = {
      name,
      definition,
      party: readings.party,
      readings: ordered.readings,
      fileName: file.fileName,
      zone,
      windowAt: windowFinder(definition.every ?? situation.interval, zone, definition.dayStarts),
      register: situation.registers.get(definition.meter),
      events: [...(situation.events.get(definition.meter) ?? [])].sort((a, b) => a.at - b.at),
      keepSeries,
      now: situation.now ?? Number.MAX_SAFE_INTEGER,
    };
    if (isShipment) shipmentPackages(series, fileEnds.get(definition.meter) ?? 0, sink);
    else if (definition.kind === 'quality') lotPackages(series, sink);
    else if (definition.reads === 'register') registerPackages(series, sink);
    else if (definition.reads === 'level') levelPackages(series, sink);
    else intervalPackages(series, sink);
  }
  return sink;
}

function definitionOf(meter: string, { meters }: IngestSituation): MeterDefinition {
  const definition = meters.get(meter);
  if (definition === undefined)
    throw new JoulemarkError('USAGE', `no meter '${meter}' is enrolled`, { hints: ['joulemark meter list'] });
  return definition;
}
