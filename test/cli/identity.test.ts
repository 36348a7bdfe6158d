import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { policyText } from '../support/policy-text.ts';
import { createTown, type Run, type Town } from '../support/town.ts';

const NOW = Date.UTC(2012, 11, 20) / 1000;
const DAY = 86_400;
const BOUNDARY = `joulemark: boundary/1
applicant: Works
supply_points: {gate: {carrier: waste_coal}}
meters:
  heat: {kind: energy, at: gate, unit: mmBtu, product: electricity}
  out: {kind: product, product: electricity, unit: MWh}
`;
const TABLE =
  'joulemark: table/1\nname: test-table\nedition: "1"\nrows: {waste_coal: {unit: mmBtu, factor: "1", factor_unit: mmBtu/mmBtu}}\n';

let town: Town;
beforeEach(() => {
  town = createTown(NOW);
});
afterEach(() => town.remove());

const home = (name: string): string => join(town.folder(name), '.joulemark');
const config = (name: string): string => readFileSync(join(home(name), 'config.yaml'), 'utf8');

/** Every file of a home with its bytes, but for the cache of what is verified. */
function snapshot(name: string): Readonly<Record<string, string>> {
  const files = readdirSync(home(name), { recursive: true, encoding: 'utf8' });
  const plain = files.filter((file) => statSync(join(home(name), file)).isFile() && file !== 'checked.json');
  return Object.fromEntries(plain.toSorted().map((file) => [file, readFileSync(join(home(name), file), 'latin1')]));
}

/** Runs a command that must be refused as wrong usage and must have written nothing. */
async function expectUsage(name: string, argv: readonly string[], message: RegExp): Promise<Run> {
  const before = existsSync(home(name)) ? snapshot(name) : null;
  const run = await town.run(name, ...argv);
  expect(run).toMatchObject({ status: 2, stdout: '' });
  expect(run.stderr).toMatch(message);
  if (before !== null) expect(snapshot(name)).toEqual(before);
  return run;
}

/** Runs with --dry-run: exit 0, and nothing was written. */
async function expectDry(name: string, ...argv: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const before = snapshot(name);
  const result = await town.json<Record<string, unknown>>(name, ...argv, '--dry-run');
  expect(result).toMatchObject({ dryRun: true });
  expect((await town.ok(name, ...argv, '--dry-run')).stdout).toMatch(/nothing was written|already in the ledger/);
  expect(snapshot(name)).toEqual(before);
  return result;
}

async function found(): Promise<string> {
  await town.ok('body', 'init', 'Body');
  const { ledger } = await town.json<{ ledger: string }>(
    'body',
    'programme',
    'create',
    town.write('body', 'policy.yaml', policyText()),
  );
  await town.ok('body', 'remote', 'init', join(town.root, 'hub.git'));
  await town.ok('body', 'remote', 'add', 'origin', join(town.root, 'hub.git'));
  await town.ok('body', 'sync');
  return ledger;
}

async function join1(name: string, organisation: string, ledger: string): Promise<string> {
  await town.ok(name, 'init', organisation);
  return (await town.json<{ org: string }>(name, 'join', join(town.root, 'hub.git'), '--ledger', ledger)).org;
}

describe('init', () => {
  test('makes a home once, with keys that only the owner reads', async () => {
    const made = await town.json('works', 'init', 'Works', '--legal-id', 'X 1');
    expect(made).toEqual({ home: home('works'), name: 'Works', legalId: 'X 1', encrypted: false });
    expect(config('works')).toBe('joulemark: config/1\nname: Works\nlegal_id: X 1\n');
    for (const key of ['joulemark.key', 'next.key'])
      expect(statSync(join(home('works'), 'keys', key)).mode & 0o777).toBe(0o600);
    await expectUsage('works', ['init', 'Works'], /a home is there already/);
  });

  test('completes a home that a crash left unfinished, and keeps its keys', async () => {
    await town.ok('works', 'init', 'Works');
    const key = readFileSync(join(home('works'), 'keys', 'joulemark.key'), 'utf8');
    rmSync(join(home('works'), 'config.yaml'));
    rmSync(join(home('works'), 'keys', 'next.key'));
    await town.ok('works', 'init', 'Works');
    expect(readFileSync(join(home('works'), 'keys', 'joulemark.key'), 'utf8')).toBe(key);
    expect(readFileSync(join(home('works'), 'keys', 'next.key'), 'utf8')).toMatch(/^joulemark-secret-key-1 next /m);
  });

  test('asks for a name where there is somebody to ask, else says how to give it', async () => {
    await expectUsage('works', ['init'], /nobody to ask 'Name of the organisation:'[^]*joulemark init "<name>"/);
    await expectUsage('works', ['init', ' '], /1 to 200 characters/);
    await expectUsage('works', ['init', 'x'.repeat(201)], /1 to 200 characters, found 201/);
    expect(existsSync(home('works'))).toBe(false);
  });

  test('a passphrase without --encrypt is refused, and no key is made', async () => {
    const passphrase = town.write('works', 'passphrase', 'correct horse\n');
    await expectUsage(
      'works',
      ['init', 'Works', '--passphrase-file', passphrase],
      /expected --encrypt[^]*add --encrypt/,
    );
    expect(existsSync(home('works'))).toBe(false);
  });

  test('with --encrypt the keys need their passphrase ever after', async () => {
    const passphrase = town.write('works', 'passphrase', 'correct horse\n');
    expect(await town.run('works', 'init', 'Works', '--encrypt')).toMatchObject({
      status: 12,
      stderr: expect.stringContaining('--passphrase-file'),
    });
    expect(existsSync(join(home('works'), 'keys', 'joulemark.key'))).toBe(false);
    await town.ok('works', 'init', 'Works', '--encrypt', '--passphrase-file', passphrase);
    expect(readFileSync(join(home('works'), 'keys', 'next.key'), 'utf8')).toMatch(
      /^-----BEGIN AGE ENCRYPTED FILE-----/,
    );
    const policy = town.write('works', 'policy.yaml', policyText());
    expect(await town.run('works', 'programme', 'create', policy)).toMatchObject({ status: 12 });
    const wrong = town.write('works', 'wrong', 'wrong\n');
    expect(await town.run('works', 'programme', 'create', policy, '--passphrase-file', wrong)).toMatchObject({
      status: 12,
      stderr: expect.stringContaining('does not open'),
    });
    await town.ok('works', 'programme', 'create', policy, '--passphrase-file', passphrase);
    await town.ok('works', 'key', 'rotate', '--passphrase-file', passphrase);
    for (const key of ['joulemark.key', 'next.key'])
      expect(readFileSync(join(home('works'), 'keys', key), 'utf8')).toMatch(/^-----BEGIN AGE/);
    expect((await town.json<{ keys: unknown[] }>('works', 'key', 'list')).keys).toHaveLength(2);
  });
});

