import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { decodeBundle } from '../ledger/git/bundle.ts';
import type { NamedObject } from '../ledger/git/chain-objects.ts';
import { openGitStore } from '../ledger/store/git-store.ts';
import type { ExportFacts } from '../report/export-facts.ts';
import { type HomeConfig, writeConfig } from './config.ts';
import { finalAt } from './export-ledger.ts';
import { exportTransport } from './export-transport.ts';
import { readHomeConfig } from './home.ts';
import { loadLedger } from './ledger.ts';
import { forgetUnvouched, markOwnHome } from './own-home.ts';
import type { HomePaths } from './paths.ts';
import { type Fetched, fetchLedger } from './sync.ts';
import type { SyncOptions } from './sync-options.ts';
import { type ExportCopy, readExportCopy } from './verify-export.ts';

/** What is to be imported, and what is known of it by another way. */
export interface ImportRequest {
  readonly path: string;
  /** Needed in a home that has no ledger yet. */
  readonly ledger: Id | undefined;
  /** The SHA-256 of SHA256SUMS. */
  readonly sums: string | undefined;
}

export interface Imported extends Fetched {
  readonly ledger: Id;
  /** Null for a bundle by itself. */
  readonly facts: ExportFacts | null;
}

/**
 * Takes an export into a home, by the one path on which everything comes in: quarantine, verify, then visible. A home that has joined no ledger
 * takes the one that the caller was told, to read; it signs nothing there.
 * @throws JoulemarkError USAGE, VERIFY_FAILED, DIVERGED; PENDING when the export builds on what this home lacks.
 */
export async function importExport(directory: string, request: ImportRequest, options: SyncOptions): Promise<Imported> {
  const { paths, config } = readHomeConfig(directory);
  const ledger = ledgerOf(directory, config, request.ledger);
  const copy = readExportCopy(request.path, request.sums ?? null);
  const facts = copy.folder?.facts ?? null;
  if (facts !== null && facts.ledger !== ledger)
    throw new JoulemarkError('VERIFY_FAILED', `the export is of the ledger '${facts.ledger}', expected '${ledger}'`, {
      hints: ['compare the id, digit by digit, with the one that the certification body gave you'],
    });
  const store = openGitStore(paths.store);
  const org = config.org ?? null;
  if (config.ledger === undefined) forgetUnvouched(paths, ledger);
  const transport = exportTransport(copy.bundle, () => objectsBelow(paths, ledger, copy));
  const fetched = await fetchLedger({ paths, store, ledger, org }, request.path, { ...options, transport });
  if (config.ledger === undefined) {
    writeConfig(paths.config, { ...config, ledger });
    markOwnHome(paths, ledger);
  }
  return { ...fetched, ledger, facts };
}

function ledgerOf(directory: string, config: HomeConfig, told: Id | undefined): Id {
  if (config.ledger === undefined && told === undefined) {
    throw new JoulemarkError('NO_LEDGER', `the home '${directory}' has joined no ledger yet`, {
      hints: [
        'to read one here: joulemark ledger import <folder> --ledger <the id that you were told>',
        'to sign on it: joulemark join <remote> --ledger <id>',
      ],
    });
  }
  if (config.ledger !== undefined && told !== undefined && config.ledger !== told)
    throw new JoulemarkError('USAGE', `this home belongs to the ledger '${config.ledger}', not '${told}'`);
  const ledger = config.ledger ?? told;
  if (ledger === undefined) throw new JoulemarkError('INTERNAL', 'no ledger to import');
  return ledger;
}

/** What an incremental export builds on, made anew from this home's own ledger: the same bytes, if it is the same ledger. */
function objectsBelow(paths: HomePaths, ledger: Id, { bundle, folder }: ExportCopy): ReadonlyMap<string, NamedObject> {
  const scope = folder?.facts.scope;
  if (scope?.kind !== 'since')
    throw new JoulemarkError('USAGE', 'a bundle that builds on another is imported with the folder of its export');
  const home = { paths, store: openGitStore(paths.store), ledger };
  const loaded = loadLedger(home, { decisions: 'as-signed' });
  const newest = loaded.programme.blocks.length - 1;
  if (newest < scope.seq) {
    throw new JoulemarkError(
      'PENDING',
      `the export builds on programme block ${scope.seq}, the newest here is ${newest}`,
      { hints: ['import the earlier export first', 'joulemark sync'] },
    );
  }
  const { objects } = finalAt({ ...loaded, home }, scope.seq).objects;
  const missing = [...decodeBundle(bundle).prerequisites].find((oid) => !objects.has(oid));
  if (missing === undefined) return objects;
  throw new JoulemarkError(
    'PENDING',
    `the export builds on another state of programme block ${scope.seq} than this home holds: chains or entries are missing here`,
    { hints: ['import a whole export', 'joulemark sync'], details: { oid: missing } },
  );
}
