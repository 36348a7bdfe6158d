import type { ExitName } from '../errors.ts';

/** What each exit status means, for help and the reference. */
export const EXIT_MEANING: Readonly<Record<ExitName, string>> = {
  OK: 'done, or nothing to do',
  FAILED: 'failed, no status of its own (files, network)',
  USAGE: 'wrong command line or input file; nothing was written',
  VERIFY_FAILED: 'evidence is broken: signature, hash, chain, encoding, authority',
  NOT_CERTIFIED: 'computed, and the answer is no',
  PENDING: 'the period is open, or required audits or packages are missing',
  NO_LEDGER: 'no ledger here',
  LOCKED: 'another process holds the lock',
  KEY_UNAVAILABLE: 'wrong passphrase, key missing, or no terminal to ask',
  DIVERGED: 'fork, rollback or equivocation',
  STALE: 'older than --max-age',
  INTERNAL: 'a bug in joulemark',
  SIGINT: 'interrupted',
  SIGTERM: 'asked to end',
};
