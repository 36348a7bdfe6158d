import type { DecisionView } from './decision-view.ts';
import type { Figure } from './figure.ts';
import { modelLines } from './model-view.ts';

/** Marks that the terminal gives words; plain text where it has none. */
export interface Marks {
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  strong(text: string): string;
  dim(text: string): string;
}

/** A decision in the few lines that a person reads first: every figure with its unit, the sign said in words. */
export function decisionLines(view: DecisionView, marks: Marks): readonly string[] {
  const lines = view.products.flatMap((product) => productLines(product, view, marks));
  if (view.baselineStanding === 'declared')
    lines.push(
      marks.dim(
        `note  the baseline is declared history: ${view.packages?.baseline.history ?? 0} packages, not audited`,
      ),
    );
  for (const relation of view.audits) {
    const share =
      relation.sharePercent === null
        ? ''
        : `, ${relation.sharePercent.displayed} % ${SHARE_OF[relation.relation] ?? ''}`;
    const standing = relation.passed
      ? `passed by ${relation.auditors}${share}${relation.limited ? ', limited' : ''}`
      : (relation.reason ?? 'not passed');
    lines.push(marks.dim(`audit ${relation.relation.padEnd(11)} ${standing}`));
  }
  const codes = new Map<string, number>();
  for (const { code } of view.findings) codes.set(code, (codes.get(code) ?? 0) + 1);
  for (const [code, count] of codes) lines.push(marks.dim(`note  ${code}${count > 1 ? ` (${count})` : ''}`));
  return lines;
}

const SHARE_OF: Readonly<Record<string, string>> = {
  upstream: 'of the energy',
  peer: 'of the product months',
  downstream: 'of the shipments',
};

function productLines(product: DecisionView['products'][number], view: DecisionView, marks: Marks): readonly string[] {
  const { baseline, reporting, ratePercent: rate, saving, idleDays } = product;
  const lines: string[] = [];
  if (baseline === null || reporting === null || rate === null) {
    lines.push(`${marks.strong(product.product)}   ${product.verdict.replaceAll('_', ' ')}`);
  } else {
    const per = `${view.unit}/${product.unit}`;
    lines.push(
      `${marks.strong(product.product)}   ${view.baseline} ${baseline.displayed} -> ${view.period} ${reporting.displayed} ${per}   ${inWords(rate)} energy per ${product.unit}`,
    );
    if (saving !== null)
      lines.push(
        `  at ${view.productionBasis === 'baseline' ? "the baseline's" : "this period's"} output: ${withoutSign(saving)} ${view.unit} ${saving.displayed.startsWith('-') ? 'used more' : 'saved'}   (positive = saved)`,
      );
  }
  const { gapsFilled: gaps } = product;
  const fill = gaps === 0 ? 'no gap filled' : `${gaps} ${gaps === 1 ? 'gap' : 'gaps'} filled against the claimant`;
  lines.push(
    marks.dim(
      `  ${idleDays.idle} of ${idleDays.of} days declared idle, ${fill}, ${view.tables === 1 ? '1 table' : `${view.tables} tables`} for both periods`,
    ),
  );
  if (product.adverseRatePercent !== null && product.adverseRatePercent.exact !== rate?.exact)
    lines.push(
      marks.dim(`  with every audited difference against the claimant: ${inWords(product.adverseRatePercent)}`),
    );
  if (product.fixedBaseRatePercent !== null)
    lines.push(marks.dim(`  against the first certified period: ${inWords(product.fixedBaseRatePercent)}`));
  if (product.model !== undefined) lines.push(...modelLines(product.model).map((line) => marks.dim(`  ${line}`)));
  if (product.chainRatePercent !== null)
    lines.push(marks.dim(`  against the period before: ${inWords(product.chainRatePercent)}`));
  if (product.withoutAdjustmentRatePercent !== null)
    lines.push(marks.dim(`  without the admitted adjustments: ${inWords(product.withoutAdjustmentRatePercent)}`));
  if (product.norm !== null)
    lines.push(
      marks.dim(
        `  ${product.norm.norm}: grade ${inGrade(product.norm.baseline)} -> ${inGrade(product.norm.reporting)}`,
      ),
    );
  for (const { severity, text } of product.reasons)
    if (severity !== 'minor') lines.push(`  ${marks.warn(severity)}  ${text}`);
  return lines;
}

const inGrade = (grade: number | null): string => {
  if (grade === null) return 'unknown';
  return grade === 0 ? 'none, above every limit' : String(grade);
};

const withoutSign = (figure: Figure): string => figure.displayed.replace(/^-/, '');

/** '1.724 % less' or '3.100 % more': the sign in words (calculation rule 6). */
const inWords = (percent: Figure): string =>
  `${withoutSign(percent)} % ${percent.displayed.startsWith('-') ? 'more' : 'less'}`;
