/** Wrong input that only one command can get: what is typed or written in its files, and what the answer must name. */
import { HOSTILE_NAME, type ContractTown } from './contract-town.ts';

export interface WrongInput {
  readonly path: string;
  readonly args: readonly string[] | ((town: ContractTown) => readonly string[]);
  /** A file of the command's folder, as it is for this case. */
  readonly file?: readonly [name: string, content: string | Uint8Array];
  /** The place or option, the value, the expectation. */
  readonly says: readonly (string | RegExp)[];
  /** A part of a hint, where there is a next step. */
  readonly hint?: string;
  readonly status?: number;
}

const submit = (name: string): readonly string[] => [name, '--profile', 'meters.yaml'];
const csv = (...lines: readonly string[]): readonly [string, string] => ['wrong.csv', `${lines.join('\n')}\n`];
const HEAD = 'day,kwh,cement,pearl';
const submitted = (says: WrongInput['says'], ...lines: readonly string[]): WrongInput => ({
  path: 'meter submit',
  args: submit('wrong.csv'),
  file: csv(...lines),
  says,
});
const streamed = (says: WrongInput['says'], ...lines: readonly string[]): WrongInput => ({
  path: 'meter submit',
  args: ['wrong.ndjson'],
  file: ['wrong.ndjson', `${lines.join('\n')}\n`],
  says,
});
const profiled = (says: WrongInput['says'], from: string, to: string): WrongInput => ({
  path: 'meter submit',
  args: (town) => {
    town.write('works', 'wrong.yaml', town.read('works/meters.yaml').replace(from, to));
    return ['february.csv', '--profile', 'wrong.yaml'];
  },
  says,
});
const reading = (more: string): string =>
  `{"meter":"main","start":"2026-02-01T00:00:00Z","end":"2026-02-02T00:00:00Z",${more}}`;

