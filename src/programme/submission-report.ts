import { type Decimal, decimalToText, parseDecimal, sumDecimals } from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import { shortId } from '../ledger/codec/id.ts';
import { showTime } from './calendar.ts';
import type { MeterSituation, SituatedMeter } from './meter-situation.ts';
import type { PackagePayload } from './package.ts';
import type { Conflict, DraftedPackage, SubmissionPlan } from './plan-submission.ts';
import { showDay, showInterval, showQuantity, showRegister } from './show-quantity.ts';

/** What a reader of a file hands over: packages to be, intervals that wait, and holes. Times in epoch seconds. */
export interface FileDrafts {
  readonly drafts: readonly DraftedPackage[];
  readonly held: readonly { readonly meter: string; readonly start: number; readonly because: string }[];
  readonly gaps: readonly { readonly meter: string; readonly start: number; readonly end: number }[];
  readonly notes: readonly string[];
}

/** A block that was appended. */
export interface ReportedBlock {
  readonly seq: number;
  readonly id: string;
  readonly entries: number;
}

/** What a file brought for one meter (and customer). JSON-safe; `dates` is for people. */
export interface MeterReport {
  readonly meter: string;
  readonly packages: number;
  readonly repeats: number;
  readonly start: number | null;
  readonly end: number | null;
  readonly dates: string | null;
  /** The sum of what was appended; the last level of a meter that shows one; null where nothing is to be added up. */
  readonly quantity: string | null;
  readonly unit: string;
  readonly register: { readonly open: string; readonly close: string } | null;
  readonly held: readonly { readonly start: number; readonly day: string; readonly because: string }[];
  readonly gaps: readonly { readonly start: number; readonly end: number; readonly dates: string }[];
}

/** A draft against a package of the chain, in words. */
export interface ConflictReport {
  readonly meter: string;
  readonly start: number;
  readonly end: number;
  readonly ledger: { readonly quantity: string; readonly unit: string; readonly block: number; readonly time: number };
  readonly file: { readonly quantity: string; readonly name: string; readonly line: number };
  /** The failure, then a line for each side. */
  readonly lines: readonly string[];
  readonly hint: string;
}

/** All that a submission did. */
export interface SubmissionReport {
  readonly organisation: { readonly id: string; readonly name: string };
  readonly source: string;
  readonly meters: readonly MeterReport[];
  readonly conflicts: readonly ConflictReport[];
  readonly notes: readonly string[];
  readonly blocks: readonly ReportedBlock[];
  readonly dryRun: boolean;
  /** The new packages one by one; only in a dry run. */
  readonly packages: readonly {
    readonly meter: string;
    readonly start: number;
    readonly end: number;
    readonly dates: string;
    readonly quantity: string;
    readonly unit: string;
    readonly provenance: string;
    readonly commit: string;
  }[];
}

const nameOf = (packageMeter: string): string => packageMeter.split('/')[0] ?? packageMeter;

/** The lines of a report, a meter each, in the order of the file. */
export function toMeterReports(
  plan: SubmissionPlan,
  file: FileDrafts,
  situation: MeterSituation,
): readonly MeterReport[] {
  const fresh = groupBy(plan.fresh.map(({ draft }) => draft));
  const repeats = groupBy(plan.repeats);
  const held = groupBy(file.held);
  const gaps = groupBy(file.gaps);
  const names = new Set([...file.drafts.map(({ meter }) => meter), ...held.keys(), ...gaps.keys()]);
  return [...names].map((meter) => {
    const definition = situation.meters.get(nameOf(meter));
    const dayStarts = definition?.dayStarts ?? 0;
    const zone = definition?.zone ?? situation.zone;
    const drafts = fresh.get(meter) ?? [];
    const [first, last] = [drafts[0], drafts.at(-1)];
    const [open, close] = [first?.payload.register?.open, last?.payload.register?.close];
    return {
      meter,
      packages: drafts.length,
      repeats: repeats.get(meter)?.length ?? 0,
      start: first?.start ?? null,
      end: last?.end ?? null,
      dates: first === undefined || last === undefined ? null : showInterval(first.start, last.end, zone, dayStarts),
      quantity: totalOf(drafts, definition),
      unit: definition?.unit ?? '',
      register:
        open === undefined || close === undefined ? null : { open: decimalToText(open), close: decimalToText(close) },
      held: (held.get(meter) ?? []).map(({ start, because }) => ({
        start,
        day: showDay(start, zone, dayStarts),
        because,
      })),
      gaps: (gaps.get(meter) ?? []).map(({ start, end }) => ({
        start,
        end,
        dates: showInterval(start, end, zone, dayStarts),
      })),
    };
  });
}

function totalOf(drafts: readonly DraftedPackage[], definition: SituatedMeter | undefined): string | null {
  const last = drafts.at(-1);
  if (last === undefined || definition?.kind === 'quality') return null;
  const total: Decimal =
    definition?.reads === 'level' ? last.payload.quantity : sumDecimals(drafts.map(({ payload }) => payload.quantity));
  return decimalToText(total);
}

function groupBy<T extends { readonly meter: string }>(items: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.meter);
    if (group === undefined) groups.set(item.meter, [item]);
    else group.push(item);
  }
  return groups;
}

