/** Receipts as people use them: made in one place, checked in another. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { toEntry, withWriter } from '../../src/home/session.ts';
import { decodeRecord } from '../../src/ledger/block.ts';
import { encodeEntry } from '../../src/ledger/entry.ts';
import { encodeRecord, leafOf } from '../../src/ledger/record.ts';
import type { Id } from '../../src/ledger/codec/id.ts';
import { organisationRef, PROGRAMME_REF } from '../../src/ledger/git/ref-name.ts';
import { openGitStore } from '../../src/ledger/store/git-store.ts';
import { revokeContent } from '../../src/programme/entries.ts';
import type { ReceiptVerdict } from '../../src/programme/receipt-verdict.ts';
import { type ContractTown, createContractTown } from '../support/contract-town.ts';
import { rewrite } from '../support/rewritten-branch.ts';

let town: ContractTown;
let first: { readonly commit: string; readonly place: string };

beforeAll(async () => {
  town = await createContractTown();
});
afterAll(() => town.remove());
beforeEach(async () => {
  town.reset('decided');
  const { sample } = await town.json<{ sample: { packages: readonly (typeof first)[] } }>(
    'body',
    'verify',
    '--sample',
    '1',
  );
  first = sample.packages[0]!;
});

const receipt = (name: string): string => join(town.folder('desk'), name);

/** A receipt written in the home of the body, lying on the desk of somebody without a home. */
async function made(subject: string, name: string): Promise<string> {
  await town.ok('body', 'ledger', 'receipt', subject, '--out', receipt(name));
  return receipt(name);
}

describe('the receipt of a package', () => {
  test('is listed with the ledger id alone, and says what it says', async () => {
    const file = await made(first.commit.slice(0, 12), 'package.cbor');
    expect(readFileSync(file).length).toBeLessThan(6000);
    const shown = await town.json<ReceiptVerdict>('desk', 'verify', file, '--ledger', town.ledger);
    expect(shown).toMatchObject({
      receipt: 'listed',
      compared: 'with --ledger',
      against: null,
      type: 'package',
      package: { commit: first.commit, opened: 'entry', standing: null },
    });
    const { stdout } = await town.ok('desk', 'verify', file, '--ledger', town.ledger);
    expect(stdout).toMatch(/^LISTED +package .+\nPACKAGE +\S+ \(\w+\) +\S+ +[\d,.]+ (kWh|t), /);
    expect(stdout).toContain('hold it against a copy with --against');
  });

  test('is not compared where nobody told the id, and refused under another', async () => {
    const file = await made(first.commit, 'package.cbor');
    expect((await town.ok('desk', 'verify', file)).stdout).toContain('NOT COMPARED');
    const other = await town.run('desk', 'verify', file, '--ledger', '0f'.repeat(32));
    expect(other).toMatchObject({ status: 3, stdout: '' });
  });

  test('is covered in a home and against a copy that go so far, listed where they end before', async () => {
    const file = await made(first.place, 'package.cbor');
    const atHome = await town.json<ReceiptVerdict>('grid', 'verify', file);
    expect(atHome).toMatchObject({
      receipt: 'covered',
      compared: 'with the pin of this home',
      against: 'this home',
      package: { standing: 'counts' },
    });
    const copy = join(town.folder('body'), '.joulemark', 'ledger.git');
    const held = await town.json<ReceiptVerdict>('desk', 'verify', file, '--against', copy, '--ledger', town.ledger);
    expect(held).toMatchObject({ receipt: 'covered', against: 'the copy' });
    const late = await made(town.decision, 'decision.cbor');
    const behind = await town.json<ReceiptVerdict>('tower', 'verify', late);
    expect(behind).toMatchObject({ receipt: 'listed', against: 'this home', decision: { standing: null } });
    expect((await town.ok('tower', 'verify', late)).stdout).toContain('its own block. This home ends before it.');
  });

  test('is none after any change', async () => {
    const file = await made(first.commit, 'package.cbor');
    const bytes = readFileSync(file);
    bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const { status, stderr } = await town.run('desk', 'verify', file, '--ledger', town.ledger);
    expect({ status, stderr }).toMatchObject({ status: 3, stderr: expect.stringContaining('does not hold') as string });
  });
});

describe('the receipt of a decision', () => {
  test('prints verdict, products and rate; a later revocation cannot be excluded, and is seen in a copy that has it', async () => {
    const file = await made(town.decision, 'decision.cbor');
    const { stdout } = await town.ok('desk', 'verify', file, '--ledger', town.ledger);
    expect(stdout).toMatch(/^LISTED +decision programme:\d+:0/);
    expect(stdout).toMatch(/DECISION .*NOT_APPLICABLE .*2026\n +cement +no baseline/);
    expect(stdout).toContain('that the decision was revoked since');
    const stands = await town.json<ReceiptVerdict>('body', 'verify', file);
    expect(stands).toMatchObject({ receipt: 'covered', decision: { standing: 'stands', revoked: null } });
    await town.ok('body', 'certify', 'revoke', town.decision, '--because', 'a mistake');
    const revoked = await town.run('body', 'verify', file);
    expect(revoked.status).toBe(4);
    expect(revoked.stdout).toMatch(/REVOKED .*a mistake/);
  });
});

