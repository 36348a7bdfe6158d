import { type Decided } from '../../src/programme/decide.ts';
import { decisionContent, type DecisionContent } from '../../src/programme/entries.ts';
import { commitTo, evaluationContext } from '../../src/programme/package.ts';
import { entryOf, type World } from './world.ts';

/** The content of a decision as the certification body would sign it. */
export function toDecisionContent(
  world: World,
  { content, payload }: Pick<Decided, 'content' | 'payload'>,
): DecisionContent {
  if (content === null) throw new Error('there is nothing to decide');
  const { salt, commit } = commitTo(
    evaluationContext(world.ledger, content.applicant, content.period),
    payload,
    (message) => world.body.makeSalt(message),
  );
  return { ...content, evaluation: commit, salt, payload };
}

export const decisionEntry = (world: World, decided: Pick<Decided, 'content' | 'payload'>): Uint8Array =>
  entryOf('decision', decisionContent, toDecisionContent(world, decided));
