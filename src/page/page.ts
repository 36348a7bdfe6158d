/** The page: what it shows, and what happens when something is given to it. */
import { JoulemarkError } from '../errors.ts';
import { EMBEDDED_ID } from '../report/embed-bundle.ts';
import { BUNDLE_FILE } from '../report/export-folder.ts';
import { type Language, LANGUAGE_NAMES } from '../report/page-text.ts';
import { announcer } from './announcer.ts';
import { element, fill } from './dom.ts';
import type { Outcome } from './engine.ts';
import { failureOf, waitsForEarlier } from './failure.ts';
import { EMPTY_FIELDS, type Field, FIELDS, type Fields, readFields, waitingFields } from './fields.ts';
import type { Given } from './given.ts';
import { connect, type Link } from './link.ts';
import { openForPrint } from './print.ts';
import { idOfField, inputView, listenForDrops, type Place } from './view-input.ts';
import { limitsView } from './view-ledger.ts';
import { showResult } from './view-result.ts';
import { topView } from './view-top.ts';
import { verdictOf } from './view-verdict.ts';
import { type Words, wordsOf } from './words.ts';

interface State {
  language: Language;
  given: readonly Given[];
  fields: Fields;
  outcome: Outcome | null;
}

/** `script`: the text of the program, for the worker. */
export function startPage(script: string): void {
  const embedded = embeddedBundle();
  const state: State = {
    language: navigator.language.startsWith('zh') ? 'zh' : 'en',
    given: embedded === null ? [] : [embedded],
    fields: EMPTY_FIELDS,
    outcome: null,
  };
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
    const { given, fields, outcome } = state;
    const panel = { given, embedded, fields, waitsForEarlier: waitsForEarlier(outcome?.failure ?? null) };
    fill(input, inputView(panel, words, { give, takeAway, type, compare }));
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
    showResult(result, state.outcome, words, async (...question) => {
      link ??= connect(script);
      return (await link).packages(...question);
    });
    fill(foot, limitsView(words));
  };
  const speak = (language: Language): void => {
    state.language = language;
    showAll();
    document.querySelector<HTMLElement>(`[data-language="${language}"]`)?.focus();
  };

  const showProgress = announcer((progress) => {
    const { say } = wordsOf(state.language);
    const { phase, blocks, ofBlocks } = progress;
    fill(status, say(`progress.${phase}`, { blocks, ofBlocks }));
  });

  /** Verifies what was given against what was told; what cannot be compared, and an answer that no longer holds, are taken away first. */
  const verify = async (): Promise<void> => {
    run += 1;
    const mine = run;
    const { given } = state;
    const { told, problems } = readFields(state.fields);
    const isWaiting = told !== null && given.length === 0;
    state.fields = { ...state.fields, problems: isWaiting ? waitingFields(state.fields) : problems };
    state.outcome = null;
    meter.hidden = true;
    fill(status);
    showAll();
    if (told === null || given.length === 0) {
      const field = FIELDS.find((one) => state.fields.problems[one] !== null);
      if (field !== undefined) document.getElementById(idOfField(field))?.focus();
      return;
    }
    meter.hidden = false;
    meter.removeAttribute('value');
    const outcome = await answerTo(given, told, mine);
    // something else was given meanwhile
    if (mine !== run) return;
    meter.hidden = true;
    state.outcome = outcome;
    showAll();
    document.getElementById('verdict-word')?.focus();
  };

  const answerTo = async (
    given: readonly Given[],
    told: NonNullable<ReturnType<typeof readFields>['told']>,
    mine: number,
  ): Promise<Outcome> => {
    try {
      link ??= connect(script);
      const connected = await link;
      return await connected.verify({ given, told }, (progress) => {
        if (mine !== run) return;
        if (progress.ofBlocks > 0) meter.value = progress.blocks / progress.ofBlocks;
        showProgress(progress);
      });
    } catch (error) {
      // the worker is gone, for want of memory it may be: the next question has another
      link = null;
      return noAnswer(error);
    }
  };

  const give = (reading: Promise<readonly Given[]>, place: Place): void => {
    const isAdded = place === 'earlier' || waitsForEarlier(state.outcome?.failure ?? null);
    void reading.then(
      (given) => {
        state.given = isAdded ? [...state.given, ...given] : given;
        return verify();
      },
      (error: unknown) => {
        run += 1;
        meter.hidden = true;
        state.outcome = noAnswer(error);
        showAll();
        document.getElementById('verdict-word')?.focus();
      },
    );
  };
  const takeAway = (index: number): void => {
    state.given = state.given.filter((_, at) => at !== index);
    void verify();
    if (state.given.length === 0) document.querySelector<HTMLElement>('[data-for="folder"]')?.focus();
  };
  const type = (field: Field, text: string): void => {
    state.fields = { ...state.fields, texts: { ...state.fields.texts, [field]: text } };
  };
  const compare = (): void => void verify();

  listenForDrops(give);
  openForPrint();
  showAll();
  if (embedded !== null) void verify();
}

/** Where no engine came to an answer. */
function noAnswer(error: unknown): Outcome {
  const failure =
    error instanceof JoulemarkError
      ? failureOf(error, null, null)
      : { code: 'FAILED', message: error instanceof Error ? error.message : String(error), of: null, says: null };
  return { page: null, failure, folder: null, onto: [], time: Math.floor(Date.now() / 1000), seconds: 0 };
}

/** The bundle that an export put into this page; null where it holds none. */
function embeddedBundle(): Given | null {
  const text = document.getElementById(EMBEDDED_ID)?.textContent.trim() ?? '';
  if (text === '') return null;
  const binary = atob(text);
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return { name: '', files: new Map([[BUNDLE_FILE, bytes]]) };
}
