/** How each command is called when all is well, and whose it is. What can be derived from a declaration is not said here. */
import { join } from 'node:path';
import type { ContractTown, Stage } from './contract-town.ts';
import { keepFork } from './kept-fork.ts';

export interface ContractCase {
  /** The folder it is run in; its home, if it has one. */
  readonly at: string;
  readonly stage?: Stage;
  /** What it needs to find: a home that belongs to a ledger, any home, nothing. */
  readonly needs: 'ledger' | 'home' | 'nothing';
  /** Whose home it must be; everybody's when absent. */
  readonly only?: 'body' | 'organisation';
  /** Changes the prepared town first, before every run. */
  readonly before?: (town: ContractTown) => void | Promise<void>;
  readonly args: readonly string[] | ((town: ContractTown) => readonly string[]);
  /** Which of `args` names an organisation. */
  readonly organisation?: number;
  /** Which of `args` is a file that the command reads. */
  readonly files?: readonly number[];
  /** The exit status when all is well; 0 when absent. */
  readonly status?: number;
  /** What a second run prints; for commands that append. `null`: a second run is another act, see the comment. */
  readonly again?: RegExp | null;
  /** What of the home may change when it only reads or writes: drafts, configuration. */
  readonly mayChange?: RegExp;
}

const ALREADY = /already in the ledger/;
const body = { at: 'body', needs: 'ledger', only: 'body', again: ALREADY } as const;
const works = { at: 'works', needs: 'ledger', only: 'organisation', again: ALREADY } as const;
const grid = { at: 'grid', needs: 'ledger', only: 'organisation', again: ALREADY } as const;
const read = { at: 'works', needs: 'ledger' } as const;

