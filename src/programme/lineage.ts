import { encodeCbor } from '../ledger/codec/encode.ts';
import type { Id } from '../ledger/codec/id.ts';
import { packagePayload } from './package.ts';
import { addPackage, allPackages, emptyPackageIndex, overlapping } from './packages.ts';
import type { Organisation, ProgrammeState } from './state.ts';

/** An organisation and those that it continues, newest first (`admit.continues`, ledger-v1 section 9). One that comes round again ends the line. */
export function lineOf(
  { organisations }: Pick<ProgrammeState, 'organisations'>,
  newest: Organisation,
): readonly Organisation[] {
  const line = [newest];
  for (;;) {
    const before = line.at(-1)?.admitted?.continues ?? null;
    const organisation = before === null ? undefined : organisations.get(before);
    if (organisation === undefined || line.includes(organisation)) return line;
    line.push(organisation);
  }
}

/**
 * By whom an auditor counts: the oldest of its line, though the ledger may not know it. Who continues another is no second auditor beside it,
 * though both chains have keys of their own and the old one may still sign. A line that runs into a circle has no oldest: it counts by the
 * least id of the circle, the same for all that lead there.
 */
export function countsAs(state: Pick<ProgrammeState, 'organisations'>, auditor: Id): Id {
  const organisation = state.organisations.get(auditor);
  if (organisation === undefined) return auditor;
  const line = lineOf(state, organisation);
  const last = line.at(-1) ?? organisation;
  const before = last.admitted?.continues ?? null;
  if (before === null) return last.id;
  const round = line.findIndex(({ id }) => id === before);
  return round < 0 ? before : line.slice(round).reduce((least, { id }) => (id < least ? id : least), before);
}

/**
 * An organisation with the history of those that it continues: their packages where it has none of its own, their boundaries and meter
 * events. Itself where it continues nobody.
 */
export function withHistory(state: Pick<ProgrammeState, 'organisations'>, newest: Organisation): Organisation {
  const line = lineOf(state, newest);
  if (line.length === 1) return newest;
  const packages = emptyPackageIndex();
  for (const { packages: own } of line) {
    for (const counted of allPackages(own)) {
      if (overlapping(packages, counted.meter, counted.kind, counted.start, counted.end) !== undefined) continue;
      const { commit, meter, kind, start, end, time, standing, place, corrects } = counted;
      const encoded = encodeCbor(packagePayload.write(counted.payload));
      const slot = { commit, meter, kind, start, end, encoded, payload: counted.payload, time, standing, place };
      addPackage(packages, corrects === undefined ? slot : { ...slot, corrects });
    }
  }
  const byTime = (a: { readonly time: number }, b: { readonly time: number }): number => a.time - b.time;
  const oldestFirst = line.toReversed();
  return {
    ...newest,
    packages,
    boundaries: oldestFirst.flatMap(({ boundaries }) => boundaries).sort(byTime),
    meterEvents: oldestFirst.flatMap(({ meterEvents }) => meterEvents).sort(byTime),
  };
}
