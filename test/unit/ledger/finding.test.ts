import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { FINDING_LEVELS } from '../../../src/ledger/finding.ts';

const PAGE = fileURLToPath(new URL('../../../docs/spec/findings.md', import.meta.url));

it('the page of findings lists every code with its level, and no other', () => {
  const rows = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `([a-z-]+)` \| (\w+) \| .+ \|$/gm)].map(
    ([, code, level]) => [code, level],
  );
  expect(Object.fromEntries(rows)).toEqual(FINDING_LEVELS);
  expect(rows).toHaveLength(Object.keys(FINDING_LEVELS).length);
});
