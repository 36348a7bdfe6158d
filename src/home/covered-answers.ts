import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { CborMap } from '../ledger/codec/value.ts';
import { answerContent, type AnswerContent } from '../programme/entries.ts';
import type { ProgrammeState } from '../programme/state.ts';
import { entriesOf } from './find-entry.ts';
import type { Session } from './session.ts';

/** What an applicant answered to audits, as far as its chain is covered in `state`, oldest first. */
export function coveredAnswers({ chains }: Session, state: ProgrammeState, applicant: Id): readonly AnswerContent[] {
  const covered = state.organisations.get(applicant)?.covered.seq ?? -1;
  const blocks = (chains.get(applicant)?.blocks ?? []).slice(0, covered + 1);
  return [...entriesOf(blocks, 'answer')].flatMap(({ content }) => readAnswer(content) ?? []);
}

/** An entry that is malformed has no effect (ledger-v1 section 4.1). */
function readAnswer(content: CborMap): AnswerContent | undefined {
  try {
    return answerContent.read(content, 'answer');
  } catch (error) {
    if (!(error instanceof JoulemarkError) || error.code === 'INTERNAL') throw error;
    return undefined;
  }
}