describe('held against a copy that has only hashes of some entries', () => {
  /** A copy of the body's repository, with the hashes only of all entries of a branch but the first of each block. */
  function partialCopy(ref: string): string {
    const path = join(town.folder('partial'), 'ledger.git');
    rmSync(path, { recursive: true, force: true });
    cpSync(join(town.folder('body'), '.joulemark', 'ledger.git'), path, { recursive: true });
    const store = openGitStore(path);
    rewrite(store, ref, (records) =>
      records.map((record) => {
        const { bytes, items } = decodeRecord(record);
        return encodeRecord(
          bytes,
          items.map((item, index) => (index === 0 ? item : { leaf: leafOf(item) })),
        );
      }),
    );
    store.close();
    return path;
  }
  const heldAgainst = (file: string, copy: string) =>
    town.run('desk', 'verify', file, '--ledger', town.ledger, '--against', copy, '--json');

  test('neither counts, nor has no effect: it cannot say', async () => {
    const works = (await town.json<{ org: string }>('works', 'status')).org;
    const copy = partialCopy(organisationRef(works as Id));
    const ofPackage = await made(first.commit, 'package.cbor');
    const ofDecision = await made(town.decision, 'decision.cbor');
    const [shown, decided] = [await heldAgainst(ofPackage, copy), await heldAgainst(ofDecision, copy)];
    expect([shown.status, decided.status]).toEqual([0, 0]);
    expect(JSON.parse(shown.stdout)).toMatchObject({ receipt: 'covered', package: { standing: null } });
    expect(JSON.parse(decided.stdout)).toMatchObject({ receipt: 'covered', decision: { standing: null } });
    expect((await town.ok('desk', 'verify', ofPackage, '--against', copy)).stdout).toContain('UNKNOWN ');
  });

  test('no decision stands where its revocation may be one of them', async () => {
    const file = await made(town.decision, 'decision.cbor');
    const { block } = JSON.parse((await town.ok('body', 'verify', file, '--json')).stdout) as ReceiptVerdict;
    const home = join(town.folder('body'), '.joulemark');
    await withWriter(
      { home, dryRun: false, wait: 0, now: () => town.now, passphrase: () => Promise.resolve('') },
      (writer) =>
        writer.append([
          encodeEntry('note', new Map()),
          toEntry('revoke', revokeContent, { seq: block.seq, entry: 0, reason: 'a mistake' }),
        ]),
    );
    expect((await heldAgainst(file, join(home, 'ledger.git'))).status).toBe(4);
    const hidden = await heldAgainst(file, partialCopy(PROGRAMME_REF));
    expect(JSON.parse(hidden.stdout)).toMatchObject({
      receipt: 'covered',
      decision: { standing: null, revoked: null },
    });
  });
});

describe('ledger receipt', () => {
  test('gives a name from the entry and overwrites nothing', async () => {
    const { file } = await town.json<{ file: string }>('grid', 'ledger', 'receipt', 'programme:0:0');
    expect(file).toBe('programme-0-0.receipt.cbor');
    const again = await town.run('grid', 'ledger', 'receipt', 'programme:0:0');
    expect(again).toMatchObject({ status: 2, stderr: expect.stringContaining('it exists already') as string });
    const shown = await town.json<ReceiptVerdict>(
      'desk',
      'verify',
      join(town.folder('grid'), file),
      '--ledger',
      town.ledger,
    );
    expect(shown).toMatchObject({ type: 'found', chain: 'programme', package: null, decision: null });
  });

  test('of what no broadcast covers yet is pending', async () => {
    await town.ok('works', 'boundary', 'set', 'boundary-3.yaml');
    const { blocks } = await town.json<{ blocks: readonly { seq: number }[] }>(
      'works',
      'ledger',
      'log',
      'Works',
      '-n',
      '1',
    );
    const { status, stderr } = await town.run('works', 'ledger', 'receipt', `Works:${blocks[0]!.seq}:0`);
    expect({ status, stderr }).toMatchObject({
      status: 5,
      stderr: expect.stringContaining('no broadcast covers') as string,
    });
  });

  test('of a block of several entries asks which', async () => {
    const seq = first.place.split(':')[1]!;
    const { status, stderr } = await town.run('works', 'ledger', 'receipt', `Works:${seq}`);
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('a receipt is of one') as string,
    });
  });
});

test('what a receipt does not speak of is refused', async () => {
  const file = await made(first.commit, 'package.cbor');
  cpSync(file, receipt('other.cbor'));
  const { status } = await town.run('desk', 'verify', file, '--sample', '3');
  expect(status).toBe(2);
});
