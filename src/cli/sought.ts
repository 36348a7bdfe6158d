const SHOWN = [
  'a decision with its figures, audits and evidence: joulemark certify show <number>',
  'how each figure comes about: joulemark certify explain <number>',
];
const FOLDER = 'a folder for an auditor, with a page to print: joulemark ledger export <folder>';

/** Words that people look for in a programme such as this one, and the commands that answer to other names; to be read as hints. */
export const SOUGHT: ReadonlyMap<string, readonly string[]> = new Map([
  ['report', [...SHOWN, FOLDER, 'what a verification found, as a file: joulemark verify --report <file>']],
  [
    'certify export',
    [...SHOWN, 'a file that shows a decision to be on the ledger: joulemark ledger receipt <number>', FOLDER],
  ],
]);
