/** Bytes that a daily one-package append pushes to a remote, over a year. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { refOf } from '../src/home/chain-reader.ts';
import { openHome } from '../src/home/home.ts';
import { withSubmitter } from '../src/home/submit.ts';
import { initRemoteDirectory, openDirectoryTransport } from '../src/ledger/remote/directory.ts';
import { numberOption, printFigure, quantile } from './support/figure.ts';
import { makeYearHome, submitDay } from './support/year-home.ts';

const days = numberOption('days', 365);
const before = numberOption('before', 0);
const { homes, surroundings, csvOf } = await makeYearHome(before, days + 2);
try {
  const remote = join(homes.folder, 'remote.git');
  initRemoteDirectory(remote);
  const transport = openDirectoryTransport(remote, {});
  const { store } = openHome(homes.applicant);
  const ref = refOf({ kind: 'organisation', id: homes.org });
  const pushed: number[] = [];
  let there: string | null = null;
  let bytes = 0;
  await withSubmitter(surroundings(homes.applicant, days), async (submitter) => {
    for (let day = 0; day < days; day += 1) {
      submitDay(submitter, csvOf(day));
      const oid = store.readRef(ref) as string;
      await transport.push([{ ref, oid, expected: there }], store);
      there = oid;
      const now = objectBytes(join(remote, 'objects'));
      // the first push brings what was there before the year
      if (day > 0 || before === 0) pushed.push(now - bytes);
      bytes = now;
    }
  });
  const kilobytes = pushed.map((size) => size / 1000);
  const total = kilobytes.reduce((sum, size) => sum + size, 0);
  printFigure({
    bench: 'size',
    what: 'a push of one daily package, mean',
    value: total / pushed.length,
    unit: 'KB',
    more: { days, before },
  });
  printFigure({
    bench: 'size',
    what: 'a push of one daily package, p95',
    value: quantile(kilobytes, 0.95),
    unit: 'KB',
    target: { at: 'most', bound: 25 },
    more: {
      days,
      before,
      most: Math.round(Math.max(...kilobytes) * 10) / 10,
      over25: kilobytes.filter((size) => size > 25).length,
    },
  });
  printFigure({
    bench: 'size',
    what: 'all pushes of the days together',
    value: total / 1000,
    unit: 'MB',
    target: { at: 'most', bound: (1.5 * days) / 365 },
    more: { days, before },
  });
} finally {
  homes.remove();
}

/** What the objects of a repository take: compressed, as they were sent. */
function objectBytes(directory: string): number {
  let total = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && !entry.name.endsWith('.idx')) total += lstatSync(join(entry.parentPath, entry.name)).size;
  }
  return total;
}
