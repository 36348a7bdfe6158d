import { JoulemarkError } from '../errors.ts';
import { findNamed } from './find-organisation.ts';
import type { AdjustmentAsked, Organisation, ProgrammeState } from './state.ts';

/** The adjustment that a person names, `guangnan/41` or `guangnan/41/0`: applicant, block, entry. @throws JoulemarkError USAGE listing what there is. */
export function findAdjustment(
  state: ProgrammeState,
  text: string,
): { readonly applicant: Organisation; readonly asked: AdjustmentAsked } {
  const {
    applicant: name,
    seq,
    entry,
  } = /^(?<applicant>.+?)\/(?<seq>\d{1,10})(?:\/(?<entry>\d{1,5}))?$/su.exec(text.trim())?.groups ?? {};
  if (name === undefined || seq === undefined) {
    throw new JoulemarkError(
      'USAGE',
      `'${text}' is not the place of an adjustment, expected <applicant>/<block>, or <applicant>/<block>/<entry>`,
      { hints: ['joulemark baseline show <applicant>'] },
    );
  }
  const applicant = findNamed([...state.organisations.values()], name);
  const all = [...applicant.adjustmentsAsked.values()];
  const found = all.filter(
    ({ place }) => place.seq === Number(seq) && (entry === undefined || place.entry === Number(entry)),
  );
  const [asked] = found;
  if (asked !== undefined && found.length === 1) return { applicant, asked };
  const known = all.slice(-5).map((one) => showAdjustment(applicant, one));
  throw new JoulemarkError(
    'USAGE',
    `'${applicant.name}' has ${found.length === 0 ? 'no adjustment' : `${found.length} adjustments`} at '${text}'${known.length === 0 ? '' : `, its last are ${known.join(', ')}`}`,
    { hints: ['what is not broadcast yet has no place: joulemark broadcast'] },
  );
}

/** How people name an adjustment. */
export function showAdjustment(
  { name }: Pick<Organisation, 'name'>,
  { place }: Pick<AdjustmentAsked, 'place'>,
): string {
  return `${name}/${place.seq}${place.entry === 0 ? '' : `/${place.entry}`}`;
}
