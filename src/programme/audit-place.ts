import { JoulemarkError } from '../errors.ts';
import { findNamed } from './find-organisation.ts';
import type { AuditRecord, ProgrammeState } from './state.ts';

/** How people name an audit: `csg-yingde/12`, the auditor and the block; `csg-yingde/12/1` where the block holds several. */
export function showPlace(
  state: ProgrammeState,
  { auditor, seq, entry }: Pick<AuditRecord, 'auditor' | 'seq' | 'entry'>,
): string {
  const organisation = state.organisations.get(auditor);
  const alone = (organisation?.audits.filter((audit) => audit.seq === seq).length ?? 0) <= 1;
  const name = organisation === undefined || organisation.name === '' ? auditor.slice(0, 8) : organisation.name;
  return `${name}/${seq}${alone ? '' : `/${entry}`}`;
}

/** The covered audit that a person names. @throws JoulemarkError USAGE listing what there is. */
export function findAudit(state: ProgrammeState, text: string): AuditRecord {
  // a name may hold slashes: the numbers stand at the end
  const match = /^(?<auditor>.+?)\/(?<seq>\d{1,10})(?:\/(?<entry>\d{1,5}))?$/su.exec(text.trim());
  const { auditor: name, seq, entry } = match?.groups ?? {};
  if (name === undefined || seq === undefined) {
    throw new JoulemarkError(
      'USAGE',
      `'${text}' is not the place of an audit, expected <auditor>/<block>, or <auditor>/<block>/<entry>`,
      { hints: ['joulemark audit show'] },
    );
  }
  const auditor = findNamed([...state.organisations.values()], name);
  const inBlock = auditor.audits.filter(
    (audit) => audit.seq === Number(seq) && (entry === undefined || audit.entry === Number(entry)),
  );
  const [found, ...others] = inBlock;
  if (found !== undefined && others.length === 0) return found;
  if (found !== undefined)
    throw new JoulemarkError('USAGE', `block ${seq} of '${auditor.name}' holds ${inBlock.length} audits`, {
      hints: inBlock.slice(0, 10).map((audit) => showPlace(state, audit)),
    });
  const known = auditor.audits.slice(-5).map((audit) => showPlace(state, audit));
  throw new JoulemarkError(
    'USAGE',
    `'${auditor.name}' has no audit at '${text}'${known.length === 0 ? '' : `, its last are ${known.join(', ')}`}`,
    { hints: ['what is not broadcast yet has no place: joulemark sync'] },
  );
}