describe('programme create', () => {
  const create = ['programme', 'create', 'policy.yaml'] as const;
  beforeEach(async () => {
    await town.ok('body', 'init', 'Body');
    town.write('body', 'policy.yaml', policyText());
  });

  test('founds once: the same policy again gives the same ledger', async () => {
    const dry = await expectDry('body', ...create);
    const first = await town.json<{ ledger: string; already: boolean }>('body', ...create);
    expect(first).toMatchObject({ already: false, dryRun: false, ledger: dry['ledger'] });
    expect(config('body')).toBe(`joulemark: config/1\nname: Body\nledger: ${first.ledger}\norg: ${first.ledger}\n`);
    const before = snapshot('body');
    expect(await town.json('body', ...create)).toMatchObject({ already: true, ledger: first.ledger });
    expect(snapshot('body')).toEqual(before);
    expect((await town.ok('body', ...create)).stdout).toContain(
      (first.ledger.match(/.{4}/g) ?? []).slice(0, 4).join(' '),
    );
  });

  test('completes a run that died between the block and the configuration', async () => {
    const { ledger } = await town.json<{ ledger: string }>('body', ...create);
    writeFileSync(join(home('body'), 'config.yaml'), 'joulemark: config/1\nname: Body\n');
    rmSync(join(home('body'), 'pin.json'));
    expect(await town.json('body', ...create)).toMatchObject({ ledger, already: true });
    expect(JSON.parse(readFileSync(join(home('body'), 'pin.json'), 'utf8'))).toEqual({ ledger, seq: 0, id: ledger });
    expect(config('body')).toContain(`ledger: ${ledger}`);
    await town.ok('body', 'table', 'publish', town.write('body', 'table.yaml', TABLE));
  });

  test('refuses another policy, a home that has joined, a faulty file', async () => {
    await town.ok('body', ...create);
    const other = town.write('body', 'other.yaml', policyText({ edition: '2' }));
    await expectUsage('body', ['programme', 'create', other], /already, with another policy[^]*joulemark policy set/);
    const faulty = town.write('body', 'faulty.yaml', policyText().replace('straddling: refuse', 'straddling: maybe'));
    await expectUsage(
      'body',
      ['programme', 'create', faulty],
      /'policy.time.straddling' must be 'refuse' or 'prorate', found 'maybe', in .*faulty.yaml:10/,
    );
    await expectUsage('body', ['programme', 'create', 'absent.yaml'], /cannot read 'absent.yaml'/);
    town.write('elsewhere', 'policy.yaml', policyText());
    expect(await town.run('elsewhere', ...create)).toMatchObject({
      status: 10,
      stderr: expect.stringContaining('joulemark init'),
    });
  });
});

