import { JoulemarkError } from '../../errors.ts';
import { PROGRAMME_REF } from '../git/ref-name.ts';

/**
 * Fetches branches together, and one by one where what comes is broken: a branch that nobody can
 * unpack is then missed alone, when it is judged, and keeps nobody from the others. Throws VERIFY_FAILED when the programme's is that branch.
 */
export async function fetchApart(
  names: readonly string[],
  fetch: (names: readonly string[]) => Promise<void>,
): Promise<void> {
  try {
    await fetch(names);
  } catch (error) {
    if (!(error instanceof JoulemarkError) || error.code !== 'VERIFY_FAILED') throw error;
    if (names.length > 1) for (const name of names) await fetchApart([name], fetch);
    else if (names[0] === PROGRAMME_REF) throw error;
  }
}
