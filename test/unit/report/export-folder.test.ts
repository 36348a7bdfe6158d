import { setImmediate } from 'node:timers/promises';
/** Export folders of which everything is consistent and something is untrue: their sums are those of their files. */
import { describe, expect, test } from 'vitest';
import { encodeLedgerBundle, ledgerObjects } from '../../../src/home/export-bundle.ts';
import type { Id } from '../../../src/ledger/codec/id.ts';
import { encodeBundleHead } from '../../../src/ledger/git/bundle.ts';
import { organisationRef, PROGRAMME_REF } from '../../../src/ledger/git/ref-name.ts';
import { nodePackTools } from '../../../src/ledger/store/git-primitives.ts';
import { createEngine } from '../../../src/page/engine.ts';
import { verifyCopy } from '../../../src/programme/verify-copy.ts';
import { countedFacts, type ExportFacts } from '../../../src/report/export-facts.ts';
import { encodeExport, openExport, readExport, TEXT_FILE, verifyFacts } from '../../../src/report/export-folder.ts';
import { SUMS_FILE } from '../../../src/report/sha256-sums.ts';
import { append, broadcast, type Chain, entry, foundLedger, joinLedger, listingOf } from '../../support/ledger.ts';

const NOTHING = { ledger: null, sums: null, at: null };
const genesis = foundLedger();
const acme = joinLedger(genesis, 'acme');
const whole = append(genesis, [broadcast(listingOf(acme))]);

/** An export of chains, with VERIFY.txt of the facts that `say` makes of the true ones. */
async function exportOf(chains: readonly Chain[], say: (facts: ExportFacts) => ExportFacts = (facts) => facts) {
  const branches = new Map(
    chains.map(({ state, blocks }) => [state.kind === 'programme' ? PROGRAMME_REF : organisationRef(state.id), blocks]),
  );
  const bundle = encodeLedgerBundle(ledgerObjects(branches, 0), null);
  const verification = await verifyCopy(openExport({ bundle }, [], nodePackTools), {
    ledger: null,
    pause: setImmediate,
  });
  const facts = say({ ...countedFacts(verification), scope: { kind: 'whole' }, writtenBy: '1.0.0' });
  return { files: encodeExport(facts, { bundle, verifier: Uint8Array.of(1), page: null }), verification };
}

const refused = (message: string): Error =>
  expect.objectContaining({ code: 'VERIFY_FAILED', message: expect.stringContaining(message) as string }) as Error;

/** Why an export is refused when it is read. */
const why = async (made: ReturnType<typeof exportOf>): Promise<unknown> => {
  const { files } = await made;
  try {
    readExport(files);
    return null;
  } catch (error) {
    return error;
  }
};

describe('VERIFY.txt', () => {
  test('names a version and a period, and nothing else that whoever wrote it likes', async () => {
    for (const writtenBy of ['1.0.0', '1.0.0-rc.1+linux'])
      expect(
        readExport((await exportOf([whole, acme], (facts) => ({ ...facts, writtenBy }))).files).facts.writtenBy,
      ).toBe(writtenBy);
    for (const writtenBy of [
      '1.0\u001B[2J\u001B[Hall as signed',
      '1.0   the SHA-256 was compared',
      '',
      '\u009B31m',
      '1\r2',
    ])
      expect(await why(exportOf([whole, acme], (facts) => ({ ...facts, writtenBy })))).toEqual(refused('VERIFY.txt'));
    for (const period of ['2026', '2026-03', '2026-03-04']) {
      const scope = { kind: 'cut', applicant: acme.state.id, period } as const;
      expect(readExport((await exportOf([whole, acme], (facts) => ({ ...facts, scope }))).files).facts.scope).toEqual(
        scope,
      );
    }
    for (const period of ['\u001B[2J', '2026\u0000', 'everything']) {
      const scope = { kind: 'cut', applicant: acme.state.id, period } as const;
      expect(await why(exportOf([whole, acme], (facts) => ({ ...facts, scope })))).toEqual(refused('VERIFY.txt'));
    }
  });

  test('is held against the ledger in what it says that it holds, too', async () => {
    const say = async (scope: ExportFacts['scope']) => {
      const { files, verification } = await exportOf([whole, acme], (facts) => ({ ...facts, scope }));
      verifyFacts(readExport(files), verification);
    };
    await say({ kind: 'since', seq: 0, id: genesis.state.id });
    await say({ kind: 'cut', applicant: acme.state.id, period: '2026' });
    for (const scope of [
      { kind: 'since', seq: 1, id: genesis.state.id },
      { kind: 'since', seq: 7, id: genesis.state.id },
      { kind: 'cut', applicant: 'ab'.repeat(32) as Id, period: '2026' },
    ] as const)
      await expect(say(scope)).rejects.toEqual(refused('scope'));
  });

  test('of a ledger with two histories is no lie: that is for the verdict to say', async () => {
    const one = append(whole, [broadcast()]);
    const other = append(whole, [broadcast(listingOf(acme))]);
    const bolt = append(joinLedger(genesis, 'bolt'), [
      entry('fork', { a: one.blocks.at(-1)!.bytes, b: other.blocks.at(-1)!.bytes }),
    ]);
    const last = append(one, [broadcast(listingOf(bolt))]);
    const { files, verification } = await exportOf([last, acme, bolt], (facts) => ({
      ...facts,
      head: { seq: last.state.seq, id: last.state.head },
      broadcast: { seq: last.state.seq, time: last.state.time },
    }));
    expect(verification.twoHistoriesAt).toBe(2);
    verifyFacts(readExport(files), verification);
  });
});

describe('a file of a size that no export has', () => {
  test('is refused by name, not by running out of memory', async () => {
    const { files } = await exportOf([whole, acme]);
    const large = new Uint8Array(1_000_000);
    for (const name of [TEXT_FILE, SUMS_FILE])
      expect(() => readExport(new Map([...files, [name, large]]))).toThrow(refused(`'${name}' has more than`));
    const head = encodeBundleHead(new Map([[PROGRAMME_REF, '0'.repeat(40)]]));
    const bundle = new Uint8Array(40_000_000).fill(0x61).fill(0x0a, -2);
    bundle.set(head.subarray(0, -1));
    expect(() => openExport({ bundle }, [], nodePackTools)).toThrow(refused('no head of a version 2 git bundle'));
  });
});

test('the page takes a folder that lacks its sums for a folder, not for a bundle', async () => {
  const { files } = await exportOf([whole, acme]);
  const engine = createEngine();
  const verify = async (dropped: ReadonlyMap<string, Uint8Array>) =>
    (await engine.verify({ given: [{ name: 'export', files: dropped }], told: NOTHING }, () => undefined)).failure
      ?.message ?? 'verified';
  expect(await verify(files)).toBe('verified');
  expect(await verify(new Map([...files].filter(([name]) => name === 'ledger.bundle')))).toBe('verified');
  expect(await verify(new Map([...files].filter(([name]) => name !== SUMS_FILE)))).toContain(SUMS_FILE);
});