export const CASES: Readonly<Record<string, ContractCase>> = {
  'audit answer': { ...works, args: ['Grid/1', '--text', 'the meter was exchanged'] },
  'audit ask': {
    at: 'body',
    needs: 'ledger',
    before: (town) => void (town.now += 30 * 86_400),
    args: [],
    again: /nothing to ask: every audit that is due was asked for/,
  },
  'audit list': { ...read, args: ['--applicant', 'Works'], organisation: 1 },
  'audit recuse': { ...grid, args: ['Works', '--window', '2026-06', '--because', 'a merger'], organisation: 0 },
  'audit rule': { ...body, args: ['Grid/1', '--ruling', 'upheld', '--because', 'the log shows it'] },
  'audit run': {
    ...grid,
    args: [
      'Works',
      '--records',
      'bills.csv',
      '--profile',
      'deliveries.yaml',
      '--all-supply-points',
      'yes',
      '--window',
      '2026-01',
    ],
    organisation: 0,
    files: [2, 4],
    mayChange: /^~ grid\/\.joulemark\/drafts\//,
  },
  'audit show': { ...read, args: ['Grid/1'] },
  'audit sign': { ...grid, at: 'pearl', args: ['Works'], organisation: 0 },
  'baseline adjust': {
    at: 'works',
    needs: 'ledger',
    again: ALREADY,
    args: ['--product', 'cement', '--window', '2026-02', '--energy', '-12.5', '--because', 'a second shift'],
  },
  'baseline show': { ...read, args: ['Works', '--period', '2026'], organisation: 0 },
  'boundary accept': { ...body, args: ['Works'], organisation: 0 },
  'boundary set': { ...works, args: ['boundary-3.yaml'], files: [0] },
  'boundary show': { ...read, args: ['Works'], organisation: 0 },
  broadcast: { ...body, before: (town) => void (town.now += 7200), args: [] },
  'certify diff': { ...read, at: 'body', stage: 'decided', args: (town) => [town.decision] },
  'certify explain': { ...read, at: 'body', stage: 'decided', args: ['Works', '--period', '2026'], organisation: 0 },
  'certify list': { ...read, at: 'body', stage: 'decided', args: [] },
  'certify revoke': { ...body, stage: 'decided', args: (town) => [town.decision, '--because', 'a mistake'] },
  'certify run': {
    ...body,
    before: (town) => void (town.now += 480 * 86_400),
    args: ['Works', '--period', '2026'],
    organisation: 0,
    status: 4,
  },
  'certify show': { ...read, at: 'body', stage: 'decided', args: (town) => [town.decision], status: 4 },
  'certify simulate': {
    ...read,
    at: 'body',
    stage: 'decided',
    args: ['Works', '--period', '2026'],
    organisation: 0,
    status: 4,
  },
  'certify verify': { ...read, at: 'body', stage: 'decided', args: (town) => [town.decision] },
  completion: { at: 'nowhere', needs: 'nothing', args: ['bash'] },
  doctor: { at: 'works', needs: 'home', args: [] },
  init: { at: 'nowhere', needs: 'nothing', args: ['New Works'], mayChange: /^\+ nowhere\/\.joulemark\// },
  join: {
    at: 'newcomer',
    needs: 'home',
    args: (town) => [join(town.root, 'hub.git'), '--ledger', town.ledger],
    again: ALREADY,
  },
  'key list': { ...read, args: ['Works'], organisation: 0 },
  // a second rotation is another rotation: each replaces a key, and a script that wants one says so once
  'key rotate': { ...read, args: [], again: null },
  'key show': { ...read, args: ['Works'], organisation: 0 },
  'ledger export': { ...read, args: ['export'], mayChange: /^\+ works\/export\// },
  'ledger import': {
    at: 'works',
    needs: 'ledger',
    before: async (town) => void (await town.ok('body', 'ledger', 'export', join(town.root, 'stick'))),
    args: (town) => [join(town.root, 'stick')],
    mayChange: /^[~+] works\/\.joulemark\/checked\.json$/,
  },
  'ledger log': { ...read, args: ['Works'], organisation: 0 },
  'ledger receipt': {
    at: 'body',
    needs: 'ledger',
    stage: 'decided',
    args: (town) => [town.decision],
    mayChange: /^\+ body\/programme-\d+-0\.receipt\.cbor$/,
  },
  'ledger show': { ...read, args: ['Works:1'] },
  'ledger stats': { ...read, args: [] },
  'meter collect': {
    ...works,
    before: (town) => {
      town.write('works/spool', 'meters.yaml', town.read('works/meters.yaml'));
      town.write('works/spool', 'meters--february.csv', town.read('works/february.csv'));
    },
    args: ['--spool', 'spool', '--profile', 'meters.yaml'],
    files: [3],
  },
  'meter correct': { ...works, args: ['main', '2026-01-09', '980', '--because', 'transcription'] },
  'meter enroll': { ...works, args: ['main', '--at', '2026-01-01', '--serial', '20-118844'] },
  'meter exchange': {
    ...works,
    args: ['main', '--at', '2026-02-03', '--event', 'calibration', '--note', 'certificate 77'],
  },
  'meter list': { ...read, args: ['Works'], organisation: 0 },
  'meter retire': { ...works, args: ['main', '--at', '2026-02-05'] },
  'meter show': { ...read, args: ['main'] },
  'meter status': { ...read, args: ['Works'], organisation: 0 },
  'meter submit': { ...works, args: ['february.csv', '--profile', 'meters.yaml'], files: [0, 2] },
  'org admit': {
    ...body,
    args: ['Tower\u001b[31m\u202eevil\nhint: rm -rf ~', '--role', 'auditor', '--relation', 'peer:Works:cement'],
    organisation: 0,
  },
  'org list': { ...read, args: [] },
  'org report-fork': {
    ...read,
    before: (town) => keepFork(town.root, 'works', 'grid'),
    args: [],
    again: ALREADY,
  },
  'org show': { ...read, args: ['Works'], organisation: 0 },
  'org suspend': { ...body, args: ['Grid', '--because', 'two histories'], organisation: 0 },
  'policy set': { ...body, args: ['policy-2.yaml'], files: [0] },
  'policy show': { ...read, args: [] },
  'programme create': { at: 'founder', needs: 'home', args: ['policy.yaml'], files: [0], again: ALREADY },
  'remote add': {
    at: 'works',
    needs: 'home',
    args: ['stick', '/media/stick/ledger.git'],
    mayChange: /^~ works\/\.joulemark\/config\.yaml$/,
  },
  'remote init': { at: 'nowhere', needs: 'nothing', args: ['new.git'], mayChange: /^\+ nowhere\/new\.git\// },
  'remote list': { at: 'works', needs: 'home', args: [] },
  'remote remove': { at: 'works', needs: 'home', args: ['origin'], mayChange: /^~ works\/\.joulemark\/config\.yaml$/ },
  status: { ...read, args: [] },
  sync: { at: 'works', needs: 'ledger', args: [] },
  'table list': { ...read, args: [] },
  'table publish': { ...body, args: ['table-2.yaml'], files: [0] },
  'table show': { ...read, args: ['energy-units'] },
  verify: { ...read, args: [], mayChange: /^[~+] works\/\.joulemark\/(?:checked\.json|checkpoint\.cache)$/ },
};

/** Commands whose happy path has tests of its own, because it takes as long as all others together. */
export const ELSEWHERE: ReadonlySet<string> = new Set(['demo']);

export const argvOf = (path: string, { args }: ContractCase, town: ContractTown): readonly string[] => [
  ...path.split(' '),
  ...(typeof args === 'function' ? args(town) : args),
];
