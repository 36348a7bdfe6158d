/** What has to be the same bytes on every Node: a ledger, its decision, what is printed of it, receipts, the objects of an export. */
import { sha256Hex } from '../../src/crypto/hash.ts';
import { explain } from '../../src/calc/explain.ts';
import { ledgerObjects } from '../../src/home/export-bundle.ts';
import { refOf } from '../../src/home/chain-reader.ts';
import { toBranch } from '../../src/ledger/branch.ts';
import { buildProgrammeReceipt, buildReceipt, findCovering } from '../../src/ledger/receipt.ts';
import { addDuration, startOfDay } from '../../src/programme/calendar.ts';
import { toDecisionView } from '../../src/programme/decision-view.ts';
import { decisionLines } from '../../src/programme/render-decision.ts';
import { createScene, auditYear, decideYear, submitYear } from './scene.ts';

const plain = (text: string): string => text;
const PLAIN = { good: plain, bad: plain, warn: plain, strong: plain, dim: plain };
const ZONES = ['UTC', 'Asia/Shanghai', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu'];

/** Name to bytes in hex, or to text. */
export function sameBytes(): Readonly<Record<string, string>> {
  const scene = createScene();
  const { world, plant } = scene;
  submitYear(scene, '2024', '1000.25', '101.7');
  auditYear(scene, '2024');
  submitYear(scene, '2025', '900.125', '99.3');
  auditYear(scene, '2025');
  const decided = decideYear(scene, '2025');
  if (decided.evaluation === null || decided.rules === null || decided.payload.length === 0)
    throw new Error('nothing was evaluated');
  const { state } = world.replay();
  if (state.decisions[0]?.recomputed !== true) throw new Error('the decision is not recomputed');
  const chains = [world.body, ...world.actors.values()];
  const programme = toBranch(world.body.blocks);
  const organisation = toBranch(plant.blocks);
  const seq = plant.blocks.length - 1;
  const covering = world.body.blocks.findLastIndex((block) => findCovering(block, organisation, seq) !== null);
  const listing = { programme: covering, entry: findCovering(programme.block(covering), organisation, seq) ?? -1 };
  const branches = new Map(chains.map((actor) => [refOf(actor.state), actor.blocks] as const));
  const { objects, refs } = ledgerObjects(branches, world.time);
  return {
    records: chains.flatMap(({ records }) => records.map((record) => sha256Hex(record))).join('\n'),
    decision: hex(world.body.records.at(-1)),
    evaluation: hex(decided.payload),
    certificate: decisionLines(toDecisionView(state, plant.id, decided, 'UTC'), PLAIN).join('\n'),
    explanation: JSON.stringify(explain(decided.evaluation, decided.rules), withBigInts),
    receipt: hex(buildReceipt({ programme, organisation, seq, index: 0, listing })),
    'receipt of the decision': hex(buildProgrammeReceipt({ programme, seq: programme.length - 1, index: 0 })),
    'objects of the export': [
      ...refs,
      ...[...objects.values()].map(({ oid, content }) => [oid, sha256Hex(content)]),
    ].join('\n'),
    'days of zones': ZONES.flatMap((zone) =>
      Array.from({ length: 84 }, (_, month) => {
        const first = startOfDay('2020-01-01', zone);
        return `${zone} ${addDuration(first, { years: 0, months: month, days: 0, seconds: 0 }, zone)}`;
      }),
    ).join('\n'),
  };
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

function withBigInts(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
