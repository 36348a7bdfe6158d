import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { addRatio, ratioOfText, ZERO } from '../../../src/calc/ratio.ts';
import { assertJsonSafe } from '../../../src/cli/json-line.ts';
import { createDecisionTracer } from '../../../src/programme/decision-trace.ts';
import { chainOfRef } from '../../../src/ledger/git/ref-name.ts';
import { runChainTask } from '../../../src/ledger/git/verify-task.ts';
import { openGitStore } from '../../../src/ledger/store/git-store.ts';
import { replay } from '../../../src/programme/replay.ts';
import {
  blocksOf,
  organisationBranches,
  toChecked,
  toVerification,
  viewOf,
} from '../../../src/programme/verification.ts';
import { verifyCopy } from '../../../src/programme/verify-copy.ts';
import { packageRowsOf } from '../../../src/report/decision-page.ts';
import { type LedgerPage, toLedgerPage } from '../../../src/report/ledger-page.ts';
import { withScratch } from '../../support/git.ts';
import { createPageScene } from '../../support/page-scene.ts';
import { bundleWorld } from '../../support/world-bundle.ts';

const OPTIONS = { compared: null, pinned: null, now: 0, maxAge: null };

test('a page is plain data, and its figures lead to packages on the ledger that add up to them', () =>
  withScratch(async (scratch) => {
    const { world, plant } = createPageScene();
    const store = openGitStore(bundleWorld(world, `${scratch}/ledger.git`).directory);
    const read = new Map(
      [...store.listRefs()].map(([ref, commit]) => [
        ref,
        toChecked(store, runChainTask(store, { ref, commit, name: chainOfRef(world.ledger, ref) })),
      ]),
    );
    const { branch } = read.get('refs/heads/programme')!;
    const tracer = createDecisionTracer();
    const ahead = replay(blocksOf(branch), viewOf(world.ledger, branch, organisationBranches(read)), {
      before: tracer.before,
    });
    const page = toLedgerPage(toVerification(world.ledger, read, ahead), tracer.traces, null, OPTIONS);
    assertJsonSafe(page);
    // tracing changes nothing
    expect(page.verdict).toEqual(
      toLedgerPage(await verifyCopy(store, { ledger: null, pause: setImmediate }), new Map(), null, OPTIONS).verdict,
    );
    store.close();

    const decision = page.decisions[0] as LedgerPage['decisions'][number];
    expect(decision).toMatchObject({
      status: 'CERTIFIED',
      number: 'JM-2025-0001',
      applicant: 'Plant',
      recomputed: true,
    });
    const { figures } = decision;
    expect(figures?.view.products[0]).toMatchObject({
      ratePercent: { displayed: '10.000' },
      saving: { displayed: '1,200.000' },
    });
    expect(new Set(figures?.audits.map(({ auditor, verdict }) => `${auditor} ${verdict}`))).toEqual(
      new Set(['Supplier pass']),
    );
    expect(figures?.steps.length).toBeGreaterThan(5);
    const trace = tracer.traces.get(decision.place)!;
    for (const side of ['baseline', 'reporting'] as const) {
      const rows = packageRowsOf(trace, 'heat', side);
      const sum = rows.reduce(
        (total, { quantity }) => addRatio(total, ratioOfText(quantity.replaceAll(',', ''))),
        ZERO,
      );
      const line = figures?.carriers.find((carrier) => carrier.side === side);
      expect(sum).toEqual(ratioOfText((line?.quantity ?? '').replaceAll(',', '')));
      for (const { block, entry, commit } of rows) {
        const item = plant.blocks[block]?.items[entry];
        expect(item !== undefined && 'bytes' in item && Buffer.from(item.bytes).toString('hex')).toContain(commit);
      }
    }
    expect(packageRowsOf(trace, 'no such meter', 'baseline')).toEqual([]);
  }));