describe('join', () => {
  let ledger: string;
  beforeEach(async () => {
    ledger = await found();
    await town.ok('works', 'init', 'Works');
  });
  const hub = (): string => join(town.root, 'hub.git');

  test('fetches, pins, signs block 0 and publishes it; again it changes nothing', async () => {
    const dry = await expectDry('works', 'join', hub(), '--ledger', ledger);
    const joined = await town.json<{ org: string }>('works', 'join', hub(), '--ledger', ledger);
    expect(joined).toMatchObject({
      org: dry['org'],
      already: false,
      unpublished: null,
      programme: 'Body',
      seen: { seq: 0 },
      remote: { name: 'origin', url: hub() },
    });
    expect(config('works')).toContain(`org: ${joined.org}`);
    const before = snapshot('works');
    expect(await town.json('works', 'join', hub(), '--ledger', ledger)).toMatchObject({
      org: joined.org,
      already: true,
    });
    expect(
      await town.json('works', 'join', 'origin', '--ledger', (ledger.match(/.{4}/g) ?? []).join(' ')),
    ).toMatchObject({ org: joined.org, already: true });
    expect(snapshot('works')).toEqual(before);
    await town.ok('body', 'sync');
    expect(await town.json('body', 'org', 'list')).toMatchObject({
      organisations: [{ org: joined.org, name: 'Works', standing: 'not admitted', waiting: 1 }],
    });
  });

  test('a run that died between the block and the configuration joins no second time', async () => {
    const unjoined = config('works');
    const { org } = await town.json<{ org: string }>('works', 'join', hub(), '--ledger', ledger);
    writeFileSync(join(home('works'), 'config.yaml'), unjoined);
    expect(await town.json('works', 'join', hub(), '--ledger', ledger)).toMatchObject({ org, already: true });
    expect(config('works')).toContain(`org: ${org}`);
  });

  test('a home rebuilt from its keys takes up the chain that they began', async () => {
    const { org } = await town.json<{ org: string }>('works', 'join', hub(), '--ledger', ledger);
    await town.ok('rebuilt', 'init', 'Works');
    rmSync(join(home('rebuilt'), 'keys'), { recursive: true });
    cpSync(join(home('works'), 'keys'), join(home('rebuilt'), 'keys'), { recursive: true });
    expect(await town.json('rebuilt', 'join', hub(), '--ledger', ledger)).toMatchObject({ org, already: true });
    await town.ok('rebuilt', 'boundary', 'set', town.write('rebuilt', 'boundary.yaml', BOUNDARY));
  });

  test('what could not be published is published by the next run', async () => {
    // the lock of a process on another host: nobody here can tell whether it lives
    const lock = join(hub(), 'joulemark.lock');
    writeFileSync(lock, '1.1.x.y.elsewhere!0-0-0\n');
    const run = await town.run('works', 'join', hub(), '--ledger', ledger);
    expect(run).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/not published to origin: the lock .* is held[^]*joulemark sync/),
    });
    rmSync(lock);
    expect(await town.json('works', 'join', hub(), '--ledger', ledger)).toMatchObject({
      unpublished: null,
      already: true,
    });
    expect(readdirSync(join(hub(), 'refs', 'heads', 'org'))).toHaveLength(1);
  });

  test('refuses another ledger than the one it was told, and leaves nothing of it', async () => {
    const wrong = ledger.replace(/.{4}$/, ledger.endsWith('0000') ? '1111' : '0000');
    const run = await town.run('works', 'join', hub(), '--ledger', wrong);
    expect(run).toMatchObject({ status: 3, stdout: '' });
    expect(run.stderr).toMatch(/does not serve the ledger [0-9a-f]{64}: .*the genesis block is '[0-9a-f]{64}'/);
    expect(existsSync(join(home('works'), 'pin.json'))).toBe(false);
    expect(config('works')).not.toContain('ledger');
    expect(existsSync(join(home('works'), 'ledger.git', 'refs', 'heads', 'programme'))).toBe(false);
  });

  test('founding and joining in one home exclude each other, also when the first was cut short', async () => {
    const unjoined = config('works');
    await town.ok('works', 'join', hub(), '--ledger', ledger);
    writeFileSync(join(home('works'), 'config.yaml'), unjoined);
    await expectUsage(
      'works',
      ['programme', 'create', town.write('works', 'policy.yaml', policyText())],
      /holds a copy of the ledger [0-9a-f]{64} of 'Body', which its key did not found/,
    );
    await town.ok('second', 'init', 'Second');
    const alone = config('second');
    await town.ok('second', 'programme', 'create', town.write('second', 'policy.yaml', policyText()));
    writeFileSync(join(home('second'), 'config.yaml'), alone);
    await expectUsage(
      'second',
      ['join', hub(), '--ledger', ledger],
      /this home holds another ledger already[^]*programme create <policy.yaml> completes that/,
    );
  });

  test('refuses wrong usage', async () => {
    await expectUsage('works', ['join', hub()], /required option '--ledger/);
    await expectUsage('works', ['join', hub(), '--ledger', 'abc'], /'abc' is not an id/);
    await expectUsage('works', ['join', 'https://me:secret@example.org/x', '--ledger', ledger], /holds credentials/);
    await expectUsage('body', ['join', hub(), '--ledger', ledger], /certification body/);
    await town.ok('works', 'join', hub(), '--ledger', ledger);
    await expectUsage('works', ['join', hub(), '--ledger', ledger.replace(/^../, 'ff')], /belongs to the ledger/);
    await expectUsage(
      'works',
      ['join', join(town.root, 'elsewhere.git'), '--ledger', ledger],
      /remote 'origin' is there already[^]*--name/,
    );
  });
});