export const WRONG_INPUTS: readonly WrongInput[] = [
  // figures and days of a CSV file
  submitted(['wrong.csv:2', "'9x9'"], HEAD, '2026-02-01,9x9,10,5'),
  submitted(['wrong.csv:2', "'1e9'"], HEAD, '2026-02-01,1e9,10,5'),
  submitted(['wrong.csv:2', "'-5'"], HEAD, '2026-02-01,-5,10,5'),
  submitted(['wrong.csv:2', "'NaN'"], HEAD, '2026-02-01,NaN,10,5'),
  submitted(['wrong.csv:3', "'2026-02-30'", 'yyyy-MM-dd'], HEAD, '2026-02-01,990,10,5', '2026-02-30,990,10,5'),
  submitted(['wrong.csv:2', "'01/02/2026'", 'yyyy-MM-dd'], HEAD, '01/02/2026,990,10,5'),
  submitted(['wrong.csv:3', /2026-02-01/], HEAD, '2026-02-01,990,10,5', '2026-02-01,991,10,5'),
  submitted(['wrong.csv', "'kwh'"], 'day,kWh,cement,pearl', '2026-02-01,990,10,5'),
  submitted(['wrong.csv:1', "'kwh'"], 'day,kwh,kwh,cement,pearl', '2026-02-01,990,990,10,5'),
  submitted(['wrong.csv:2'], HEAD, '2026-02-01,990,10'),
  submitted(['wrong.csv:2'], HEAD, '2026-02-01,"990,10,5'),
  submitted(['wrong.csv:2', /\\u\{202e\}/], HEAD, '2026-02-01,\u202e990,10,5'),
  {
    path: 'meter submit',
    args: submit('wrong.csv'),
    file: ['wrong.csv', Uint8Array.from([0x64, 0x61, 0x79, 0x0a, 0xc4, 0xea])],
    says: ['wrong.csv', /utf-8/i],
  },
  { path: 'meter submit', args: ['february.csv'], says: ["'february.csv'", 'profile'], hint: '--profile profile.yaml' },
  {
    path: 'meter submit',
    args: ['february.csv', '--profile', 'meters.yaml', '--format', 'ndjson'],
    says: ["'--profile'"],
  },
  // profiles that do not fit the meters or the file
  profiled(["'main'", "'m3'", "'kWh'"], 'unit: kWh', 'unit: m3'),
  profiled(["'mian'"], 'meter: main', 'meter: mian'),
  profiled(['wrong.yaml:3', 'utf-9'], 'encoding: utf-8', 'encoding: utf-9'),
  profiled(['wrong.yaml:4', 'Mars/Base'], 'zone: UTC', 'zone: Mars/Base'),
  profiled(['wrong.yaml:4', 'yyyy-QQ'], 'yyyy-MM-dd', 'yyyy-QQ'),
  profiled(['wrong.yaml:5', 'tall'], 'shape: wide', 'shape: tall'),
  // NDJSON
  streamed(['wrong.ndjson:1', 'twice'], reading('"value":990,"value":990,"unit":"kWh"')),
  streamed(['wrong.ndjson:1', /duplicate|twice/i], reading('"value":990,"value":991,"unit":"kWh"')),
  streamed(['wrong.ndjson:1', "'colour'"], reading('"value":990,"unit":"kWh","colour":"red"')),
  streamed(['wrong.ndjson:1', "'m3'", "'kWh'"], reading('"value":990,"unit":"m3"')),
  streamed(['wrong.ndjson:1', "'value'", '9x9'], reading('"value":"9x9","unit":"kWh"')),
  streamed(['wrong.ndjson:1', "'value'", '1e400'], reading('"value":1e400,"unit":"kWh"')),
  streamed(['wrong.ndjson:2', 'not JSON'], reading('"value":990,"unit":"kWh"'), '{"meter"'),
  streamed(['wrong.ndjson:1', 'object'], '[1,2]'),
  streamed(
    ['wrong.ndjson:1', "'mian'"],
    '{"meter":"mian","start":"2026-02-01T00:00:00Z","end":"2026-02-02T00:00:00Z","value":990,"unit":"kWh"}',
  ),
  streamed(
    ['wrong.ndjson:1', "'start'", 'offset'],
    '{"meter":"main","start":"2026-02-01","end":"2026-02-02T00:00:00Z","value":990,"unit":"kWh"}',
  ),
  streamed(
    ['wrong.ndjson:1', 'not after'],
    '{"meter":"main","start":"2026-02-02T00:00:00Z","end":"2026-02-01T00:00:00Z","value":990,"unit":"kWh"}',
  ),
  streamed(['wrong.ndjson:1', 'guessed'], reading('"value":990,"unit":"kWh","provenance":"guessed"')),
  // deliveries of an auditor
  {
    path: 'audit run',
    args: [
      'Works',
      '--records',
      'wrong.csv',
      '--profile',
      'deliveries.yaml',
      '--all-supply-points',
      'yes',
      '--window',
      '2026-01',
    ],
    file: csv('account;from;to;kwh', '0318;2025-12-31;2026-01-31;3x'),
    says: ['wrong.csv:2', '3x'],
  },
  {
    path: 'audit run',
    args: [
      'Works',
      '--records',
      'wrong.csv',
      '--profile',
      'deliveries.yaml',
      '--all-supply-points',
      'yes',
      '--window',
      '2026-01',
    ],
    file: csv('account;from;to;kwh', '0318;2026-01-31;2025-12-31;30'),
    says: ['wrong.csv:2'],
  },
  { path: 'audit run', args: ['Works', '--records', 'bills.csv'], says: ['without a profile'], hint: '--profile' },
  { path: 'audit run', args: ['Works', '--window', '2026-01'], says: ['deliveries'] },
  {
    path: 'audit run',
    args: [
      'Works',
      '--records',
      'bills.csv',
      '--profile',
      'deliveries.yaml',
      '--all-supply-points',
      'yes',
      '--window',
      '2026-13',
    ],
    says: ["'2026-13'", '2026-03'],
  },
  {
    path: 'audit run',
    args: [
      'Works',
      '--records',
      'bills.csv',
      '--profile',
      'deliveries.yaml',
      '--all-supply-points',
      'yes',
      '--period',
      '1999',
    ],
    says: ["'1999'", '2025-01-01'],
  },
  {
    path: 'audit run',
    args: [
      'Works',
      '--records',
      'bills.csv',
      '--profile',
      'deliveries.yaml',
      '--all-supply-points',
      'yes',
      '--period',
      'soon',
    ],
    says: ["'soon'"],
    hint: '2026',
  },
  // places of audits
  { path: 'audit show', args: ['Grid'], says: ["'Grid'", '<auditor>/<block>'], hint: 'joulemark audit' },
  { path: 'audit show', args: ['Grid/99'], says: ["'Grid/99'", 'Grid/1'] },
  { path: 'audit show', args: ['Nobody/1'], says: ["'Nobody'"], hint: 'joulemark org list' },
  { path: 'baseline adjust', args: ['--because', 'x'], says: ['--product', '--window', '--energy'] },
  {
    path: 'baseline adjust',
    args: ['--product', 'cement', '--window', '2026-02', '--energy', '1e3', '--because', 'x'],
    says: ["'1e3'"],
  },
  {
    path: 'baseline adjust',
    args: ['--product', 'clinker', '--window', '2026-02', '--energy', '1', '--because', 'x'],
    says: ["'clinker'", 'cement'],
  },
  {
    path: 'baseline adjust',
    args: ['--product', 'cement', '--window', 'spring', '--energy', '1', '--because', 'x'],
    says: ["'spring'", '2026-03'],
  },
  { path: 'baseline adjust', args: ['Works/9', '--because', 'x'], says: ["'Works/9'", 'certification body'] },
  { path: 'baseline show', args: ['Works', '--period', '1900'], says: ["'1900'"] },
  { path: 'audit answer', args: ['Grid/99', '--text', 'x'], says: ["'Grid/99'"] },
  { path: 'audit answer', args: ['Grid/1', '--text', ' '], says: ['empty', '--text'] },
  {
    path: 'audit rule',
    args: ['Grid/x', '--ruling', 'upheld', '--because', 'x'],
    says: ["'Grid/x'", '<auditor>/<block>'],
  },
  { path: 'audit rule', args: ['Grid/1', '--ruling', 'upheld', '--because', ''], says: ['empty', '--because'] },
  { path: 'audit recuse', args: ['Works', '--window', '2026-6', '--because', 'x'], says: ["'2026-6'", '2026-03'] },
  {
    path: 'audit recuse',
    args: ['Works', '--window', '2026-06..2026-05', '--because', 'x'],
    says: ["'2026-06..2026-05'"],
  },
  { path: 'audit recuse', args: ['Works', '--window', '2026-06', '--because', '  '], says: ['empty', '--because'] },
  { path: 'audit recuse', args: ['Pearl', '--window', '2026-06', '--because', 'x'], says: ["'Pearl'"] },
  { path: 'audit sign', args: ['Peer'], says: ["'Peer'"], hint: 'joulemark audit run' },
  { path: 'audit sign', args: ['Works', '--window', 'Januar'], says: ["'Januar'"] },
  { path: 'audit sign', args: ['Works', '--verdict', 'fail'], says: ["'fail'", 'reason'], hint: '--because' },
  // admissions
  { path: 'org admit', args: ['Peer'], says: ['no role'], hint: '--role applicant' },
  {
    path: 'org admit',
    args: ['Peer', '--role', 'auditor', '--relation', 'peer'],
    says: ["'--relation'", "'peer'", '<upstream|peer|downstream>:<applicant>'],
  },
  {
    path: 'org admit',
    args: ['Peer', '--role', 'auditor', '--relation', 'friend:Works:cement'],
    says: ["'--relation'", "'friend:Works:cement'"],
  },
  { path: 'org admit', args: ['Peer', '--role', 'auditor', '--relation', 'peer:Works:'], says: ["'--relation'"] },
  {
    path: 'org admit',
    args: ['Peer', '--role', 'auditor', '--relation', 'peer:Nobody:cement'],
    says: ["'Nobody'"],
    hint: 'joulemark org list',
  },
  {
    path: 'org admit',
    args: ['Peer', '--role', 'auditor', '--relation', 'peer:Works:steel'],
    says: ["'steel'", 'cement'],
  },
  {
    path: 'org admit',
    args: ['Grid', '--role', 'auditor', '--relation', 'upstream:Works:coal-gate'],
    says: ["'coal-gate'", 'grid'],
  },
  {
    path: 'org admit',
    args: ['Peer', '--role', 'applicant', '--until', '2026-02-30'],
    says: ["'2026-02-30'", 'YYYY-MM-DD', '--until'],
  },
  { path: 'org admit', args: ['Peer', '--role', 'applicant', '--first-period', '26'], says: ["'26'"] },
  {
    path: 'org admit',
    args: ['Peer', '--role', 'applicant', '--continues', 'Nobody'],
    says: ["'Nobody'"],
    hint: 'joulemark org list',
  },
  { path: 'org suspend', args: ['Grid', '--because', '  '], says: ['empty', '--because'] },
  { path: 'boundary accept', args: ['Grid'], says: ["'Grid'", 'no boundary'] },
  { path: 'boundary show', args: ['Works', '--digest', 'zz'], says: ["'zz'"] },
  { path: 'boundary show', args: ['Works', '--digest', '00000000'], says: ["'00000000'"] },
  { path: 'policy show', args: ['--digest', 'zz'], says: ["'zz'"] },
  { path: 'table show', args: ['gbt'], says: ["'gbt'", 'energy-units'], hint: 'joulemark table list' },
  { path: 'table show', args: ['00000000'], says: ["'00000000'"] },
  // decisions
  { path: 'certify run', args: ['Works', '--period', '26'], says: ["'26'", "'2026'"], hint: 'joulemark certify list' },
  { path: 'certify run', args: ['Works', '--period', '2019'], says: ["'2019'"], hint: 'joulemark certify list' },
  {
    path: 'certify run',
    args: ['Grid', '--period', '2026'],
    says: ["'Grid'", 'applicant'],
    hint: 'joulemark org show',
  },
  { path: 'certify show', args: ['JM-2099-0001'], says: ["'JM-2099-0001'"], hint: 'joulemark certify list' },
  { path: 'certify verify', args: ['0:99'], says: ["'0:99'"], hint: 'joulemark certify list' },
  { path: 'certify explain', args: ['JM-2099-0001'], says: ["'JM-2099-0001'"], hint: 'joulemark certify list' },
  { path: 'certify explain', args: ['Works', '--period', 'soon'], says: ["'soon'"], hint: 'joulemark certify list' },
  { path: 'certify diff', args: ['JM-2099-0001'], says: ["'JM-2099-0001'"], hint: 'joulemark certify list' },
  { path: 'certify diff', args: (town) => [town.decision, '0:99'], says: ["'0:99'"], hint: 'joulemark certify list' },
  { path: 'certify diff', args: (town) => ['now', town.decision], says: ["'now'"], hint: 'joulemark certify diff' },
  { path: 'certify simulate', args: ['Works', '--period', 'soon'], says: ["'soon'"], hint: 'joulemark certify list' },
  { path: 'certify simulate', args: ['Grid'], says: ["'Grid'", 'applicant'], hint: 'joulemark org show' },
  {
    path: 'certify revoke',
    args: ['JM-2099-0001', '--because', 'x'],
    says: ["'JM-2099-0001'"],
    hint: 'joulemark certify list',
  },
  { path: 'certify revoke', args: (town) => [town.decision, '--because', ' '], says: ['empty', '--because'] },
  // meters
  {
    path: 'meter correct',
    args: ['mian', '2026-01-09', '980', '--because', 'transcription'],
    says: ["'mian'", 'main'],
    hint: 'joulemark meter list',
  },
  { path: 'meter correct', args: ['main', '2026-01-32', '980', '--because', 'transcription'], says: ["'2026-01-32'"] },
  {
    path: 'meter correct',
    args: ['main', '2026-01-09', 'many', '--because', 'transcription'],
    says: ["'many'", 'quantity'],
  },
  { path: 'meter correct', args: ['main', '2025-01-09', '980', '--because', 'transcription'], says: ['2025-01-09'] },
  {
    path: 'meter correct',
    args: ['main', '2026-01-09', '980', '--because', 'transcription', '--note', 'x'.repeat(201)],
    says: ['200'],
  },
  { path: 'meter enroll', args: ['mian'], says: ["'mian'", 'main'], hint: 'joulemark meter list' },
  { path: 'meter enroll', args: ['main', '--at', 'yesterday'], says: ["'yesterday'", '2026-03-10'] },
  { path: 'meter enroll', args: ['main', '--at', '2030-01-01'], says: ['2030-01-01'] },
  { path: 'meter enroll', args: ['main', '--reading', '1,000'], says: ["'--reading'", "'1,000'"] },
  { path: 'meter enroll', args: ['main', '--serial', ''], says: ['serial'] },
  { path: 'meter exchange', args: ['main', '--at', '2026-02-03', '--old', '5'], says: ["'--old'", "'--new'"] },
  { path: 'meter exchange', args: ['main', '--at', '2026-02-03', '--event', 'rollover'], says: ["'main'", 'register'] },
  { path: 'meter retire', args: ['main', '--at', '2026-01-09'], says: ["'main'"] },
  { path: 'meter show', args: ['mian'], says: ["'mian'", 'main'] },
  { path: 'meter collect', args: ['--spool', 'no-such-folder'], says: ["'no-such-folder'"] },
  { path: 'meter collect', args: ['somewhere'], says: ["'somewhere'"], hint: '--spool somewhere' },
  { path: 'meter collect', args: ['--every', '0'], says: ["'--every'", "'0'"] },
  // blocks, ledgers, remotes
  { path: 'ledger log', args: ['Works', '--limit', '-1'], says: ["'--limit'", "'-1'"] },
  { path: 'ledger log', args: ['Works', '--limit', 'all'], says: ["'--limit'", "'all'"] },
  { path: 'ledger show', args: ['xyz'], says: ["'xyz'", '<chain>:<seq>'], hint: 'joulemark ledger log' },
  { path: 'ledger show', args: ['Works:999'], says: ['999', "'Works'"] },
  { path: 'ledger show', args: ['Works:1:999'], says: ['999', "'Works'"] },
  { path: 'ledger show', args: ['00000000'], says: ["'00000000'"], hint: 'joulemark ledger log' },
  { path: 'join', args: ['hub.git', '--ledger', 'abcd'], says: ["'--ledger'", "'abcd'", '64'] },
  { path: 'join', args: (town) => ['../no-such-hub', '--ledger', town.ledger], says: ['no-such-hub'], status: 1 },
  { path: 'join', args: (town) => ['ftp://example.org/x', '--ledger', town.ledger], says: ['ftp'] },
  { path: 'remote add', args: ['a b', '/x'], says: ["'a b'", 'letters'] },
  { path: 'remote add', args: ['x\u001b[31m', '/x'], says: ['\\u{1b}', 'letters'] },
  { path: 'remote add', args: ['x', 'ftp://example.org/x'], says: ["'ftp://example.org/x'", 'https'] },
  { path: 'remote add', args: ['x', 'https://user:secret@example.org/x'], says: [/password/] },
  { path: 'remote add', args: ['origin', '/elsewhere'], says: ["'origin'"], hint: 'joulemark remote remove origin' },
  { path: 'remote remove', args: ['nothing'], says: ["'nothing'", 'origin'], hint: 'joulemark remote list' },
  { path: 'verify', args: ['no-such-copy'], says: ['no-such-copy'], status: 10 },
  { path: 'verify', args: ['--ledger', 'abcd'], says: ["'--ledger'", "'abcd'", '64'] },
  { path: 'verify', args: ['--max-age', 'two days'], says: ["'--max-age'", "'two days'", 'P1D'] },
  { path: 'completion', args: ['tcsh'], says: ["'tcsh'", 'bash, zsh, fish'] },
  // names
  { path: 'init', args: [], says: ['Name of the organisation'], hint: 'joulemark init "<name>"' },
  { path: 'init', args: [' '], says: ['1 to 200'] },
  { path: 'init', args: ['x'.repeat(201)], says: ['1 to 200', '201'] },
  { path: 'init', args: ['Works\u001b[2J'], says: ['U+001B'] },
  { path: 'init', args: ['Works\u202eskroW'], says: ['U+202E'] },
  { path: 'init', args: ['Works\nhint: rm -rf ~'], says: ['U+000A'] },
  { path: 'init', args: ['Works', '--legal-id', '9\u00075'], says: ['--legal-id', 'U+0007'] },
  { path: 'init', args: ['Works', '--legal-id', ''], says: ['--legal-id'] },
  { path: 'org show', args: [`${HOSTILE_NAME}2`], says: ['\\u{1b}', '\\u{202e}'] },
];

