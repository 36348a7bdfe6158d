import { JoulemarkError } from '../errors.ts';
import { meterEventContent, type MeterEventContent } from '../programme/entries.ts';
import { indexOfSame } from '../programme/meter-event.ts';
import { type AppendedEntry, appendEntry, alreadyThere, ownChain } from './append-entry.ts';
import { entriesOf } from './find-entry.ts';
import { meterNamed, type OwnMeters, readOwnMeters } from './own-chain.ts';
import { type Surroundings, toEntry, withWriter } from './session.ts';
import { ownChainOnly } from './submit.ts';

/**
 * Appends what happened to a meter. `toEvent` says what, from what the chain has. A second run appends nothing. `timed`: the caller
 * named the time.
 */
export async function appendMeterEvent(
  surroundings: Surroundings,
  meter: string,
  timed: boolean,
  toEvent: (known: OwnMeters & { readonly now: number }) => MeterEventContent,
): Promise<AppendedEntry & { readonly event: MeterEventContent }> {
  return withWriter(
    surroundings,
    (writer) => {
      const known = readOwnMeters(writer, writer.now);
      const { name } = meterNamed(known.meters, meter);
      if (name !== meter)
        throw new JoulemarkError('USAGE', `'${meter}' is a customer of a shipment meter, expected the meter '${name}'`);
      const event = toEvent({ ...known, now: writer.now });
      const placed = [...entriesOf(ownChain(writer).blocks, 'meter-event')];
      const events = placed.map(({ content }) => meterEventContent.read(content, 'meter-event'));
      const same = indexOfSame(events, event, timed);
      const [earlier, said] = [placed[same], events[same]];
      if (earlier !== undefined && said !== undefined)
        return { ...alreadyThere(writer, earlier, surroundings.dryRun), event: said };
      return { ...appendEntry(writer, surroundings.dryRun, toEntry('meter-event', meterEventContent, event)), event };
    },
    ownChainOnly(surroundings.home),
  );
}
