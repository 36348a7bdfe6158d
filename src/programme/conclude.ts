import type { Evaluation } from '../calc/evaluation.ts';
import { combineWhole } from '../calc/whole.ts';
import type { ExitName } from '../errors.ts';
import type { Finding } from '../ledger/finding.ts';
import type { AuditStanding } from './audit-standing.ts';
import type { DecisionStatus } from './entries.ts';
import type { Policy } from './policy.ts';

/** Contradictions that no figure may rest on. */
const CRITICAL: readonly string[] = ['carrier-counted-twice', 'idle-contradicted', 'supply-point-unmetered'];

/** Status, exit status and reason codes from figures, audits and findings (programme-v1 section 7). */
export function conclude(
  policy: Policy,
  evaluation: Evaluation,
  audits: { readonly reporting: AuditStanding; readonly baseline: AuditStanding },
  findings: readonly Finding[],
  final: boolean,
): { readonly status: DecisionStatus; readonly exit: ExitName; readonly reasons: readonly string[] } {
  const broken = [...new Set(findings.flatMap(({ code }) => (CRITICAL.includes(code) ? [code] : [])))];
  const lacking = [
    ...audits.reporting.reasons,
    ...(policy.baseline.audited === 'required' ? audits.baseline.reasons : []),
  ];
  const critical = [...evaluation.reasons, ...evaluation.products.flatMap((product) => product.reasons)].filter(
    (reason) => reason.severity === 'critical',
  );
  const reasons = [...new Set([...broken, ...lacking, ...critical.map((reason) => reason.code)])].sort();
  const { whole, exit } = combineWhole({
    data: evaluation.whole,
    auditsPassed: lacking.length === 0,
    open: broken.length > 0,
    final,
  });
  return { status: whole, exit, reasons };
}