/** A YAML document made wrong, and what the answer must name beside the file. */
export const WRONG_DOCUMENTS: readonly (readonly [
  what: string,
  make: (text: string) => string | Uint8Array,
  says: readonly (string | RegExp)[],
])[] = [
  ['empty', () => '', ['empty document', ':1']],
  ['only remarks', () => '# nothing\n', ['empty document', ':1']],
  ['binary', () => Uint8Array.from([0, 0xff, 0xfe, 0x80]), [/UTF-8/]],
  ['too large', (text) => `${text}${'# a remark\n'.repeat(40_000)}`, ['too large', '256 KiB']],
  [
    'an unknown key',
    (text) => text.replace('\n', '\nsurprise: x\n'),
    ["surprise' is not a known key, expected one of", ':2'],
  ],
  [
    'a key of escape sequences',
    (text) => text.replace('\n', '\n"\\e[31m\\u202e": x\n'),
    ['\\u{1b}[31m\\u{202e}', ':2'],
  ],
  [
    'a duplicate key',
    (text) => text.replace('\n', `\n${text.slice(0, text.indexOf('\n'))}\n`),
    ['duplicate key', 'line 1', ':2'],
  ],
  ['a wrong type', (text) => text.replace(/^(joulemark): (.*)/, '$1: [$2]'), ["joulemark'", ':1']],
  ['another format', (text) => text.replace(/^(joulemark): .*/, '$1: cake/1'), ["'cake/1'", ':1']],
  ['an anchor', (text) => text.replace(/^(joulemark): /, '$1: &here '), ["anchor '&here' is not allowed", ':1']],
  ['an alias', (text) => text.replace(/^(joulemark): .*/, '$1: *here'), [/alias/i, ':1']],
  ['a tag', (text) => text.replace(/^(joulemark): /, '$1: !!str '), ['tag', ':1']],
  ['two documents', (text) => `${text}\n---\n${text}`, ['second document']],
  ['no YAML', (text) => text.replace('\n', '\n\t{[\n'), ['not YAML', ':2']],
  ['a list', () => '- joulemark\n', [':1']],
];
