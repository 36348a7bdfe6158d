import { JoulemarkError } from '../errors.ts';
import type { Entry } from '../ledger/entry.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { Schema } from '../ledger/codec/schema.ts';
import type { Span } from './calendar.ts';
import { windowsOf } from './decision-windows.ts';
import { auditContent, correctContent, packageContent, recuseContent } from './entries.ts';
import { boundaryInForce, policyInForce, previousPeriod } from './rules.ts';
import { stands } from './standing-decision.ts';
import type { Organisation, ProgrammeState } from './state.ts';

/** Whether a cut keeps an entry, or only its leaf hash. `org`: whose chain; null for the programme's. */
export type KeepEntry = (org: Id | null, index: number, entry: Entry) => boolean;

/** What every reader of any part needs: who may sign, what is measured, and proofs against somebody. */
const ALWAYS: ReadonlySet<string> = new Set(['join', 'rotate', 'boundary', 'meter-event', 'answer', 'fork']);

/** Kinds of which a decision looks at what came before its windows, or at all of it; there are few. */
const WHOLE_KINDS: ReadonlySet<string> = new Set(['stock', 'quality']);

/** Days of meters begin within a day of the window's own. */
const MARGIN = 86_400;

/**
 * What a cut to one applicant and period keeps: the programme chain; of every chain who may sign, boundaries and meter events; of the applicant,
 * and of those that it continues, the packages of the period's windows; audits and recusals that concern it. Entry 0 of each block stays,
 * because it may change the key (ledger-v1 section 4.1).
 */
export function cutTo(state: ProgrammeState, applicant: Organisation, period: Span): KeepEntry {
  const line = lineOfCut(state, applicant);
  const windows = windowsOfCut(state, applicant, period);
  const isInside = (read: { readonly kind: string; readonly interval: readonly [number, number] }): boolean =>
    WHOLE_KINDS.has(read.kind) ||
    windows.some(({ start, end }) => read.interval[0] < end + MARGIN && read.interval[1] > start - MARGIN);
  return (org, index, entry) => {
    if (org === null || index === 0 || ALWAYS.has(entry.type)) return true;
    if (entry.type === 'audit') return concerns(entry, auditContent, line);
    if (entry.type === 'recuse') return concerns(entry, recuseContent, line);
    if (!line.has(org)) return false;
    // one that cannot be read is nobody's secret, and a finding that the reader should see
    if (entry.type === 'package') return tryRead(entry, packageContent, isInside) ?? true;
    if (entry.type === 'correct') return tryRead(entry, correctContent, (read) => isInside(read.package)) ?? true;
    return true;
  };
}

/** Every window that a decision on the period looks at, or looked at when it was made. */
function windowsOfCut(state: ProgrammeState, applicant: Organisation, period: Span): readonly Span[] {
  const windows: Span[] = [period];
  for (const decision of state.decisions) {
    const { content } = decision;
    if (content.applicant !== applicant.id || content.period[0] !== period.start || content.baseline === null) continue;
    windows.push({ start: content.baseline[0], end: content.baseline[1] });
  }
  const first = state.decisions.find(
    (decision) =>
      stands(decision) && decision.content.applicant === applicant.id && decision.content.status === 'CERTIFIED',
  );
  if (first !== undefined) windows.push({ start: first.content.period[0], end: first.content.period[1] });
  const policy = policyInForce(state.policies, period.start);
  const boundary = boundaryInForce(applicant.boundaries, period.start);
  if (policy !== undefined && boundary !== undefined) {
    const own = windowsOf({ state, applicant, policy, boundary, period });
    windows.push(previousPeriod(policy.value, period), ...Object.values(own));
  }
  // an audit speaks of all packages of its window or of none
  for (const { audits } of state.organisations.values())
    for (const { content } of audits) {
      const [start, end] = content.window;
      if (content.applicant === applicant.id && windows.some((window) => start < window.end && end > window.start))
        windows.push({ start, end });
    }
  return windows;
}

/** The applicant, and those whose history it continues. */
function lineOfCut(state: ProgrammeState, applicant: Organisation): ReadonlySet<Id> {
  const line = new Set<Id>();
  for (let next: Organisation | undefined = applicant; next !== undefined && !line.has(next.id);) {
    line.add(next.id);
    const before: Id | null = next.admitted?.continues ?? null;
    next = before === null ? undefined : state.organisations.get(before);
  }
  return line;
}

function concerns(entry: Entry, schema: Schema<{ readonly applicant: Id }>, line: ReadonlySet<Id>): boolean {
  return tryRead(entry, schema, ({ applicant }) => line.has(applicant)) ?? false;
}

/** What `judge` says of an entry that can be read; null of one that cannot. */
function tryRead<T>(entry: Entry, schema: Schema<T>, judge: (content: T) => boolean): boolean | null {
  try {
    return judge(schema.read(entry.content, entry.type));
  } catch (error) {
    if (error instanceof JoulemarkError) return null;
    throw error;
  }
}
