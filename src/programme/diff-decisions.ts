import type { Evaluation } from '../calc/evaluation.ts';
import { type Span, showTime } from './calendar.ts';
import { showSpan } from './decision-view.ts';
import type { Decided } from './decide.ts';
import { type DataChange, dataOf, diffData, type WindowData } from './diff-data.ts';
import { diffDocuments, type PathChange } from './diff-documents.ts';
import { diffFactors, diffFigures, type FactorChange, type FigureChange } from './diff-figures.ts';
import type { PlainDocument } from './document-text.ts';
import { withHistory } from './lineage.ts';
import { boundaryInForce } from './rules.ts';
import type { Organisation, ProgrammeState } from './state.ts';

/** A decision computed at its place, or now. */
export interface ComparedDecision {
  /** As a person names it: its number, `block 70`, 'now'. */
  readonly label: string;
  /** Ledger time, seconds since 1970. */
  readonly time: number;
  readonly period: Span;
  /** The state in which it is computed. */
  readonly state: ProgrammeState;
  readonly applicant: Organisation;
  readonly decided: Decided;
  /** The documents in force, as they were signed; null where there is none. */
  readonly policy: PlainDocument | null;
  readonly boundary: PlainDocument | null;
}

/** A set of names or places: those of one decision only. */
interface SetChange {
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
}

/** What two decisions differ in: JSON-safe, every figure exact and displayed. */
export interface DecisionDiff {
  readonly a: DiffHead;
  readonly b: DiffHead;
  /** Nothing differs in what the answers rest on, nor in the answers. */
  readonly same: boolean;
  /** Products whose verdict differs. */
  readonly verdicts: readonly { readonly product: string; readonly a: string | null; readonly b: string | null }[];
  readonly figures: readonly FigureChange[];
  /** By which rules figures are formed: windows, and what the policy says of them. */
  readonly method: readonly PathChange[];
  /** What else the policies differ in. */
  readonly policy: readonly PathChange[];
  readonly boundary: readonly PathChange[];
  readonly factors: readonly FactorChange[];
  /** Digests of tables. */
  readonly tables: SetChange;
  readonly data: readonly DataChange[];
  /** `auditor:block:entry` of the audits that count. */
  readonly audits: SetChange;
}

interface DiffHead {
  readonly label: string;
  readonly applicant: string;
  readonly period: string;
  readonly decided: string;
  readonly status: string;
  readonly reasons: readonly string[];
}

/** What of a policy figures are formed by; the rest is dates, papers and names. */
const METHOD = /^(?:energy|products|shared_energy|baseline|data|decision)(?:\.|$)|^time\.(?:zone|interval|straddling)$/;

/** Compares two decisions in what they rest on and in what they come to. Pure. */
export function diffDecisions(a: ComparedDecision, b: ComparedDecision): DecisionDiff {
  const zone = b.decided.policy?.time.zone ?? a.decided.policy?.time.zone ?? 'UTC';
  const policy = diffDocuments(a.policy, b.policy);
  const [evaluationA, evaluationB] = [a.decided.evaluation, b.decided.evaluation];
  const found = {
    verdicts: diffVerdicts(evaluationA, evaluationB),
    figures: diffFigures(evaluationA, evaluationB),
    method: [...diffWindows(a, b, zone), ...policy.filter(({ path }) => METHOD.test(path))],
    policy: policy.filter(({ path }) => !METHOD.test(path)),
    boundary: diffDocuments(a.boundary, b.boundary),
    factors: diffFactors(evaluationA, evaluationB),
    tables: diffSets(a.decided.content?.tables ?? [], b.decided.content?.tables ?? []),
    data: (['baseline', 'reporting'] as const).flatMap((side) =>
      diffData(side, windowData(a, side), windowData(b, side), zone),
    ),
    audits: diffSets(auditsOf(a), auditsOf(b)),
  };
  const [headA, headB] = [headOf(a, zone), headOf(b, zone)];
  return { a: headA, b: headB, same: isNothing(found) && isSameAnswer(headA, headB), ...found };
}

type Found = Omit<DecisionDiff, 'a' | 'b' | 'same'>;

function isNothing({ figures, tables, audits, verdicts, method, policy, boundary, factors, data }: Found): boolean {
  const lists = [verdicts, method, policy, boundary, factors, data];
  const sets = [tables, audits].flatMap(({ onlyA, onlyB }) => [onlyA, onlyB]);
  return figures.every(({ same }) => same) && [...lists, ...sets].every((list) => list.length === 0);
}

const isSameAnswer = (a: DiffHead, b: DiffHead): boolean =>
  a.applicant === b.applicant && a.status === b.status && a.reasons.join() === b.reasons.join();

function headOf({ label, time, period, applicant, decided }: ComparedDecision, zone: string): DiffHead {
  return {
    label,
    applicant: applicant.name,
    period: showSpan(period, zone),
    decided: showTime(time, zone),
    status: decided.status,
    reasons: decided.reasons,
  };
}

function diffVerdicts(a: Evaluation | null, b: Evaluation | null): DecisionDiff['verdicts'] {
  const verdictsOf = (evaluation: Evaluation | null): ReadonlyMap<string, string> =>
    new Map((evaluation?.products ?? []).map(({ product, verdict }) => [product, verdict]));
  const [left, right] = [verdictsOf(a), verdictsOf(b)];
  return [...new Set([...left.keys(), ...right.keys()])]
    .sort()
    .map((product) => ({ product, a: left.get(product) ?? null, b: right.get(product) ?? null }))
    .filter((change) => change.a !== change.b);
}

function diffWindows(a: ComparedDecision, b: ComparedDecision, zone: string): readonly PathChange[] {
  const shown = ({ decided }: ComparedDecision, name: 'baseline' | 'reporting' | 'fixedBase'): string | null => {
    const window = decided.windows?.[name];
    return window === undefined ? null : showSpan(window, zone);
  };
  return (['baseline', 'reporting', 'fixedBase'] as const)
    .map((name) => ({ path: `window ${WINDOW_NAMES[name]}`, a: shown(a, name), b: shown(b, name) }))
    .filter((change) => change.a !== change.b);
}

const WINDOW_NAMES = { baseline: 'baseline', reporting: 'reporting', fixedBase: 'fixed base' } as const;

function windowData(
  { state, applicant, decided, period }: ComparedDecision,
  side: 'baseline' | 'reporting',
): WindowData | null {
  const { policy, windows } = decided;
  const line = withHistory(state, applicant);
  const boundary = boundaryInForce(line.boundaries, period.start);
  if (policy === null || windows === null || boundary === undefined) return null;
  return dataOf(line, policy, boundary.value, windows[side]);
}

const auditsOf = ({ decided }: ComparedDecision): readonly string[] =>
  (decided.content?.audits ?? []).map(({ auditor, seq, entry }) => `${auditor}:${seq}:${entry}`);

function diffSets(a: readonly string[], b: readonly string[]): SetChange {
  const [inA, inB] = [new Set(a), new Set(b)];
  return { onlyA: a.filter((one) => !inB.has(one)), onlyB: b.filter((one) => !inA.has(one)) };
}