describe('the certification body and its organisations', () => {
  let ledger: string;
  beforeEach(async () => {
    ledger = await found();
    await join1('works', 'Works', ledger);
    await join1('supplier', 'Supplier', ledger);
    await town.ok('body', 'sync');
  });

  const declare = async (): Promise<void> => {
    await town.ok('works', 'boundary', 'set', town.write('works', 'boundary.yaml', BOUNDARY));
    await town.ok('works', 'sync');
    await town.ok('body', 'broadcast');
  };

  test('org admit: before the broadcast, dry, once, and again with more', async () => {
    const argv = ['org', 'admit', 'Works', '--role', 'applicant', '--first-period', '2013', '--until', '2020-01-01'];
    await expectDry('body', ...argv);
    const admitted = await town.json<{ block: object }>('body', ...argv);
    expect(admitted).toMatchObject({
      name: 'Works',
      roles: ['applicant'],
      firstPeriod: '2013-01-01',
      until: Date.UTC(2020, 0, 1) / 1000,
      already: false,
    });
    expect(await town.json('body', ...argv)).toMatchObject({ already: true, block: admitted.block });
    expect(await town.json('body', 'org', 'admit', 'Works', '--role', 'applicant')).toMatchObject({
      already: false,
      until: null,
    });
    await town.ok('body', 'broadcast');
    expect(await town.json('body', 'org', 'show', 'works')).toMatchObject({
      name: 'Works',
      standing: 'admitted',
      roles: ['applicant'],
      until: null,
      boundary: null,
    });
  });

  test('org admit: nobody continues itself, nor one that continues it', async () => {
    const continuing = (name: string, before: string) => [
      'org',
      'admit',
      name,
      '--role',
      'auditor',
      '--continues',
      before,
    ];
    await expectUsage('body', continuing('Supplier', 'Supplier'), /'Supplier' cannot continue itself/);
    await town.ok('body', ...continuing('Supplier', 'Works'));
    await expectUsage(
      'body',
      continuing('Works', 'Supplier'),
      /'Works' cannot continue 'Supplier', which continues it/,
    );
  });

  test('org admit: whom it continues stays as it was until it is said anew', async () => {
    const { org: works } = await town.json<{ org: string }>('body', 'org', 'show', 'Works');
    const argv = (role: string, ...more: string[]) => ['org', 'admit', 'Supplier', '--role', role, ...more];
    expect(await town.json('body', ...argv('auditor'))).toMatchObject({ continues: null });
    expect(await town.json('body', ...argv('auditor', '--continues', 'Works'))).toMatchObject({ continues: works });
    expect(await town.json('body', ...argv('applicant'))).toMatchObject({ already: false, continues: works });
    expect(await town.json('body', ...argv('applicant'))).toMatchObject({ already: true, continues: works });
    expect((await town.ok('body', ...argv('auditor'))).stdout).toContain('continues Works');
    expect(await town.json('body', ...argv('auditor', '--continues', 'none'))).toMatchObject({ continues: null });
    expect(await town.json('body', ...argv('applicant'))).toMatchObject({ already: false, continues: null });
  });

  test('org admit: relations are checked against the accepted boundary', async () => {
    const relation = (text: string): readonly string[] => [
      'org',
      'admit',
      'supplier',
      '--role',
      'auditor',
      '--relation',
      text,
    ];
    await declare();
    await town.ok('body', 'boundary', 'accept', 'works');
    await expectUsage(
      'body',
      relation('upstream:Works:nowhere'),
      /'Works' has no supply point 'nowhere', expected gate/,
    );
    await expectUsage('body', relation('peer:Works:gate'), /'Works' has no product 'gate', expected electricity/);
    await expectUsage('body', relation('upstream:Nobody:gate'), /no organisation 'Nobody'/);
    await expectUsage('body', relation('upstream:Supplier:gate'), /cannot audit itself/);
    await expectUsage('body', relation('gate'), /--relation.*is not a relation/);
    await expectUsage('body', [...relation('upstream:Works:gate'), '--relation', 'upstream:Works:gate'], /given twice/);
    await expectUsage(
      'body',
      ['org', 'admit', 'supplier', '--role', 'applicant', '--relation', 'upstream:Works:gate'],
      /needs the role 'auditor'/,
    );
    const admitted = await town.json('body', ...relation('upstream:Works:gate'));
    expect(admitted).toMatchObject({
      roles: ['auditor'],
      relations: [{ relation: 'upstream', applicantName: 'Works', labels: ['gate'] }],
    });
    expect(await town.json('body', 'org', 'show', 'works')).toMatchObject({
      auditedBy: [{ name: 'Supplier', relation: 'upstream', labels: ['gate'] }],
    });
    expect((await town.ok('body', 'org', 'show', 'supplier')).stdout).toMatch(/audits +Works, upstream: gate/);
  });

  test('org admit and the other commands of the body refuse everybody else', async () => {
    const table = town.write('works', 'table.yaml', TABLE);
    const policy = town.write('works', 'policy.yaml', policyText({ edition: '2' }));
    await expectUsage(
      'works',
      ['org', 'admit', 'Works', '--role', 'applicant'],
      /only the certification body can admit/,
    );
    await expectUsage(
      'works',
      ['org', 'suspend', 'Works', '--because', 'x'],
      /only the certification body can suspend/,
    );
    await expectUsage('works', ['boundary', 'accept', 'Works'], /only the certification body can accept a boundary/);
    await expectUsage('works', ['table', 'publish', table], /only the certification body can publish a table/);
    await expectUsage('works', ['policy', 'set', policy], /only the certification body can set a policy/);
    await expectUsage(
      'body',
      ['boundary', 'set', town.write('body', 'boundary.yaml', BOUNDARY)],
      /the certification body cannot/,
    );
    await expectUsage('body', ['org', 'admit', 'Works'], /no role given/);
    await expectUsage(
      'body',
      ['org', 'admit', 'Works', '--role', 'applicant', '--first-period', '2013-02'],
      /no period of the policy begins on '2013-02'/,
    );
  });

  test('org suspend: once, lifted by an admission, and again', async () => {
    await town.ok('body', 'org', 'admit', 'works', '--role', 'applicant');
    const argv = ['org', 'suspend', 'works', '--because', 'two histories'];
    await expectDry('body', ...argv);
    const suspended = await town.json<{ block: { seq: number } }>('body', ...argv);
    expect(await town.json('body', ...argv)).toMatchObject({ already: true, block: suspended.block });
    expect((await town.ok('body', 'org', 'list')).stdout).toMatch(/Works +applicant +suspended/);
    await town.ok('body', 'org', 'admit', 'works', '--role', 'applicant');
    expect((await town.json<{ block: { seq: number } }>('body', ...argv)).block.seq).toBeGreaterThan(
      suspended.block.seq,
    );
    await expectUsage('body', ['org', 'suspend', 'works', '--because', ''], /option '--because': '' is empty/);
  });

  test('boundary set and accept: what is declared, broadcast, accepted, changed', async () => {
    const argv = ['boundary', 'set', town.write('works', 'boundary.yaml', BOUNDARY)];
    await expectDry('works', ...argv);
    const declared = await town.json<{ digest: string; block: object }>('works', ...argv);
    expect(await town.json('works', ...argv)).toMatchObject({ already: true, block: declared.block });
    await town.ok('works', 'sync');
    await town.ok('body', 'sync');
    await expectUsage('body', ['boundary', 'accept', 'works'], /not broadcast yet[^]*joulemark broadcast/);
    await expectUsage('body', ['boundary', 'accept', 'supplier'], /has declared no boundary/);
    await town.ok('body', 'broadcast');
    await expectDry('body', 'boundary', 'accept', 'works');
    const accepted = await town.json<{ block: object }>('body', 'boundary', 'accept', 'works');
    expect(accepted).toMatchObject({
      boundary: declared.digest,
      first: true,
      supplyPoints: { added: ['gate'] },
      meters: { added: ['out', 'heat'], removed: [], changed: [] },
    });
    expect(await town.json('body', 'boundary', 'accept', 'works')).toMatchObject({
      already: true,
      block: accepted.block,
    });
    town.write(
      'works',
      'boundary.yaml',
      BOUNDARY.replace('  out: {kind: product, product: electricity, unit: MWh}\n', '').replace(
        'unit: mmBtu,',
        'unit: GJ,',
      ),
    );
    await town.ok('works', ...argv);
    await town.ok('works', 'sync');
    await town.ok('body', 'broadcast');
    const { stdout } = await town.ok('body', 'boundary', 'accept', 'works');
    expect(stdout).toMatch(/meters +removed +out\n +meters +changed +heat/);
    const first = await town.json<{ inForce: boolean }>(
      'body',
      'boundary',
      'show',
      'works',
      '--digest',
      declared.digest.slice(0, 6),
    );
    expect(first).toMatchObject({ digest: declared.digest, inForce: false, document: { applicant: 'Works' } });
    expect((await town.ok('body', 'boundary', 'show', 'works')).stdout).toContain('unit: GJ');
    await expectUsage('body', ['boundary', 'show'], /the certification body has no boundary/);
    await expectUsage(
      'body',
      ['boundary', 'show', 'works', '--digest', 'ffff'],
      /no boundary of 'Works' 'ffff', there are/,
    );
  });

  test('boundary set names file and line of a fault', async () => {
    const faulty = town.write('works', 'boundary.yaml', BOUNDARY.replace('at: gate', 'at: fence'));
    await expectUsage(
      'works',
      ['boundary', 'set', faulty],
      /names the supply point 'fence', which is not declared, in .*boundary.yaml:5/,
    );
  });

  test('boundary set and accept refuse meters that count the same energy twice', async () => {
    const twice = BOUNDARY.replace(
      '  heat: {kind: energy, at: gate,',
      '  belt: {kind: energy, carrier: waste_coal, unit: mmBtu}\n  heat: {kind: energy, at: gate, counts: import,',
    );
    const argv = ['boundary', 'set', town.write('works', 'boundary.yaml', twice)];
    const both =
      /'heat' counts import and 'belt' counts use of 'waste_coal', neither under the other[^]*belt: \{under: heat/;
    await expectUsage('works', argv, both);
    // a policy that counts the carrier otherwise lets it be declared; accepted is what the policy of that day lets be
    const policy = (edition: string, counts: string) =>
      town.write(
        'body',
        'next.yaml',
        policyText({ edition, carriers: `{waste_coal: {unit: mmBtu, row: waste_coal${counts}}}` }),
      );
    town.now += 30 * DAY;
    await town.ok('body', 'policy', 'set', policy('2', ', counts: recovered'));
    await town.ok('body', 'sync');
    await town.ok('works', 'sync');
    await town.ok('works', ...argv);
    await town.ok('works', 'sync');
    await town.ok('body', 'broadcast');
    await town.ok('body', 'policy', 'set', policy('3', ''));
    await expectUsage('body', ['boundary', 'accept', 'works'], both);
  });

  test('policy set and show: prospective, once', async () => {
    town.now += 30 * DAY;
    const argv = ['policy', 'set', town.write('body', 'second.yaml', policyText({ edition: '2' }))];
    await expectDry('body', ...argv);
    const set = await town.json<{ block: object; digest: string }>('body', ...argv);
    expect(set).toMatchObject({
      edition: '2',
      from: { label: '2014', date: '2014-01-01' },
      notes: [expect.stringContaining("its table 'test-table' is not published yet")],
    });
    expect(await town.json('body', ...argv)).toMatchObject({ already: true, block: set.block });
    expect(await town.json('body', 'policy', 'show')).toMatchObject({
      digest: set.digest,
      edition: '2',
      inForce: false,
      from: '2014',
    });
    const others = (await town.json<{ others: string[] }>('body', 'policy', 'show')).others;
    expect(await town.json('body', 'policy', 'show', '--digest', others[0]?.slice(0, 8) ?? '')).toMatchObject({
      edition: '1',
      inForce: true,
      from: '2013',
    });
    await expectUsage('body', ['policy', 'show', '--digest', '00'], /no policy '00', there are/);
  });

  test('table publish, list and show: the newest edition of a name counts', async () => {
    const argv = ['table', 'publish', town.write('body', 'table.yaml', TABLE)];
    await expectDry('body', ...argv);
    const first = await town.json<{ block: object; digest: string }>('body', ...argv);
    expect(first).toMatchObject({ name: 'test-table', rows: 1, notes: [], already: false });
    expect(await town.json('body', ...argv)).toMatchObject({ already: true, block: first.block });
    const second = town.write('body', 'second.yaml', TABLE.replace('"1"', '"2"').replace('waste_coal:', 'other:'));
    expect(await town.json('body', 'table', 'publish', second)).toMatchObject({
      notes: [expect.stringContaining("needs the row 'waste_coal'")],
    });
    expect(await town.json('body', ...argv)).toMatchObject({ already: false });
    expect((await town.ok('body', 'table', 'list')).stdout).toMatch(
      /test-table +1 +1 +2012-12-20 +replaced, named by the policy\n.*test-table +2 +1 +2012-12-20 +replaced/,
    );
    expect(await town.json('body', 'table', 'show', 'test-table')).toMatchObject({
      digest: first.digest,
      document: { edition: '1' },
    });
    expect((await town.ok('works', 'table', 'list')).stdout).toContain('no tables yet');
    await expectUsage('body', ['table', 'show', 'no-table'], /no table 'no-table', there are test-table/);
    await expectUsage(
      'body',
      ['table', 'publish', town.write('body', 'bad.yaml', TABLE.replace('name:', 'nam:'))],
      /'table.nam' is not a known key.*bad.yaml:2/,
    );
  });
});

describe('keys', () => {
  test('are shown of oneself, of others, of the programme; never a secret', async () => {
    const ledger = await found();
    const org = await join1('works', 'Works', ledger);
    await town.ok('works', 'key', 'rotate');
    await town.ok('works', 'sync');
    await town.ok('body', 'sync');
    const own = await town.json<{ keys: { key: string; to: number | null }[] }>('works', 'key', 'list');
    expect(own).toMatchObject({
      chain: 'Works',
      keys: [
        { to: 0, from: { seq: 0 } },
        { to: null, from: { seq: 1 } },
      ],
    });
    expect(await town.json('body', 'key', 'list', org.slice(0, 6))).toEqual(own);
    const shown = await town.json<{ key: string; rotations: number }>('body', 'key', 'show', 'Works');
    expect(shown).toMatchObject({ key: own.keys[1]?.key, rotations: 1 });
    expect(await town.json('works', 'key', 'show', 'programme')).toMatchObject({ chain: 'programme', rotations: 0 });
    const secrets = ['joulemark.key', 'next.key'].flatMap((name) =>
      [
        ...readFileSync(join(home('works'), 'keys', name), 'utf8').matchAll(
          /^joulemark-secret-key-1 \w+ ([0-9a-f]{64})/gm,
        ),
      ].map(([, secret]) => secret ?? ''),
    );
    expect(secrets).toHaveLength(4);
    const printed = [
      await town.ok('works', 'key', 'list'),
      await town.ok('works', 'key', 'show', '--json'),
      await town.ok('works', 'ledger', 'show', 'Works:1'),
      await town.ok('works', 'doctor', '--json'),
    ];
    for (const { stdout, stderr } of printed)
      for (const secret of secrets) expect(stdout + stderr).not.toContain(secret);
  });
});

describe('remotes', () => {
  beforeEach(() => town.ok('works', 'init', 'Works'));

  test('are added once, listed, removed', async () => {
    expect((await town.ok('works', 'remote', 'list')).stdout).toContain('no remotes');
    expect(await town.json('works', 'remote', 'add', 'stick', 'sub/../stick.git')).toEqual({
      name: 'stick',
      url: join(town.folder('works'), 'stick.git'),
      already: false,
    });
    expect(await town.json('works', 'remote', 'add', 'stick', './stick.git')).toMatchObject({ already: true });
    await town.ok('works', 'remote', 'add', 'host', 'https://git.example.org/ledger.git/');
    expect(await town.json('works', 'remote', 'list')).toMatchObject({
      remotes: [{ name: 'stick' }, { name: 'host', url: 'https://git.example.org/ledger.git' }],
    });
    await expectUsage('works', ['remote', 'add', 'stick', './other.git'], /the remote 'stick' is there already/);
    await town.ok('works', 'remote', 'remove', 'stick');
    await expectUsage('works', ['remote', 'remove', 'stick'], /no remote 'stick', there are host/);
    await town.ok('works', 'remote', 'remove', 'host');
    expect(config('works')).toBe('joulemark: config/1\nname: Works\n');
  });

  test('refuse credentials in a URL, and never repeat them', async () => {
    for (const url of ['https://me:secret@example.org/x.git', 'https://secret@example.org/x.git']) {
      const { stderr } = await expectUsage('works', ['remote', 'add', 'host', url], /holds credentials/);
      expect(stderr).not.toContain('secret');
    }
    await expectUsage('works', ['remote', 'add', '-x', 'https://example.org/x.git'], /unknown option|not a name/);
    await expectUsage('works', ['remote', 'add', 'a b', 'https://example.org/x.git'], /'a b' is not a name/);
  });

  test('remote init makes a hub once, and no hub of a folder with something in it', async () => {
    const path = join(town.root, 'hub.git');
    expect(await town.json('works', 'remote', 'init', path)).toEqual({ path });
    await town.ok('works', 'remote', 'init', path);
    expect(readFileSync(join(path, 'HEAD'), 'utf8')).toBe('ref: refs/heads/programme\n');
    expect(await town.run('works', 'remote', 'init', town.folder('works'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('not empty'),
    });
  });
});

describe('reading the ledger', () => {
  let ledger: string;
  let org: string;
  beforeEach(async () => {
    ledger = await found();
    org = await join1('works', 'Works', ledger);
    await town.ok('body', 'broadcast');
    town.now += 60;
    await town.ok('works', 'sync');
    await town.ok('works', 'boundary', 'set', town.write('works', 'boundary.yaml', BOUNDARY));
  });

  interface Log {
    readonly total: number;
    readonly blocks: readonly {
      readonly name: string;
      readonly seq: number;
      readonly id: string;
      readonly covered: { readonly seq: number } | null;
    }[];
  }

  test('ledger log: what waits on top, then programme blocks with what they cover', async () => {
    const log = await town.json<Log>('works', 'ledger', 'log');
    expect(log.blocks.map(({ name, seq, covered }) => [name, seq, covered?.seq ?? null])).toEqual([
      ['Works', 1, null],
      ['programme', 1, 1],
      ['Works', 0, 1],
      ['programme', 0, 0],
    ]);
    expect((await town.json<Log>('works', 'ledger', 'log', 'programme', '--limit', '1')).blocks).toMatchObject([
      { name: 'programme', seq: 1 },
    ]);
    expect((await town.ok('works', 'ledger', 'log', 'Works', '-n', '1')).stdout).toMatch(
      /1 older block; --limit 2 shows all/,
    );
    await expectUsage('works', ['ledger', 'log', '--limit', '0'], /'0' is not a whole number from 1/);
    await expectUsage('works', ['ledger', 'log', 'nobody'], /no organisation 'nobody'/);
  });

  test('ledger show: by place, by id, by entry; wrong ones are refused', async () => {
    const log = await town.json<Log>('works', 'ledger', 'log');
    const genesis = await town.json('works', 'ledger', 'show', 'programme:0');
    expect(genesis).toMatchObject({
      id: ledger,
      prev: null,
      seen: null,
      count: 2,
      entries: [
        { type: 'found', content: { name: 'Body' } },
        { type: 'policy', content: { document: { edition: '1' } } },
      ],
    });
    expect(await town.json('works', 'ledger', 'show', ledger.slice(0, 12))).toEqual(genesis);
    expect(await town.json('works', 'ledger', 'show', 'programme:0:1')).toMatchObject({
      count: 2,
      entries: [{ entry: 1, type: 'policy' }],
    });
    expect(await town.json('works', 'ledger', 'show', `${org.slice(0, 8)}:1`)).toMatchObject({
      id: log.blocks[0]?.id,
      covered: null,
      seen: { seq: 1 },
    });
    expect((await town.ok('works', 'ledger', 'show', 'Works:1')).stdout).toMatch(/covered by +not broadcast yet/);
    await expectUsage('works', ['ledger', 'show', 'programme:9'], /no block 9 of 'programme', its newest here is 1/);
    await expectUsage('works', ['ledger', 'show', 'programme:0:2'], /no entry 2 in block 0 of 'programme', it has 2/);
    await expectUsage('works', ['ledger', 'show', 'zz'], /'zz' names no block/);
    await expectUsage('works', ['ledger', 'show', 'ffffffff'], /no block and no package 'ffffffff' here/);
  });

  test('ledger stats counts what is there', async () => {
    expect(await town.json('works', 'ledger', 'stats')).toMatchObject({
      chains: [
        { chain: 'programme', blocks: 2, waiting: 0, entries: 3 },
        { chain: org, name: 'Works', blocks: 2, waiting: 1, entries: 2 },
      ],
      blocks: 4,
      entries: { boundary: 1, broadcast: 1, found: 1, join: 1, policy: 1 },
      packages: 0,
      findings: {},
    });
  });
});

describe('status', () => {
  interface Status {
    readonly standing: string;
    readonly boundary: string | null;
    readonly broadcast: { readonly seq: number; readonly age: number } | null;
    readonly meters: readonly {
      readonly meter: string;
      readonly standing: string;
      readonly gaps: readonly {
        readonly dates: string;
        readonly late: boolean;
        readonly due: { readonly shown: string };
      }[];
    }[];
    readonly tasks: readonly {
      readonly urgency: string;
      readonly what: string;
      readonly due: { readonly shown: string } | null;
      readonly next: string;
    }[];
    readonly dates: readonly { readonly what: string; readonly time: { readonly shown: string } }[];
  }
  const read = (name: string): Promise<Status> => town.json<Status>(name, 'status');
  const words = ({ tasks }: Status): readonly string[] => tasks.map(({ urgency, what }) => `${urgency} ${what}`);

  test('follows an applicant from joining to a late package, and says each next step', async () => {
    const ledger = await found();
    await join1('works', 'Works', ledger);
    expect(words(await read('works'))).toEqual(['blocks this organisation is not admitted']);
    await town.ok('body', 'broadcast');
    expect(words(await read('body'))).toEqual([
      "blocks the policy's table 'test-table' is not published",
      "todo 'Works' has joined and is not admitted",
    ]);
    await town.ok('body', 'table', 'publish', town.write('body', 'table.yaml', TABLE));
    await town.ok('body', 'org', 'admit', 'works', '--role', 'applicant');
    await town.ok('body', 'sync');
    await town.ok('works', 'sync');
    expect(await read('works')).toMatchObject({
      standing: 'admitted',
      boundary: 'none',
      tasks: [{ urgency: 'blocks', what: 'no boundary is declared', next: 'joulemark boundary set boundary.yaml' }],
    });
    await town.ok('works', 'boundary', 'set', town.write('works', 'boundary.yaml', BOUNDARY));
    expect(await read('works')).toMatchObject({ boundary: 'pending' });
    await town.ok('works', 'sync');
    await town.ok('body', 'broadcast');
    expect(words(await read('body'))).toEqual([
      expect.stringMatching(/^todo the boundary [0-9a-f]{8} of 'Works' is declared and not accepted$/),
    ]);
    await town.ok('works', 'sync');
    expect(await read('works')).toMatchObject({ boundary: 'declared' });
    await town.ok('body', 'boundary', 'accept', 'works');
    await town.ok('body', 'sync');
    await town.ok('works', 'sync');
    const ready = await read('works');
    expect(ready).toMatchObject({
      boundary: 'accepted',
      tasks: [
        {
          urgency: 'todo',
          what: 'the baseline of 2013 lacks packages: 2012-01-01..2012-12-19 of out, heat',
          due: { shown: '2013-01-04 00:00 +00:00' },
          next: 'joulemark meter submit <file> --profile <profile>',
        },
      ],
    });
    expect(ready.meters).toMatchObject([
      { meter: 'out', standing: 'up to date', gaps: [], next: { due: { shown: '2013-02-06 00:00 +00:00' } } },
      { meter: 'heat', standing: 'up to date' },
    ]);
    expect(ready.dates[0]).toMatchObject({ what: expect.stringMatching(/^the period 2013 begins/) });
    // what follows the admission has the date of any package, history its own; once that is over nothing can be done about it
    town.now = Date.UTC(2013, 0, 4, 1) / 1000;
    expect(words(await read('works')).filter((what) => what.includes('baseline'))).toEqual([]);
    // the second of January is over: one interval is finished, and due 35 days later
    town.now = Date.UTC(2013, 0, 2, 1) / 1000;
    expect((await read('works')).meters).toMatchObject([
      { standing: 'due', gaps: [{ dates: '2013-01-01', due: { shown: '2013-02-06 00:00 +00:00' } }] },
      { standing: 'due' },
    ]);
    town.now = Date.UTC(2013, 1, 6, 1) / 1000;
    const late = await read('works');
    expect(late.meters).toMatchObject([{ standing: 'late' }, { standing: 'late' }]);
    expect(words(late)).toEqual([
      'late out 2013-01-01..2013-02-05 has no package',
      'late heat 2013-01-01..2013-02-05 has no package',
      'late this copy knows of no broadcast for more than two days',
    ]);
    expect((await town.ok('works', 'status')).stdout).toMatch(/meters +2 of 2 behind/);
    expect(words(await read('body'))).toContain('late no broadcast for more than a day');
  });

  test('sees keys that others can read, a clock that is behind, an append that was cut short', async () => {
    await found();
    chmodSync(join(home('body'), 'keys', 'joulemark.key'), 0o640);
    town.now -= 10;
    expect(words(await read('body'))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^blocks others can read '.*joulemark.key' \(mode 640\)$/),
        'blocks the clock here is behind the newest programme block',
      ]),
    );
  });

  test('of a home without a ledger says how to get one', async () => {
    await town.ok('works', 'init', 'Works');
    expect(await town.run('works', 'status')).toMatchObject({
      status: 10,
      stderr: expect.stringMatching(/joulemark join <remote>[^]*joulemark programme create/),
    });
  });
});