/** A conflict in words: which package, what the ledger says, what the file says. */
export function toConflictReport({ draft, existing, what }: Conflict, situation: MeterSituation): ConflictReport {
  const definition = situation.meters.get(nameOf(draft.meter));
  const dayStarts = definition?.dayStarts ?? 0;
  const zone = definition?.zone ?? situation.zone;
  const show = (span: { readonly start: number; readonly end: number }): string =>
    showInterval(span.start, span.end, zone, dayStarts);
  const [ours, theirs] = [described(existing.payload, draft.payload), described(draft.payload, existing.payload)];
  const width = Math.max(ours.length, theirs.length);
  const failure =
    what === 'overlap'
      ? `${draft.meter} ${show(draft)} overlaps ${show(existing)}, which is on the ledger`
      : `${draft.meter} ${show(draft)} is on the ledger with another ${difference(existing.payload, draft.payload)}`;
  return {
    meter: draft.meter,
    start: draft.start,
    end: draft.end,
    ledger: {
      quantity: decimalToText(existing.payload.quantity),
      unit: existing.payload.unit,
      block: existing.place.seq,
      time: existing.time,
    },
    file: { quantity: decimalToText(draft.payload.quantity), name: draft.place.file, line: draft.place.line },
    lines: [
      failure,
      `ledger  ${ours.padEnd(width)}   block ${existing.place.seq}, ${showTime(existing.time, situation.zone).slice(0, 16)}`,
      `file    ${theirs.padEnd(width)}   ${draft.place.file} line ${draft.place.line}`,
    ],
    hint:
      what === 'overlap'
        ? `to see the package that is there: joulemark meter show ${nameOf(draft.meter)}`
        : `if the ledger is wrong: ${correctCommand(draft, show({ start: draft.start, end: draft.end }).slice(0, 10))}`,
  };
}

function described(payload: PackagePayload, other: PackagePayload): string {
  const register =
    payload.register === undefined || decimalToText(payload.quantity) !== decimalToText(other.quantity)
      ? ''
      : `, register ${showRegister(payload.register.open, payload.register.close)}`;
  const provenance = payload.provenance === other.provenance ? '' : `, ${payload.provenance}`;
  return `${showQuantity(payload.quantity)} ${payload.unit}${provenance}${register}`;
}

function difference(a: PackagePayload, b: PackagePayload): string {
  if (decimalToText(a.quantity) !== decimalToText(b.quantity)) return 'quantity';
  if (a.provenance !== b.provenance) return 'provenance';
  return a.unit === b.unit ? 'content' : 'unit';
}

function correctCommand({ meter, payload }: DraftedPackage, day: string): string {
  const register =
    payload.register === undefined
      ? ''
      : ` --open ${decimalToText(payload.register.open)} --close ${decimalToText(payload.register.close)}`;
  return `joulemark meter correct ${meter} ${day} ${decimalToText(payload.quantity)}${register} --because "..."`;
}

const MOST_NAMED = 5;

/** The refusal of a whole file. `waiting`: how many other packages of it would have been new. */
export function conflictError(conflicts: readonly ConflictReport[], waiting: number): JoulemarkError {
  const named = conflicts.slice(0, MOST_NAMED);
  const more = conflicts.length - named.length;
  const others =
    waiting === 0
      ? ''
      : ` (${waiting} other ${waiting === 1 ? 'package' : 'packages'} of this file wait; --append-the-rest takes them)`;
  const lines = [
    ...named.flatMap(({ lines: one }) => one),
    ...(more === 0 ? [] : [`and ${more} more`]),
    `nothing was written${others}`,
  ];
  const [first] = conflicts;
  return new JoulemarkError('USAGE', lines.join('\n'), {
    hints: named.map(({ hint }) => hint),
    details: {
      conflicts: conflicts.length,
      waiting,
      ...(first === undefined
        ? {}
        : {
            meter: first.meter,
            start: first.start,
            end: first.end,
            ledger: first.ledger.quantity,
            block: first.ledger.block,
            quantity: first.file.quantity,
            file: first.file.name,
            line: first.file.line,
          }),
    },
  });
}

/** The lines of a report for people, in columns: meter, what, when, how much, register. */
export function reportRows(report: SubmissionReport): readonly (readonly string[])[] {
  return report.meters.flatMap((meter) => [
    ...packageRow(meter),
    ...repeatRow(meter),
    ...meter.gaps.map(({ dates }) => [meter.meter, 'no figures', dates]),
    ...meter.held.map(({ day, because }) => [meter.meter, 'held', `${day} is not finished: ${because}`]),
  ]);
}

function packageRow({ meter, packages, dates, quantity, unit, register }: MeterReport): readonly (readonly string[])[] {
  if (packages === 0) return [];
  const sum = quantity === null ? '' : `${showQuantity(parseDecimal(quantity))} ${unit}`;
  const readings =
    register === null ? '' : `register ${showRegister(parseDecimal(register.open), parseDecimal(register.close))}`;
  return [[meter, count(packages, 'package'), dates ?? '', sum, readings]];
}

function repeatRow({ meter, repeats }: MeterReport): readonly (readonly string[])[] {
  return repeats === 0 ? [] : [[meter, count(repeats, 'package'), 'already in the ledger']];
}

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;

/** 'appended block 70 of guangnan-cement (3f9c1a7e); not yet broadcast', or that there was nothing to do. */
export function appendedLine({ organisation, blocks, dryRun, meters }: SubmissionReport): string {
  const [first, last] = [blocks[0], blocks.at(-1)];
  if (first === undefined || last === undefined) {
    const repeats = meters.reduce((sum, meter) => sum + meter.repeats, 0);
    return repeats === 0 ? 'nothing to append' : 'already in the ledger: nothing to append';
  }
  const which = first.seq === last.seq ? `block ${first.seq}` : `blocks ${first.seq}..${last.seq}`;
  const name = `${which} of ${organisation.name} (${shortId(last.id as Parameters<typeof shortId>[0])})`;
  return dryRun
    ? `would append ${name.replace(/ \([0-9a-f]+\)$/, '')}; nothing was written`
    : `appended ${name}; not yet broadcast`;
}
