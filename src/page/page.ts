/** The page: what it shows, and what happens when something is given to it. */
import { type Id, parseId } from '../ledger/codec/id.ts';
import { BUNDLE_FILE } from '../report/export-folder.ts';
import { EMBEDDED_ID } from '../report/embed-bundle.ts';
import type { LedgerPage } from '../report/ledger-page.ts';
import { type Language, LANGUAGE_NAMES } from '../report/page-text.ts';
import { element, fill } from './dom.ts';
import type { Files } from './dropped-files.ts';
import type { Outcome, Progress } from './engine.ts';
import { connect, type Link } from './link.ts';
import { decisionsView } from './view-decision.ts';
import { findingsView } from './view-findings.ts';
import { inputView, listenForDrops } from './view-input.ts';
import { ledgerView, limitsView, recordView } from './view-ledger.ts';
import { topView } from './view-top.ts';
import { verdictOf, verdictView } from './view-verdict.ts';
import { type Words, wordsOf } from './words.ts';

/** Milliseconds between two announcements of progress: a screen reader reads each of them aloud. */
const QUIET = 1500;

interface State {
  language: Language;
  files: Files | null;
  isEmbedded: boolean;
  idText: string;
  told: Id | null;
  problem: 'input.badId' | 'input.waiting' | null;
  outcome: Outcome | null;
}

/** `script`: the text of the program, for the worker. */
export function startPage(script: string): void {
  const state: State = {
    language: navigator.language.startsWith('zh') ? 'zh' : 'en',
    files: null,
    isEmbedded: false,
    idText: '',
    told: null,
    problem: null,
    outcome: null,
  };
  const embedded = embeddedFiles();
  const status = element('p', { role: 'status', id: 'status' });
  const meter = element('progress', { hidden: true, max: '1' });
  const top = element('header', { class: 'top' });
  const input = element('div');
  const result = element('div', { id: 'result', tabindex: '-1' });
  const foot = element('footer');
  fill(
    document.body,
    top,
    element('main', { id: 'main' }, input, element('div', { class: 'progress' }, meter, status), result),
    foot,
  );

  let link: Promise<Link> | null = null;
  let run = 0;

  const showInput = (words: Words): void => {
    const view = inputView(
      {
        names: [...(state.files?.keys() ?? [])],
        isEmbedded: state.isEmbedded,
        idText: state.idText,
        problem: state.problem === null ? null : words.say(state.problem),
      },
      words,
      { give, compare },
    );
    fill(input, view);
  };
  const showResult = (words: Words): void => {
    const { outcome } = state;
    if (outcome === null) {
      fill(result);
      return;
    }
    const { page } = outcome;
    const packages = async (...question: Parameters<Link['packages']>) => {
      link ??= connect(script);
      return (await link).packages(...question);
    };
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
  };
  const showAll = (): void => {
    const words = wordsOf(state.language);
    const { tag } = LANGUAGE_NAMES[state.language];
    document.documentElement.lang = tag;
    document.title = `${words.say('title')} · joulemark`;
    fill(top, topView(state.language, words, speak));
    showInput(words);
    if (state.outcome !== null)
      fill(status, words.say('progress.done', { verdict: words.say(`verdict.${verdictOf(state.outcome)}`) }));
    showResult(words);
    fill(foot, limitsView(words));
  };
  const speak = (language: Language): void => {
    state.language = language;
    showAll();
    document.querySelector<HTMLElement>(`[data-language="${language}"]`)?.focus();
  };

  const showProgress = announcer((progress) => {
    const { say } = wordsOf(state.language);
    const { phase, blocks, chains, ofChains } = progress;
    fill(status, say(`progress.${phase}`, { blocks, chains, ofChains }));
  });

  const verify = async (): Promise<void> => {
    const { files } = state;
    if (files === null) return;
    run += 1;
    const mine = run;
    state.outcome = null;
    showResult(wordsOf(state.language));
    meter.hidden = false;
    meter.removeAttribute('value');
    link ??= connect(script);
    const connected = await link;
    const outcome = await connected.verify({ files, ledger: state.told }, (progress) => {
      if (mine !== run) return;
      if (progress.ofChains > 0) meter.value = progress.chains / progress.ofChains;
      showProgress(progress);
    });
    // something else was given meanwhile
    if (mine !== run) return;
    meter.hidden = true;
    state.outcome = outcome;
    showAll();
    document.getElementById('verdict-word')?.focus();
  };

  const give = (reading: Promise<Files>): void => {
    void reading.then(
      (files) => {
        state.files = files;
        state.isEmbedded = false;
        if (state.problem === 'input.waiting') state.problem = null;
        showInput(wordsOf(state.language));
        return verify();
      },
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        state.outcome = { page: null, failure: { code: 'FAILED', message }, sumsHash: null, seconds: 0 };
        showAll();
      },
    );
  };

  const compare = (text: string): void => {
    state.idText = text;
    const told = text.trim() === '' ? null : readId(text);
    state.problem = told === 'bad' ? 'input.badId' : null;
    if (told !== 'bad') {
      state.told = told;
      if (state.files === null && told !== null) state.problem = 'input.waiting';
    }
    showInput(wordsOf(state.language));
    document.getElementById('ledger-id')?.focus();
    if (told !== 'bad') void verify();
  };

  listenForDrops(give);
  openForPrint();
  showAll();
  if (embedded !== null) {
    state.files = embedded;
    state.isEmbedded = true;
    showAll();
    void verify();
  }
}

const isSound = ({ verdict }: LedgerPage): boolean => verdict.verdict === 'CHECKED' || verdict.verdict === 'STALE';

function readId(text: string): Id | 'bad' {
  try {
    return parseId(text);
  } catch {
    return 'bad';
  }
}

/** The bundle that an export put into this page; null where it holds none. */
function embeddedFiles(): Files | null {
  const text = document.getElementById(EMBEDDED_ID)?.textContent.trim() ?? '';
  if (text === '') return null;
  const binary = atob(text);
  return new Map([[BUNDLE_FILE, Uint8Array.from(binary, (character) => character.charCodeAt(0))]]);
}

/** The first progress of a phase at once, later ones only now and then. */
function announcer(show: (progress: Progress) => void): (progress: Progress) => void {
  let phase = '';
  let last = 0;
  return (progress) => {
    const now = Date.now();
    if (progress.phase === phase && now - last < QUIET) return;
    ({ phase } = progress);
    last = now;
    show(progress);
  };
}

/** Paper has no disclosure triangles: what belongs to the record is opened for it and closed again. */
function openForPrint(): void {
  let opened: HTMLDetailsElement[] = [];
  globalThis.addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll<HTMLDetailsElement>('details[data-print]:not([open])')];
    for (const details of opened) details.open = true;
  });
  globalThis.addEventListener('afterprint', () => {
    for (const details of opened) details.open = false;
  });
}
