import { expect, test } from 'vitest';
import { ZERO_DECIMAL } from '../../src/calc/decimal.ts';
import { initGitStore } from '../../src/ledger/store/git-store.ts';
import { startOfDay } from '../../src/programme/calendar.ts';
import { parseDocument } from '../../src/programme/document.ts';
import { admitContent, packageContent } from '../../src/programme/entries.ts';
import { policyText } from '../support/policy-text.ts';
import { createTown } from '../support/town.ts';
import { createWorld, entryOf } from '../support/world.ts';

test("one applicant's sealed package is printed and does not make every copy pending", async () => {
  const at = (date: string): number => startOfDay(date, 'UTC');
  const world = createWorld(parseDocument(policyText(), 'policy.yaml'), at('2012-12-01'));
  const works = world.join('Works');
  world.append(world.body, entryOf('admit', admitContent, { org: works.id, roles: ['applicant'], relations: [] }));
  const payload = { quantity: ZERO_DECIMAL, unit: 'mmBtu', provenance: 'idle' as const };
  const {
    salt: _salt,
    payload: _payload,
    ...sealed
  } = world.packageOf(works, 'heat', 'energy', at('2013-01-01'), at('2013-01-02'), payload);
  world.append(works, entryOf('package', packageContent, sealed));
  world.time = at('2013-01-03');
  world.broadcast();
  const town = createTown(world.time);
  try {
    const store = initGitStore(`${town.root}/copy.git`);
    for (const [ref, { records }] of [
      ['refs/heads/programme', world.body],
      [`refs/heads/org/${works.id}`, works],
    ] as const) {
      store.appendRecords({ ref, expectedHead: null, nextSeq: 0, records, time: 0 });
    }
    store.close();
    const { status, stdout } = await town.run('stranger', 'verify', '../copy.git', '--ledger', world.ledger);
    expect(status).toBe(0);
    expect(stdout).toContain('OPENED    0 of 1 packages, 1 sealed package in no figure');
  } finally {
    town.remove();
  }
});
