import type { JoulemarkError } from '../errors.ts';
import { showTime } from './calendar.ts';
import type { CopyComparison } from './compare-copies.ts';
import { type DecisionFigures, toDecisionFigures } from './decision-figures.ts';
import type { PackageSample } from './sample-packages.ts';
import { type Verdict, zoneOfState } from './verdict.ts';
import type { Verification } from './verification.ts';

/** A decision as a report has it: its figures as signed, and whether they came out the same here. */
export interface ReportedDecision extends DecisionFigures {
  readonly block: number;
  readonly entry: number;
  readonly decided: string;
  readonly recomputed: boolean;
  readonly revoked: { readonly time: string; readonly reason: string } | null;
}

/** Where there was nothing to give a verdict on: the chain of the programme is broken, or is another one than was told. */
export interface FailureReport extends Pick<VerifyReport, 'report' | 'tool' | 'time'> {
  readonly failure: { readonly code: string; readonly message: string };
}

/** What somebody who verified a copy takes home. But for `time` the same copy and options give the same report. */
export interface VerifyReport {
  readonly report: 'joulemark-verify/1';
  readonly tool: { readonly name: 'joulemark'; readonly version: string };
  /** When it was verified, by the clock of who did, seconds since 1970 and UTC. */
  readonly time: { readonly epoch: number; readonly shown: string };
  /** Which copy: the ledger and how far it goes. */
  readonly copy: {
    readonly ledger: string;
    readonly head: { readonly seq: number; readonly id: string };
    readonly broadcast: Verdict['upTo'];
  };
  readonly verdict: Verdict;
  readonly decisions: readonly ReportedDecision[];
  readonly sample: PackageSample | null;
  readonly comparison: CopyComparison | null;
}

export interface ReportTime {
  readonly version: string;
  /** Seconds since 1970. */
  readonly now: number;
}

export interface ReportSetting extends ReportTime {
  readonly sample: PackageSample | null;
  readonly comparison: CopyComparison | null;
}

/** The report on a verification. Pure. */
export function toVerifyReport(verification: Verification, verdict: Verdict, setting: ReportSetting): VerifyReport {
  const { state } = verification;
  const zone = zoneOfState(state);
  return {
    ...reportHead(setting),
    copy: {
      ledger: verification.ledger,
      head: { seq: state.head.seq, id: state.head.id },
      broadcast: verdict.upTo,
    },
    verdict,
    decisions: state.decisions.map(({ seq, entry, time, content, recomputed, revoked }) => ({
      block: seq,
      entry,
      decided: showTime(time, zone),
      recomputed,
      revoked: revoked === undefined ? null : { time: showTime(revoked.time, zone), reason: revoked.reason },
      ...toDecisionFigures(content, zone),
    })),
    sample: setting.sample,
    comparison: setting.comparison,
  };
}

/** The report on a copy that came to no verdict. */
export function toFailureReport(
  { code, message }: Pick<JoulemarkError, 'code' | 'message'>,
  time: ReportTime,
): FailureReport {
  return { ...reportHead(time), failure: { code, message } };
}

function reportHead({ version, now }: ReportTime): Pick<VerifyReport, 'report' | 'tool' | 'time'> {
  return {
    report: 'joulemark-verify/1',
    tool: { name: 'joulemark', version },
    time: { epoch: now, shown: showTime(now, 'UTC') },
  };
}
