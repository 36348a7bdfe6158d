import { askEd25519 } from '#primitives';

import type { SignatureJudge } from './chain.ts';

/** The signatures of one chain, in the order in which they were asked. */
export interface Questions {
  /** Says that a signature holds, and asks whether it does. */
  readonly judge: SignatureJudge;
  /** When all is answered: how many were asked, and how many of the first hold before one does not. */
  readonly answered: () => Promise<{ readonly asked: number; readonly held: number }>;
}

/** Signatures asked of others who answer later, of several chains together. */
export interface Asking {
  readonly begin: () => Questions;
  /** True while as many are under way as may be. */
  readonly isFull: () => boolean;
  /** Waits until half of those that may be under way are answered. */
  readonly room: () => Promise<void>;
}

/** `most`: how many may be under way before whoever asks should wait. `onAnswer` is called after each answer. */
export function askSignatures(most: number, onAnswer: () => void = () => undefined): Asking {
  let underWay = 0;
  let waiting: (() => void)[] = [];
  const answeredOne = (): void => {
    underWay -= 1;
    onAnswer();
    if (underWay > most / 2) return;
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };
  return {
    begin: () => toQuestions(() => (underWay += 1), answeredOne),
    isFull: () => underWay >= most,
    room: () => (underWay > most / 2 ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()),
  };
}

function toQuestions(onAsked: () => void, onAnswered: () => void): Questions {
  let asked = 0;
  let open = 0;
  let held = Infinity;
  let finish: () => void = () => undefined;
  return {
    judge: (signature, message, publicKey) => {
      const index = asked;
      asked += 1;
      open += 1;
      onAsked();
      askEd25519(signature, message, publicKey, (holds) => {
        if (!holds) held = Math.min(held, index);
        open -= 1;
        onAnswered();
        if (open === 0) finish();
      });
      return true;
    },
    answered: async () => {
      if (open > 0) await new Promise<void>((resolve) => (finish = resolve));
      return { asked, held: Math.min(held, asked) };
    },
  };
}
