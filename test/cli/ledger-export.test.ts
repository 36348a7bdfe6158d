/** `joulemark ledger export`, and what everybody can do with the folder. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COSEKey, Sign1 } from '@auth0/cose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeRecord } from '../../src/ledger/block.ts';
import { entryAt } from '../../src/ledger/entry.ts';
import { splitRecords } from '../../src/ledger/segment.ts';
import { hasChromium, openVerifyPage, startBrowser, verdictJson, verdictWord } from '../support/browser.ts';
import { chooseFlips, exportVerifiers, verifyInProcess, withFlip } from '../support/export-flips.ts';
import { fsck, git, hasGit } from '../support/git.ts';
import { type AuditTown, createAuditTown } from '../support/audit-town.ts';

let town: AuditTown;
let folder = '';

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const filesOf = (path: string): ReadonlyMap<string, string> =>
  new Map(readdirSync(path).map((name) => [name, sha256(join(path, name))]));

/** verify.mjs with bare node, in an empty folder, with an empty environment. */
function spawned(script: string, ...argv: readonly string[]) {
  const run = spawnSync(process.execPath, [script, ...argv], { cwd: town.folder('empty'), env: {}, encoding: 'utf8' });
  expect(readdirSync(town.folder('empty'))).toEqual([]);
  return run;
}

beforeAll(async () => {
  town = await createAuditTown();
  await town.submit('2026-01');
  await town.submit('2026-02');
  await town.ok('body', 'sync');
  folder = join(town.root, 'export');
  await town.ok('body', 'ledger', 'export', folder);
}, 60_000);
afterAll(() => town?.remove());

