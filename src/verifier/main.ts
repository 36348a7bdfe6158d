/**
 * The verifier in one file that lies in every export folder: bare Node, nothing to install, nothing written. It says what `joulemark verify` says of
 * the folder, in the same lines and with the same exit status.
 */
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { runVerifier } from './run-verifier.ts';

const { status, stdout, stderr } = await runVerifier(process.argv.slice(2), {
  ownFolder: dirname(fileURLToPath(import.meta.url)),
  resolve: (path) => resolve(path),
  now: Math.floor(Date.now() / 1000),
});
process.exitCode = status;
process.stdout.write(stdout);
process.stderr.write(stderr);
