import { EXIT_STATUS, JoulemarkError } from '../errors.ts';
import { toJsonLine } from './json-line.ts';
import { toSafeText } from '../safe-text.ts';
import { isSystemError, toJoulemarkError } from '../system-error.ts';

/** Whatever was thrown as our error: a refusal of the system is FAILED, anything unknown is a bug of ours, INTERNAL. */
export function toFailure(thrown: unknown): JoulemarkError {
  if (thrown instanceof JoulemarkError) return thrown.code === 'INTERNAL' ? toInternal(thrown) : thrown;
  // Ctrl-C at a question: inquirer puts the terminal into raw mode, so no signal is sent.
  if (thrown instanceof Error && thrown.name === 'ExitPromptError') return new JoulemarkError('SIGINT', 'interrupted');
  if (isSystemError(thrown)) {
    const subject = thrown.path === undefined ? '' : ` '${thrown.path}'`;
    return toJoulemarkError('FAILED', `cannot ${thrown.syscall ?? 'go on'}${subject}`, thrown);
  }
  return toInternal(thrown);
}

function toInternal(thrown: unknown): JoulemarkError {
  return new JoulemarkError(
    'INTERNAL',
    `a bug in joulemark: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    {
      hints: ['please report it with what this prints: run the same command with JOULEMARK_DEBUG=1 set'],
      cause: thrown,
    },
  );
}

/** For people: `error:` and `hint:` lines. Lines of a message after the first are indented, so that none can pose as another. */
export function toFailureText(failure: JoulemarkError): string {
  const [first = '', ...rest] = failure.message.split('\n');
  const lines = [
    `error: ${toSafeText(first)}`,
    ...rest.map((line) => `  ${toSafeText(line.trim())}`),
    ...failure.hints.map((hint) => `hint: ${toSafeText(hint)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** For programs: one line of JSON. */
export function toFailureJson(failure: JoulemarkError): string {
  const { code, message, hints, details } = failure;
  return toJsonLine({ error: { code, exitStatus: EXIT_STATUS[code], message, hints, details } });
}

/** The stack of a failure and of what caused it, for JOULEMARK_DEBUG. */
export function toStackText(failure: JoulemarkError): string {
  const causes: string[] = [];
  for (let at: unknown = failure; at instanceof Error; at = at.cause) causes.push(at.stack ?? String(at));
  return `${causes
    .flatMap((stack) => stack.split('\n'))
    .map(toSafeText)
    .join('\n')}\n`;
}
