import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { splitRecords } from '../ledger/segment.ts';
import { openGitStore } from '../ledger/store/git-store.ts';
import { organisationRef } from '../ledger/git/ref-name.ts';

/** A temporary folder with a sub-folder for each organisation, and the demo's files beside them. */
export interface DemoFolder {
  readonly root: string;
  /** The folder of an organisation, made when first asked for. */
  of(name: string): string;
  /** Copies a file of the demo into an organisation's folder. */
  give(name: string, file: string): void;
  /** Writes the rows of a file that begin with a month, with its heading, as a meter would deliver them. */
  giveMonth(name: string, file: string, month: string): string;
}

export function createDemoFolder(): DemoFolder {
  const fixtures = fixturesFolder();
  const root = mkdtempSync(join(tmpdir(), 'joulemark-demo-'));
  const of = (name: string): string => {
    const folder = join(root, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  return {
    root,
    of,
    give: (name, file) => cpSync(join(fixtures, file), join(of(name), file.split('/').at(-1) ?? file)),
    giveMonth: (name, file, month) => {
      const [heading = '', ...rows] = readFileSync(join(fixtures, 'demo', file), 'utf8')
        .trimEnd()
        .split('\n');
      const target = file.replace(/\d{4}/, month);
      writeFileSync(
        join(of(name), target),
        `${[heading, ...rows.filter((row) => row.startsWith(month))].join('\n')}\n`,
      );
      return target;
    },
  };
}

/** `fixtures/` beside the built program, or above the sources. */
function fixturesFolder(): string {
  const candidates = ['../fixtures/', '../../fixtures/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = candidates.find((path) => existsSync(join(path, 'demo')));
  if (found === undefined)
    throw new JoulemarkError('FAILED', 'the files of the demo are not installed', {
      hints: ['install joulemark again, or run it from its source tree'],
    });
  return found;
}

/** What an auditor carries away: the hub, copied file by file. */
export function copyHub(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
}

/**
 * Changes one byte of one package in a copy, as a careful cheat would: he writes the git objects anew, so that every
 * check of git passes. Returns which block it was.
 */
export function tamperWithCopy(directory: string, org: Id): { readonly block: number } {
  const store = openGitStore(directory);
  const ref = organisationRef(org);
  const segments = [...store.readSegments(ref)];
  const records = segments.flatMap((segment) => splitRecords(segment.bytes).map((record) => Uint8Array.from(record)));
  const block = Math.floor(records.length / 2);
  const record = records[block];
  if (record === undefined) throw new JoulemarkError('INTERNAL', 'the copy has no block to tamper with');
  const last = record.length - 40;
  record[last] = (record[last] ?? 0) ^ 1;
  // the branch as if it had never been another
  rmSync(join(directory, ref), { force: true });
  rmSync(join(directory, 'packed-refs'), { force: true });
  store.appendRecords({ ref, expectedHead: null, nextSeq: 0, records, time: 0 });
  store.close();
  return { block };
}
