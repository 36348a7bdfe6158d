/** What was given to the page, opened: one export, or one that holds only what is new and the earlier ones that it builds on. */
import { type ErrorDetails, JoulemarkError } from '../errors.ts';
import { type BundleSource, openBundle } from '../ledger/git/bundle-source.ts';
import { decodeBundle } from '../ledger/git/bundle.ts';
import { portablePackTools } from '../ledger/git/portable-pack-tools.ts';
import { BUNDLE_FILE, type ExportFolder, readExport, TEXT_FILE, verifySums } from '../report/export-folder.ts';
import { SUMS_FILE } from '../report/sha256-sums.ts';

export type Files = ReadonlyMap<string, Uint8Array>;

/** One thing that the reader gave: the files of a folder, a bundle by itself, or the bundle in the page. */
export interface Given {
  /** Of a folder its name; empty for files without one. */
  readonly name: string;
  readonly files: Files;
}

/** What is to be verified. */
export interface Opened {
  readonly source: BundleSource;
  /** Null for a bundle by itself. */
  readonly folder: ExportFolder | null;
  /** What it builds on, oldest first. */
  readonly onto: readonly string[];
}

/** Why what was given cannot be opened, for the page to say in its own words. */
export type OpenFault = 'earlier' | 'unrelated' | 'no-folder';

interface Part {
  readonly name: string;
  readonly folder: ExportFolder | null;
  readonly bundle: Uint8Array;
  readonly prerequisites: ReadonlySet<string>;
}

/** True for a file that only an export has: what holds one and lacks another is an export that something was taken out of. */
export const isExportFile = (name: string): boolean => [BUNDLE_FILE, SUMS_FILE, TEXT_FILE].includes(name);

/** How a given thing is called. */
export const nameOfGiven = ({ name, files }: Given): string => (name === '' ? [...files.keys()].join(', ') : name);

/**
 * Opens what was given, in whatever order: the oldest stands alone, each next one builds on those before it, and the last is what is verified, as
 * `verify LAST --onto OLDEST --onto NEXT` does.
 * `sums`: the SHA-256 of SHA256SUMS that the reader was told, of the last.
 * @throws JoulemarkError VERIFY_FAILED; NO_LEDGER; PENDING where an earlier one is missing; USAGE where they are no single line, or a sum was told of a
 * bundle. `details.fault` says the last three, `details.export` which one is spoken of.
 */
export function openGiven(given: readonly Given[], sums: string | null): Opened {
  const waiting = new Set(given.map((one) => named(nameOfGiven(one), () => toPart(one))));
  const line: Part[] = [];
  let source: BundleSource | null = null;
  while (waiting.size > 0) {
    const next = nextOf([...waiting], source, line.at(-1) ?? null);
    source = openPart(next, source);
    line.push(next);
    waiting.delete(next);
  }
  const last = line.at(-1);
  if (source === null || last === undefined) throw new JoulemarkError('NO_LEDGER', 'nothing was given');
  if (sums !== null) named(last.name, () => verifySums(sumsOf(last), sums));
  return { source, folder: last.folder, onto: line.slice(0, -1).map(({ name }) => name) };
}

function nextOf(waiting: readonly Part[], source: BundleSource | null, below: Part | null): Part {
  const [next, ...others] = waiting.filter((part) => isNext(part, source));
  if (next === undefined) throw missingEarlier(waiting, source);
  if (others.length > 0) throw unrelated([next, ...others], below);
  return next;
}

const openPart = ({ name, bundle }: Part, below: BundleSource | null): BundleSource =>
  named(name, () => openBundle(bundle, portablePackTools, below));

const isNext = ({ prerequisites }: Part, below: BundleSource | null): boolean =>
  below === null
    ? prerequisites.size === 0
    : prerequisites.size > 0 && [...prerequisites].every((oid) => below.object(oid) !== null);

function toPart(given: Given): Part {
  const folder = isFolder(given.files) ? readExport(given.files) : null;
  const bundle = folder?.bundle ?? bundleOf(given.files);
  return { name: nameOfGiven(given), folder, bundle, prerequisites: decodeBundle(bundle).prerequisites };
}

/** A bundle by itself is no folder. */
const isFolder = (files: Files): boolean =>
  [...files.keys()].some((name) => isExportFile(name) && (files.size > 1 || name !== BUNDLE_FILE));

function bundleOf(files: Files): Uint8Array {
  const [bundle] = files.values();
  if (bundle === undefined || files.size > 1)
    throw new JoulemarkError('NO_LEDGER', `no '${BUNDLE_FILE}' among the ${files.size} files`);
  return bundle;
}

function sumsOf({ folder, name }: Part): string {
  if (folder !== null) return folder.sumsHash;
  throw new JoulemarkError('USAGE', `'${name}' is a bundle by itself: the sum speaks of the folder of an export`, {
    details: { fault: 'no-folder' satisfies OpenFault },
  });
}

/** The oldest of those that wait is the one whose earlier export is missing, as far as they say how old they are. */
function missingEarlier(waiting: readonly Part[], below: BundleSource | null): JoulemarkError {
  const [part] = waiting.toSorted((a, b) => (sinceOf(a) ?? 0) - (sinceOf(b) ?? 0));
  if (part === undefined) throw new JoulemarkError('INTERNAL', 'nothing waits for an earlier export');
  const since = sinceOf(part);
  const missing = [...part.prerequisites].find((oid) => (below?.object(oid) ?? null) === null) ?? '';
  return new JoulemarkError(
    'PENDING',
    since === null
      ? `'${part.name}' builds on an earlier export, which is not here: commit '${missing}'`
      : `'${part.name}' holds only what came after programme block ${since}, and the export up to that block is not here: commit '${missing}'`,
    { details: { fault: 'earlier' satisfies OpenFault, export: part.name, since, oid: missing } },
  );
}

const sinceOf = ({ folder }: Part): number | null =>
  folder?.facts.scope.kind === 'since' ? folder.facts.scope.seq : null;

function unrelated(parts: readonly Part[], below: Part | null): JoulemarkError {
  const names = parts.map(({ name }) => `'${name}'`).join(' and ');
  return new JoulemarkError(
    'USAGE',
    below === null
      ? `${names} stand alone: neither builds on the other`
      : `${names} each build on '${below.name}', and not on each other`,
    { details: { fault: 'unrelated' satisfies OpenFault, export: names } },
  );
}

/** A failure says of which export it is. */
function named<T>(name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof JoulemarkError)) throw error;
    const details: ErrorDetails = { ...error.details, export: name };
    throw new JoulemarkError(error.code, error.message, { hints: error.hints, details, cause: error });
  }
}
