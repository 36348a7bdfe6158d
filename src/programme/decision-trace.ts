import { explain } from '../calc/explain.ts';
import type { ExplainStep } from '../calc/explain-step.ts';
import { JoulemarkError } from '../errors.ts';
import { type BoundaryMeter, meterOfPackage } from './boundary.ts';
import type { Span } from './calendar.ts';
import { decide, type Decided } from './decide.ts';
import { type DecisionView, toDecisionView } from './decision-view.ts';
import { decisionContent, type DecisionContent } from './entries.ts';
import type { CountedPackage } from './packages.ts';
import type { ReplayOptions } from './replay.ts';
import { boundaryInForce } from './rules.ts';
import type { AuditRecord, LedgerEvent, Organisation, ProgrammeState } from './state.ts';
import { packagesOfWindow } from './window-packages.ts';

/** A meter of a decision, and the packages of it that the figures rest on. */
export interface TracedMeter {
  readonly meter: BoundaryMeter;
  readonly baseline: readonly CountedPackage[];
  readonly reporting: readonly CountedPackage[];
}

/** A decision computed at its own place, with all that its figures come from. */
export interface DecisionTrace {
  readonly decided: Decided;
  readonly view: DecisionView;
  readonly zone: string;
  /** The figures, step by step; empty where there are none. */
  readonly steps: readonly ExplainStep[];
  readonly meters: readonly TracedMeter[];
  readonly audits: readonly AuditRecord[];
}

/** Watches a replay and keeps, for each decision, what it was made of when it was made. */
export interface DecisionTracer {
  readonly before: NonNullable<ReplayOptions['before']>;
  /** By place: `block:entry` of the programme chain. */
  readonly traces: ReadonlyMap<string, DecisionTrace>;
}

/**
 * A tracer for one replay. What a decision rests on must be taken at its place: later corrections change the state.
 * Lists refer to the packages of the state, so a decision takes a few kilobytes.
 */
export function createDecisionTracer(): DecisionTracer {
  const traces = new Map<string, DecisionTrace>();
  return {
    traces,
    before: (event, state) => {
      const trace = event.org === null && event.type === 'decision' ? traceOf(event, state) : null;
      if (trace !== null) traces.set(`${event.seq}:${event.index}`, trace);
      return true;
    },
  };
}

/** Null for a decision that nothing can be computed for; the replay itself says why, as a finding. */
function traceOf(event: LedgerEvent, state: ProgrammeState): DecisionTrace | null {
  try {
    const content = decisionContent.read(event.entry.content, 'decision');
    const applicant = state.organisations.get(content.applicant);
    return applicant === undefined ? null : toTrace(state, applicant, content, event.time);
  } catch (error) {
    if (!(error instanceof JoulemarkError) || error.code === 'INTERNAL') throw error;
    return null;
  }
}

function toTrace(
  state: ProgrammeState,
  applicant: Organisation,
  content: DecisionContent,
  time: number,
): DecisionTrace | null {
  const [start, end] = content.period;
  const decided = decide(state, applicant, { start, end }, time);
  const { policy, windows, evaluation, rules } = decided;
  if (policy === null || windows === null) return null;
  const { zone } = policy.time;
  return {
    decided,
    view: toDecisionView(state, applicant.id, decided, zone),
    zone,
    steps: evaluation === null || rules === null ? [] : explain(evaluation, rules),
    meters: metersOf(applicant, decided, start),
    audits: (decided.content?.audits ?? []).flatMap((place) => {
      const audit = state.organisations
        .get(place.auditor)
        ?.audits.find(({ seq, entry }) => seq === place.seq && entry === place.entry);
      return audit === undefined ? [] : [audit];
    }),
  };
}

function metersOf(applicant: Organisation, { policy, windows }: Decided, start: number): readonly TracedMeter[] {
  const boundary = boundaryInForce(applicant.boundaries, start)?.value;
  if (boundary === undefined || policy === null || windows === null) return [];
  const byMeter = (window: Span): ReadonlyMap<BoundaryMeter, readonly CountedPackage[]> => {
    const found = new Map<BoundaryMeter, CountedPackage[]>();
    for (const one of packagesOfWindow(applicant, policy, boundary, window)) {
      const meter = meterOfPackage(boundary, one.meter);
      if (meter === undefined) continue;
      const packages = found.get(meter);
      if (packages === undefined) found.set(meter, [one]);
      else packages.push(one);
    }
    return found;
  };
  const baseline = byMeter(windows.baseline);
  const reporting = byMeter(windows.reporting);
  return [...boundary.meters.values()].map((meter) => ({
    meter,
    baseline: baseline.get(meter) ?? [],
    reporting: reporting.get(meter) ?? [],
  }));
}