describe('doctor', () => {
  interface Checked {
    readonly bad: number;
    readonly checks: readonly { readonly check: string; readonly outcome: string; readonly found: string }[];
  }

  test('finds nothing bad in a new home, nor after joining, online or not', async () => {
    await town.ok('works', 'init', 'Works');
    expect(await town.json<Checked>('works', 'doctor')).toMatchObject({ bad: 0 });
    rmSync(home('works'), { recursive: true });
    await join1('works', 'Works', await found());
    const { checks } = await town.json<Checked>('works', 'doctor', '--online');
    expect(checks.filter(({ outcome }) => outcome === 'bad')).toEqual([]);
    expect(checks).toContainEqual(
      expect.objectContaining({ check: 'remote origin', outcome: 'good', found: expect.stringContaining('2 chains') }),
    );
  });

  const faults: readonly (readonly [string, number, RegExp, () => void])[] = [
    [
      'a key file that others can read',
      12,
      /others can read/,
      () => chmodSync(join(home('body'), 'keys', 'joulemark.key'), 0o644),
    ],
    ['a key file that is gone', 12, /no key file/, () => rmSync(join(home('body'), 'keys', 'joulemark.key'))],
    [
      'a key file copied wrong',
      12,
      /not a key/,
      () => {
        const path = join(home('body'), 'keys', 'joulemark.key');
        const text = readFileSync(path, 'utf8');
        writeFileSync(path, text.replace(/ sign ./, text.includes(' sign 0') ? ' sign 1' : ' sign 0'));
      },
    ],
    ['a damaged pin', 1, /damaged pin/, () => writeFileSync(join(home('body'), 'pin.json'), '{}')],
    [
      'a pin of another history',
      13,
      /not the one that was pinned/,
      () => {
        const path = join(home('body'), 'pin.json');
        writeFileSync(path, readFileSync(path, 'utf8').replace(/"id":"../, '"id":"00'));
      },
    ],
    ['a damaged journal', 1, /damaged journal/, () => writeFileSync(join(home('body'), 'journal'), 'x')],
    [
      'a key that signed further than the chain here goes',
      13,
      /restored backup/,
      () => {
        const path = join(home('body'), 'keys', 'high-water-mark');
        writeFileSync(path, readFileSync(path, 'utf8').replace('"seq":0', '"seq":7'));
      },
    ],
    [
      'a lock that somebody holds',
      11,
      /lock/,
      () => writeFileSync(join(home('body'), 'lock'), '1.1.x.y.elsewhere!0-0-0\n'),
    ],
    [
      'a clock that is two hours behind',
      1,
      /7200 seconds behind the newest programme block/,
      () => {
        town.now -= 7200;
      },
    ],
  ];
  test.each(faults)('finds %s, and changes nothing', async (_, status, message, harm) => {
    await found();
    harm();
    const before = snapshot('body');
    const run = await town.run('body', 'doctor', '--json');
    expect(run.status).toBe(status);
    const { checks } = JSON.parse(run.stdout) as Checked;
    expect(checks.filter(({ outcome }) => outcome === 'bad').map(({ found: text }) => text)).toEqual(
      expect.arrayContaining([expect.stringMatching(message)]),
    );
    expect(snapshot('body')).toEqual(before);
  });
});
