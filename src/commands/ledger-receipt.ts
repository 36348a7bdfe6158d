import { defineCommand } from '../cli/command.ts';
import { makeReceipt } from '../home/receipt.ts';

export const ledgerReceipt = defineCommand({
  path: ['ledger', 'receipt'],
  summary: 'Write the receipt of a package, a decision or any other entry',
  description:
    'A receipt is a file of a few kilobytes that shows one entry to be on the ledger: the entry, its block, the broadcast that covers it, and the signatures ' +
    'and proofs between them. Whoever has the ledger id checks it with joulemark verify, without the ledger: ' +
    'joulemark verify kiln.receipt.cbor --ledger 3f9c1a7e...\n\n' +
    'A package is named by the first digits of its commit, a decision by its number, if the signed packages give it, anything by <chain>:<seq>:<entry>. A package that stands open on the ' +
    'ledger stands open in its receipt.',
  examples: [
    'joulemark ledger receipt JM-2022-0001',
    'joulemark ledger receipt guangnan-cement:70:3 --out kiln.receipt.cbor',
    'joulemark ledger receipt 3b81f2a0 --out kiln.receipt.cbor',
  ],
  args: ['<entry>'],
  options: {
    out: {
      value: '<file>',
      short: 'o',
      description: "where to write it, '-' for standard output; default: a name from the entry",
    },
  },
  effect: 'write',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'PENDING', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [text], { out }) {
    const { bytes, ...made } = makeReceipt(context, text);
    const file = out ?? `${made.chain.slice(0, 9)}-${made.seq}-${made.entry}.receipt.cbor`;
    await context.writeOutput(file, bytes);
    return { file, size: bytes.length, ...made };
  },
  render: (result, ui) =>
    result.file === '-'
      ? ''
      : [
          `${ui.good('written')}   ${result.file}, ${result.size.toLocaleString('en-US')} bytes: ${result.type} ${result.name}:${result.seq}:${result.entry}, covered by programme block ${result.covered}`,
          ui.dim(`check it: joulemark verify ${result.file} --ledger ${result.ledger}`),
        ].join('\n'),
});
