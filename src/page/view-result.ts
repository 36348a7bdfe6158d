import type { LedgerPage } from '../report/ledger-page.ts';
import { fill } from './dom.ts';
import type { Outcome } from './engine.ts';
import { decisionsView } from './view-decision.ts';
import { findingsView } from './view-findings.ts';
import { ledgerView, recordView } from './view-ledger.ts';
import type { FetchPackages } from './view-trace.ts';
import { verdictView } from './view-verdict.ts';
import type { Words } from './words.ts';

/** Shows what came of a verification; null shows nothing. What the reader had opened stays open. */
export function showResult(result: Element, outcome: Outcome | null, words: Words, packages: FetchPackages): void {
  if (outcome === null) {
    fill(result);
    return;
  }
  const { page } = outcome;
  const open = new Set(
    [...result.querySelectorAll<HTMLElement>('details[open]')].map(({ dataset }) => dataset['key'] ?? ''),
  );
  fill(
    result,
    verdictView(outcome, words),
    page === null
      ? null
      : [
          // what is broken comes before what it would be relied on for
          isSound(page) ? null : findingsView(page, words),
          decisionsView(page, words, packages),
          isSound(page) ? findingsView(page, words) : null,
          ledgerView(page, words),
          recordView(page, words),
        ],
  );
  for (const details of result.querySelectorAll<HTMLDetailsElement>('details'))
    details.open = open.has(details.dataset['key'] ?? '');
}

const isSound = ({ verdict }: LedgerPage): boolean => verdict.verdict === 'CHECKED' || verdict.verdict === 'STALE';
