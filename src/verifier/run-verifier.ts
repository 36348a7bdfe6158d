import { parseArgs } from 'node:util';
import { toFailure, toFailureJson, toFailureText } from '../cli/failure.ts';
import { toJsonLine } from '../cli/json-line.ts';
import { EXIT_STATUS, JoulemarkError } from '../errors.ts';
import { readExportCopy, verifyExport } from '../home/verify-export.ts';
import { parseId } from '../ledger/codec/id.ts';
import { roughSeconds } from '../programme/calendar.ts';
import { textDuration } from '../programme/document.ts';
import { parseBlockPlace } from '../programme/told-history.ts';
import { toVerdict } from '../programme/verdict.ts';
import { exportLine, toToldExport } from '../report/export-lines.ts';
import { verdictLines } from '../report/verdict-lines.ts';
import { toSafeValue } from '../safe-text.ts';

/** What the verifier knows of where it runs. */
export interface VerifierWorld {
  /** The folder that it lies in itself, which it verifies when none is named. */
  readonly ownFolder: string;
  /** An absolute path. */
  readonly resolve: (path: string) => string;
  /** Seconds since 1970. */
  readonly now: number;
}

/** How a run ends. */
export interface VerifierRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const USAGE = `Usage: node verify.mjs [folder] [options]

Verify an export of a ledger: every byte, signature, audit and decision. Needs no network and writes nothing. Without a folder it verifies the one that it
lies in.

  --ledger <id>         the ledger id you were told, 64 hex digits
  --sums <hash>         the SHA-256 of SHA256SUMS that you were told
  --onto <folder>       where the export holds only what is new: the earlier export; several times, oldest first
  --at <seq:id>         a programme block that you were told
  --max-age <duration>  fail with status 14 when the newest broadcast is older, e.g. P2D
  --findings            list every note, not only the first ten
  --json                print the result as one line of JSON
  --help                print this

Exit status: 0 everything is as signed, 1 cannot read it, 2 the command line, 3 not as signed, 5 something is not in this copy, 10 no ledger,
13 another history of the same ledger, 14 older than wanted, 70 a bug
`;

/** Runs the verifier on its arguments; reads files, prints nothing itself. */
export async function runVerifier(argv: readonly string[], world: VerifierWorld): Promise<VerifierRun> {
  try {
    return await verify(argv, world);
  } catch (error) {
    const failure = toFailure(error);
    const text = argv.includes('--json') ? toFailureJson(failure) : toFailureText(failure);
    return { status: EXIT_STATUS[failure.code], stdout: '', stderr: text };
  }
}

async function verify(argv: readonly string[], world: VerifierWorld): Promise<VerifierRun> {
  const { values, positionals } = parseCommandLine(argv);
  if (values.help === true) return { status: 0, stdout: USAGE, stderr: '' };
  const sums = values.sums === undefined ? null : parseId(values.sums);
  const at = values.at === undefined ? null : parseBlockPlace(values.at);
  const maxAge =
    values['max-age'] === undefined ? null : roughSeconds(textDuration.read(values['max-age'], '--max-age'));
  const ledger = values.ledger === undefined ? null : parseId(values.ledger);
  const [path] = positionals;
  const copy = readExportCopy(path === undefined ? world.ownFolder : world.resolve(path), sums);
  const earlier = (values.onto ?? []).map((folder) => readExportCopy(world.resolve(folder)));
  const verification = await verifyExport(copy, earlier, { ledger, at });
  const verdict = toVerdict(verification, {
    compared: ledger === null ? null : 'with --ledger',
    pinned: null,
    told: at,
    now: world.now,
    maxAge,
  });
  const result = {
    ...verdict,
    export: copy.folder === null ? null : toToldExport(copy.folder, sums),
    allNotes: values.findings === true,
  };
  const status = EXIT_STATUS[verdict.verdict === 'CHECKED' ? 'OK' : verdict.verdict];
  if (values.json === true) return { status, stdout: toJsonLine(result), stderr: '' };
  const safe = toSafeValue(result) as typeof result;
  const lines = [
    ...(safe.export === null ? [] : [exportLine(safe.export, PLAIN)]),
    ...verdictLines(safe, PLAIN, safe.allNotes),
  ];
  return { status, stdout: `${lines.join('\n')}\n`, stderr: '' };
}

const same = (text: string): string => text;
const PLAIN = { good: same, bad: same, warn: same, dim: same };

function parseCommandLine(argv: readonly string[]) {
  try {
    const parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        ledger: { type: 'string' },
        sums: { type: 'string' },
        onto: { type: 'string', multiple: true },
        at: { type: 'string' },
        'max-age': { type: 'string' },
        findings: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (parsed.positionals.length > 1)
      throw new JoulemarkError('USAGE', `too many arguments: '${parsed.positionals.slice(1).join(' ')}'`);
    return parsed;
  } catch (error) {
    if (error instanceof JoulemarkError || !(error instanceof TypeError)) throw error;
    throw new JoulemarkError('USAGE', (error.message.split('. ')[0] ?? '').toLowerCase(), {
      hints: ['for all options: node verify.mjs --help'],
    });
  }
}
