import { randomBytes } from 'node:crypto';

// not the thread's id: `node:worker_threads` takes a millisecond and a half to load, and every command makes a temporary name
const instance = randomBytes(6).toString('hex');
let count = 0;

/** Text that no other process, no other thread of this one and no other call makes: letters, digits, '_'. */
export function uniqueText(): string {
  count += 1;
  return `${process.pid}_${instance}_${count}`;
}
