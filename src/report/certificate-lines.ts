import type {
  CertificateView,
  CertifiedAudit,
  CertifiedCoverage,
  CertifiedProduct,
} from '../programme/certificate-view.ts';
import type { DecisionView } from '../programme/decision-view.ts';
import type { Figure } from '../programme/figure.ts';

/** What a certificate prints after its verdicts, figures and shares: where they come from and how far they reach. */
export function certificateLines(view: CertificateView, decision: DecisionView): readonly string[] {
  const { holder, valid, together } = view;
  return [
    `holder      ${holder.name}${holder.legalId === null ? '' : `, ${holder.legalId}`}, ${holder.id.slice(0, 16)}`,
    ...(valid === null ? [] : [`valid       ${valid.from} to ${valid.until}`]),
    ...view.products.flatMap((product) => productLines(product, decision)),
    ...(together === null || view.products.length < 2 ? [] : togetherLines(together, decision.unit)),
    ...packageLines(decision),
    ...view.audits.filter(isDisputed).flatMap(disputeLines),
  ];
}

function productLines(product: CertifiedProduct, decision: DecisionView): readonly string[] {
  const beside = decision.products.find((one) => one.product === product.product);
  const unit = decision.unit;
  const { recovered, recoveredPercent, uncertainty, coverage } = product;
  const other = (name: string, figure: Figure | null | undefined): readonly string[] =>
    figure === null || figure === undefined || figure.exact === beside?.ratePercent?.exact
      ? []
      : [`  ${name}: ${inWords(figure)}`];
  return [
    product.product,
    ...product.carriers.map(
      ({ side, carrier, counts, quantity, unit: own, source, energy }) =>
        `  ${SIDE[side]} ${carrier} (${counts}): ${quantity?.displayed ?? '-'} ${own} = ${energy?.displayed ?? '-'} ${unit}, by ${source}`,
    ),
    ...(isZero(recovered.baseline) && isZero(recovered.reporting)
      ? []
      : [
          `  recovered and taken off: ${recovered.baseline?.displayed} ${unit}, then ${recovered.reporting?.displayed} ${unit}`,
          `    that is ${recoveredPercent.baseline?.displayed ?? '-'} %, then ${recoveredPercent.reporting?.displayed ?? '-'} % of what was used; it rests on the holder's own meters`,
        ]),
    ...other("with each period's own table", beside?.ownTableRatePercent),
    ...other('with no gap filled', beside?.withoutFillRatePercent),
    ...product.adjustments.map(
      ({ side, window, energy, counted, reason, from }) =>
        `  adjusted ${SIDE[side]} ${window}: ${energy?.displayed} ${unit}${counted ? '' : ', not counted'}, by ${from}: ${reason}`,
    ),
    ...(uncertainty === null
      ? ['  how far the change is uncertain cannot be stated: an accuracy is not declared, or a figure is zero']
      : [
          `  by the declared accuracies of the meters the change is uncertain by +- ${uncertainty.percent?.displayed} percentage points: it ${uncertainty.distinguishable ? 'stands out of that' : 'does not stand out of that'}`,
        ]),
    `  covered in the baseline: ${coverageText(coverage.baseline)}`,
    `  covered in the period:   ${coverageText(coverage.reporting)}`,
  ];
}

const SIDE = { baseline: 'baseline', reporting: 'period  ' } as const;

const isZero = (figure: Figure | null): boolean => figure === null || figure.exact === '0/1';

function coverageText({
  jointPercent,
  leastPercent,
  gaps,
  manualPercent,
  estimatedPercent,
  skew,
}: CertifiedCoverage): string {
  const parts = [
    `${jointPercent?.displayed ?? '-'} % by all meters together, ${leastPercent?.displayed ?? '-'} % by the least`,
    gaps === 1 ? '1 gap' : `${gaps} gaps`,
    `${manualPercent?.displayed ?? '0.0'} % by hand`,
    `${estimatedPercent?.displayed ?? '0.0'} % estimated`,
  ];
  if (skew > 0) parts.push(`days ${skew} s apart`);
  return parts.join(', ');
}

function togetherLines({ ratePercent, saving, productMix }: NonNullable<CertificateView['together']>, unit: string) {
  return [
    `together    ${ratePercent === null ? 'no rate' : inWords(ratePercent)}, ${saving?.displayed ?? '-'} ${unit} (positive = saved)`,
    ...(productMix === null
      ? []
      : [`            the mix of products alone: ${productMix.displayed} ${unit}, no part of that`]),
  ];
}

function packageLines({ packages, broadcast }: DecisionView): readonly string[] {
  const text = (counts: NonNullable<DecisionView['packages']>['baseline']): string =>
    `${counts.counted} counted, ${counts.late} late, ${counts.history} given as history, ${counts.corrected} corrected`;
  return [
    ...(packages === null
      ? []
      : [`packages    baseline: ${text(packages.baseline)}`, `            period:   ${text(packages.reporting)}`]),
    `broadcast   block ${broadcast.seq}, ${broadcast.time}`,
  ];
}

const isDisputed = ({ verdict, answers, ruling }: CertifiedAudit): boolean =>
  verdict === 'fail' || answers.length > 0 || ruling !== null;

function disputeLines({ auditor, relation, window, verdict, reason, place, answers, ruling }: CertifiedAudit) {
  return [
    `dispute     ${auditor} ${place} (${relation}), ${window}: ${verdict.replaceAll('_', ' ')}${reason === null ? '' : `, ${reason}`}`,
    ...answers.map((text) => `  answered  ${text}`),
    ...(ruling === null
      ? []
      : [
          `  ruled     ${ruling.ruling.replaceAll('_', ' ')}${ruling.effective ? '' : ', without effect'}: ${ruling.reason}`,
        ]),
  ];
}

/** How a stranger checks it, and what it is no statement of. */
export function certificateEnd(reference: string, ledger: string): readonly string[] {
  return [
    `check it    joulemark verify <copy> --ledger ${ledger}`,
    `            joulemark certify explain ${reference}`,
    'it says     what was declared and signed, what auditors found it to agree with, and that these packages give these figures',
    'it does not say  that meters were right beyond their audits, or anything of energy, sites and products outside the boundary',
  ];
}

/** '1.724 % less' or '3.100 % more': the sign in words (calculation rule 6). */
const inWords = ({ displayed }: Figure): string =>
  `${displayed.replace(/^-/, '')} % ${displayed.startsWith('-') ? 'more' : 'less'}`;