describe('the folder', () => {
  test('is the same bytes from every home that has the same ledger', async () => {
    await town.ok('pearl', 'ledger', 'export', join(town.root, 'second'));
    expect(filesOf(join(town.root, 'second'))).toEqual(filesOf(folder));
  });

  test('is told with the two hashes that must go another way', async () => {
    const told = await town.json<{ ledger: string; sha256Sums: string; files: readonly { name: string }[] }>(
      'body',
      'ledger',
      'export',
      join(town.root, 'third'),
    );
    expect(told).toMatchObject({ ledger: town.ledger, sha256Sums: sha256(join(folder, 'SHA256SUMS')), leftOut: 0 });
    expect(told.files.map(({ name }) => name).toSorted()).toEqual(readdirSync(folder).toSorted());
    const { stdout } = await town.ok('works', 'ledger', 'export', join(town.root, 'fourth'));
    expect(stdout.replaceAll(' ', '')).toContain(town.ledger);
    expect(stdout).toContain(told.sha256Sums);
  });

  test('with --embed the page holds the ledger, and the folder is checked as any other', async () => {
    const embedded = join(town.root, 'embedded');
    await town.ok('body', 'ledger', 'export', embedded, '--embed');
    expect((await town.run('stranger', 'verify', embedded)).status).toBe(0);
    const [page, bundle] = ['verify.html', 'ledger.bundle'].map((name) => readFileSync(join(embedded, name)));
    expect(page?.includes(bundle?.toString('base64') ?? '')).toBe(true);
    expect(sha256(join(embedded, 'ledger.bundle'))).toBe(sha256(join(folder, 'ledger.bundle')));
    const refused = await town.run('body', 'ledger', 'export', join(town.root, 'no'), '--embed', '--since', '1');
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('--embed and --since do not go together');
  });

  test.skipIf(!hasChromium)('and the page alone, sent by mail, verifies it', async () => {
    const browser = await startBrowser();
    try {
      const { page, complaints } = await openVerifyPage(browser, join(town.root, 'embedded', 'verify.html'));
      expect(await verdictWord(page)).toBe('CHECKED');
      expect((await verdictJson(page)).ledger).toBe(town.ledger);
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  test('is refused below a file, by its name', async () => {
    const file = join(town.root, 'note.txt');
    writeFileSync(file, '');
    const { status, stderr } = await town.run('body', 'ledger', 'export', join(file, 'stick'));
    expect([status, stderr]).toEqual([2, expect.stringContaining(`'${file}' is no folder`)]);
  });

  test('is refused where something is, and nothing is left behind', async () => {
    for (const [where, says] of [
      [folder, 'it is not an empty folder'],
      [join(folder, 'VERIFY.txt'), 'it is not an empty folder'],
      [join(town.root, 'absent', 'export'), 'no folder'],
    ] as const) {
      const { status, stderr } = await town.run('body', 'ledger', 'export', where);
      expect(status).toBe(2);
      expect(stderr).toContain(says);
    }
    expect(readdirSync(town.root).filter((name) => name.endsWith('.part'))).toEqual([]);
    mkdirSync(join(town.root, 'made'));
    await town.ok('body', 'ledger', 'export', join(town.root, 'made'));
    expect(filesOf(join(town.root, 'made'))).toEqual(filesOf(folder));
  });

  test('leaves out what no broadcast covers', async () => {
    town.write(
      'works',
      'extra.yaml',
      readFileSync(join(town.folder('works'), 'boundary.yaml'), 'utf8').replace('0.005', '0.006'),
    );
    await town.ok('works', 'boundary', 'set', 'extra.yaml');
    await town.ok('works', 'ledger', 'export', join(town.root, 'waiting'));
    expect(filesOf(join(town.root, 'waiting'))).toEqual(filesOf(folder));
  });
});

describe('verified', () => {
  test('the command and the single file say the same', async () => {
    const sums = sha256(join(folder, 'SHA256SUMS'));
    for (const argv of [[], ['--ledger', town.ledger], ['--sums', sums, '--json'], ['--max-age', 'P1D']]) {
      const command = await town.run('stranger', 'verify', folder, ...argv);
      const single = await verifyInProcess(folder, town.now, ...argv);
      if (argv.includes('--json')) expect(JSON.parse(command.stdout)).toMatchObject(JSON.parse(single.stdout));
      else expect(single.stdout).toBe(command.stdout);
      expect(single.status).toBe(command.status);
    }
    const { status, stdout } = await town.run('stranger', 'verify', folder, '--ledger', town.ledger, '--sums', sums);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^FILES {5}\d as they were written\. .*compared with --sums\nCHECKED /);
    expect(stdout).toContain('compared with --ledger');
  });

  test('bare node, an empty environment, a medium that cannot be written', () => {
    const stick = join(town.root, 'stick');
    cpSync(folder, stick, { recursive: true });
    for (const name of readdirSync(stick)) chmodSync(join(stick, name), 0o444);
    chmodSync(stick, 0o555);
    const own = spawned(join(stick, 'verify.mjs'), '--ledger', town.ledger);
    expect(own).toMatchObject({ status: 0, stderr: '' });
    expect(own.stdout).toContain('CHECKED');
    writeFileSync(join(town.root, 'verify.mjs'), readFileSync(join(stick, 'verify.mjs')));
    expect(spawned(join(town.root, 'verify.mjs'), stick).stdout).toContain('NOT COMPARED');
    expect(spawned(join(stick, 'verify.mjs'), '--ledger', '00'.repeat(32)).status).toBe(3);
    expect(spawned(join(stick, 'verify.mjs'), '--unknown')).toMatchObject({ status: 2, stdout: '' });
    expect(spawned(join(stick, 'verify.mjs'), '--help').stdout).toMatch(/^Usage: node verify\.mjs/);
    chmodSync(stick, 0o755);
  });

  test('the single file needs nothing that Node 20.0 lacks', () => {
    const text = readFileSync(join(folder, 'verify.mjs'), 'utf8');
    const imports = [...text.matchAll(/(?:^|;)import\s*([^;"]+?)\s*from\s*"([^"]+)"/gmu)];
    expect(imports.length).toBeGreaterThan(3);
    expect(imports.filter(([, , from = '']) => !from.startsWith('node:'))).toEqual([]);
    expect(imports.filter(([, names = '']) => /\b(?:hash|crc32)\b/u.test(names))).toEqual([]);
  });

  test('the bundle by itself too', async () => {
    const { status, stdout } = await town.run('stranger', 'verify', join(folder, 'ledger.bundle'));
    expect(status).toBe(0);
    expect(stdout).toMatch(/^CHECKED /);
  });

  test.skipIf(!hasGit)('stock git clones and checks it, stock COSE checks every block', async () => {
    const clone = join(town.root, 'clone');
    git(town.root, 'clone', '-q', join(folder, 'ledger.bundle'), clone);
    expect(fsck(clone)).toBe('');
    let blocks = 0;
    for (const branch of git(clone, 'for-each-ref', '--format=%(refname)', 'refs/remotes/origin').trim().split('\n')) {
      if (branch.endsWith('/HEAD')) continue;
      git(clone, 'checkout', '-q', '--detach', branch);
      const chain = Buffer.concat(
        readdirSync(join(clone, 'blocks'))
          .toSorted()
          .map((name) => readFileSync(join(clone, 'blocks', name))),
      );
      const records = splitRecords(chain).map(decodeRecord);
      // nobody rotates here: block 0 names the key of the whole chain
      const x = Buffer.from(entryAt(records[0]!, 0)!.content.get('key') as Uint8Array).toString('base64url');
      const key = await COSEKey.fromJWK({ kty: 'OKP', crv: 'Ed25519', x }).toKeyLike();
      for (const { bytes } of records) await Sign1.decode(bytes).verify(key);
      blocks += records.length;
    }
    expect(`${blocks} blocks`).toBe(/[\d,]+ blocks/.exec((await town.run('stranger', 'verify', folder)).stdout)?.[0]);
  });
});

describe('damaged', () => {
  test('a file too many, too few, a folder, another name: named', async () => {
    const copy = join(town.root, 'changed');
    const changes: readonly (readonly [string, () => void])[] = [
      ['autorun.inf', () => writeFileSync(join(copy, 'autorun.inf'), '')],
      ['SHA256SUMS', () => rmSync(join(copy, 'SHA256SUMS'))],
      ['verify.mjs', () => rmSync(join(copy, 'verify.mjs'))],
      ['blocks', () => mkdirSync(join(copy, 'blocks'))],
      ['VERIFY.txt', () => writeFileSync(join(copy, 'VERIFY.txt'), '')],
    ];
    for (const [name, change] of changes) {
      rmSync(copy, { recursive: true, force: true });
      cpSync(folder, copy, { recursive: true });
      change();
      for (const { verify } of exportVerifiers(town)) {
        const { status, text } = await verify(copy);
        expect({ name, status }).toEqual({ name, status: 3 });
        expect(text).toContain(`'${name}'`);
      }
    }
  });

  test('files larger than any export has are named, and not read', async () => {
    const copy = join(town.root, 'huge');
    cpSync(folder, copy, { recursive: true });
    truncateSync(join(copy, 'verify.html'), 2 ** 31);
    for (const { verify } of exportVerifiers(town)) {
      const { status, text } = await verify(copy);
      expect({ status, text }).toEqual({
        status: 3,
        text: expect.stringContaining(`'verify.html' has ${2 ** 31} bytes`),
      });
    }
    for (const name of ['verify.html', 'verify.mjs']) truncateSync(join(copy, name), 2 ** 31 - 2 ** 24);
    for (const { verify } of exportVerifiers(town)) {
      const { status, text } = await verify(copy);
      expect({ status, text }).toEqual({ status: 3, text: expect.stringContaining("more than an export's can have") });
    }
  });

  test('where there is none is told, not taken for a damaged one', async () => {
    const empty = join(town.root, 'hollow');
    mkdirSync(empty);
    for (const path of [join(town.root, 'nothing'), empty]) {
      for (const { verify } of exportVerifiers(town)) expect((await verify(path)).status).toBe(10);
      for (const command of [
        ['ledger', 'import', path],
        ['verify', folder, '--onto', path],
      ]) {
        const { status, stderr } = await town.run('body', ...command);
        expect([status, stderr]).toEqual([10, expect.stringContaining(`no export at '${path}'`)]);
      }
    }
  });

  test('VERIFY.txt that says something else, with SHA256SUMS repaired', async () => {
    const copy = join(town.root, 'lying');
    const text = readFileSync(join(folder, 'VERIFY.txt'), 'utf8');
    for (const lie of [
      text.replace('sha256sum -c', 'sha256sum  -c'),
      text.replace(/^blocks( +)(\d+)/m, 'blocks$19$2'),
      text.replaceAll(town.ledger, '00'.repeat(32)),
      text.replace('fixes every byte', 'fixes no byte'),
    ]) {
      expect(lie).not.toBe(text);
      rmSync(copy, { recursive: true, force: true });
      cpSync(folder, copy, { recursive: true });
      writeFileSync(join(copy, 'VERIFY.txt'), lie);
      const sums = readFileSync(join(copy, 'SHA256SUMS'), 'utf8');
      writeFileSync(join(copy, 'SHA256SUMS'), sums.replace(/.{64}(?= {2}VERIFY)/, sha256(join(copy, 'VERIFY.txt'))));
      for (const { verify } of exportVerifiers(town)) {
        const { status, text: told } = await verify(copy);
        expect(status).toBe(3);
        expect(told).toContain('VERIFY.txt');
      }
    }
  });

  test('any of 1,000 flipped bits is reported, with the file', async () => {
    for (const flip of chooseFlips(folder, 1000, 'export flips')) {
      await withFlip(folder, flip, async () => {
        for (const { name, verify } of exportVerifiers(town)) {
          const { status, text } = await verify(folder);
          const where = `${name}, ${flip.file} bit ${flip.bit}`;
          expect(status, where).toBe(3);
          if (flip.file !== 'SHA256SUMS') expect(text, where).toContain(`'${flip.file}'`);
        }
      });
    }
    expect((await town.run('stranger', 'verify', folder)).status).toBe(0);
  }, 120_000);

  test('a few of them shown to the spawned file, its own bytes among them', async () => {
    for (const flip of chooseFlips(folder, 12, 'spawned flips')) {
      await withFlip(folder, flip, async () => {
        const { status } = spawned(join(folder, 'verify.mjs'));
        // a flip in itself may break it before it can speak
        expect(status === 3 || (flip.file === 'verify.mjs' && status !== 0), `${flip.file} bit ${flip.bit}`).toBe(true);
      });
    }
  });

  test('flips in the bundle are found without the sums too', async () => {
    const alone = join(town.folder('alone'), 'ledger.bundle');
    writeFileSync(alone, readFileSync(join(folder, 'ledger.bundle')));
    for (const flip of chooseFlips(town.folder('alone'), 200, 'bundle flips')) {
      const { status } = await withFlip(town.folder('alone'), flip, () => town.run('stranger', 'verify', alone));
      expect(status, `bit ${flip.bit}`).not.toBe(0);
    }
  });
});
