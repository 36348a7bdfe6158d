import { parseId, showId } from '../ledger/codec/id.ts';
import type { DecisionReceiptView, PackageView, ReceiptVerdict } from '../programme/receipt-verdict.ts';
import type { VerdictPaint } from './verdict-lines.ts';

/** The verdict on a receipt as lines to read. */
export function receiptLines(result: ReceiptVerdict, ui: VerdictPaint): readonly string[] {
  const { position } = result;
  const place = `${result.name}:${result.block.seq}:${result.entry}`;
  return [
    `${result.receipt === 'covered' ? ui.good('COVERED') : ui.warn('LISTED')}${result.receipt === 'covered' ? '   ' : '    '}${result.type} ${place}, ${result.time}`,
    ...(result.package === null ? [] : packageLines(result.package, ui)),
    ...(result.decision === null ? [] : decisionLines(result.decision, ui)),
    `IN        block ${result.block.id}`,
    `BY        programme block ${position.programme} entry ${position.entry} of ${result.body}, ${position.id.slice(0, 16)}`,
    `LEDGER    ${showId(parseId(result.ledger))}  ${result.compared === null ? ui.warn('NOT COMPARED: give the id you were told with --ledger') : `compared ${result.compared}`}`,
    ...limitLines(result),
  ];
}

function packageLines(view: PackageView, ui: VerdictPaint): readonly string[] {
  const quantity =
    view.quantity === null
      ? ui.warn('SEALED: the quantity is not in this receipt')
      : [`${view.quantity} ${view.unit}`, view.of, view.provenance].filter((word) => word !== null).join(', ');
  const register = view.register === null ? '' : `   register ${view.register}`;
  return [
    `PACKAGE   ${view.meter} (${view.kind})   ${view.interval}   ${quantity}${register}`,
    `COMMIT    ${view.commit}`,
    ...(view.opened === 'receipt' ? ['OPENED    by the receipt: salt and payload are those of the commit'] : []),
    ...(view.corrects === null ? [] : [`CORRECTS  ${view.corrects}`]),
    ...(view.standing === null ? [] : [`STANDING  ${STANDING[view.standing]}`]),
  ];
}

const STANDING: Readonly<Record<NonNullable<PackageView['standing']>, string>> = {
  counts: 'it counts',
  replaced: 'it was corrected and counts no more',
  'no effect': 'it stands on the ledger and has no effect',
};

function decisionLines(view: DecisionReceiptView, ui: VerdictPaint): readonly string[] {
  const word = view.status === 'CERTIFIED' ? ui.good(view.status) : ui.bad(view.status);
  return [
    `DECISION  ${view.number ?? 'without a number'}   ${word}   ${view.applicantId.slice(0, 16)}, ${view.period}`,
    ...(view.revoked === null ? [] : [ui.bad(`REVOKED   ${view.revoked.time}: ${view.revoked.reason}`)]),
    ...(view.standing === 'no effect'
      ? [ui.bad('NO EFFECT the signed data give another decision, or it was not for the body to make')]
      : []),
    ...view.products.map(({ product, verdict, ratePercent, saving }) => {
      const rate = ratePercent === null ? '' : `   ${inWords(ratePercent.displayed)} energy per unit`;
      const saved = saving === null ? '' : `   ${saving.displayed} ${view.unit} (positive = saved)`;
      return `          ${product}   ${verdict.replaceAll('_', ' ')}${rate}${saved}`;
    }),
    ...view.reasons.map((reason) => `          ${reason}`),
  ];
}

/** '1.724 % less' or '3.100 % more': the sign in words (calculation rule 6). */
const inWords = (percent: string): string =>
  `${percent.replace(/^-/, '')} % ${percent.startsWith('-') ? 'more' : 'less'}`;

/** What the receipt cannot show. */
function limitLines({ receipt, against, upTo, decision, package: subject }: ReceiptVerdict): readonly string[] {
  const revocation = decision === null ? '' : ', nor a revocation after it';
  const isUnknown = (decision ?? subject)?.standing === null;
  if (receipt === 'covered' && against !== null)
    return [
      ...(isUnknown
        ? [`UNKNOWN   ${against} has only hashes of some entries: it cannot say whether this one stands`]
        : []),
      `UP TO     ${upTo === null ? 'no broadcast' : `broadcast ${upTo.broadcast}, ${upTo.time}`}, in ${against}. Nothing later can be seen${revocation}.`,
    ];
  const beyond = against === null ? '' : ` ${against.charAt(0).toUpperCase()}${against.slice(1)} ends before it.`;
  const revoked =
    decision === null ? ' or a second history' : ', a second history, or that the decision was revoked since';
  return [
    `UP TO     its own block.${beyond} It cannot show a later rotation of a key${revoked}: hold it against a copy with --against.`,
  ];
}
