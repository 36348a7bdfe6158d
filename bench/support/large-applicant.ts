/** An applicant with as many packages as asked, in the state that a verification leaves behind. */
import { entryAt } from '../../src/ledger/entry.ts';
import { encodeCbor } from '../../src/ledger/codec/encode.ts';
import { toId } from '../../src/ledger/codec/id.ts';
import { sha256 } from '../../src/crypto/hash.ts';
import { applyEvent } from '../../src/programme/apply.ts';
import { type PackagePayload, packagePayload } from '../../src/programme/package.ts';
import { addPackage, countPackages } from '../../src/programme/packages.ts';
import type { ProgrammeState } from '../../src/programme/state.ts';
import { at, auditOf, boundaryText, createScene, DAY, plantOf, type Scene } from '../../test/support/scene.ts';

const HOUR = 3600;
const YEARS = ['2024', '2025'];

export interface LargeApplicant {
  readonly scene: Scene;
  readonly state: ProgrammeState;
  readonly packages: number;
  readonly now: number;
}

/** Two years of hourly packages of so many meters, the first of which counts output; each year audited upstream. */
export function makeLargeApplicant(meters: number): LargeApplicant {
  const energy = Array.from({ length: meters - 1 }, (_, index) => `heat-${index}`);
  const boundary = boundaryText(
    [
      '',
      ...energy.map((name) => `  ${name}: {kind: energy, at: gate, counts: use, unit: mmBtu}`),
      '  out: {kind: product, product: electricity, unit: MWh}',
    ].join('\n'),
  );
  const scene = createScene({ boundary });
  const { world, supplier } = scene;
  const { state } = world.replay();
  const plant = plantOf(scene, state);
  let seq = 1;
  for (const [row, meter] of ['out', ...energy].entries()) {
    for (let start = at('2024'); start < at('2026'); start += HOUR) {
      const mantissa = BigInt(1_000_001 + (((start / HOUR) * 7919 + row * 104_729) % 500_000) * 2);
      const payload: PackagePayload = {
        quantity: {
          mantissa: start < at('2025') ? mantissa : (mantissa * BigInt(row === 0 ? 11 : 10)) / 10n,
          exponent: -3,
        },
        unit: row === 0 ? 'MWh' : 'mmBtu',
        provenance: 'metered',
      };
      const end = start + HOUR;
      addPackage(plant.packages, {
        commit: toId(sha256(new TextEncoder().encode(`${meter} ${start}`))),
        meter,
        kind: row === 0 ? 'product' : 'energy',
        start,
        end,
        payload,
        encoded: encodeCbor(packagePayload.write(payload)),
        time: end + DAY,
        standing: 'on_time',
        place: { seq, entry: (start / HOUR) % 1000 },
      });
      seq += 1;
    }
  }
  const now = at('2026') + 65 * DAY;
  state.head = { ...state.head, time: now };
  for (const year of YEARS) {
    const window = { start: at(year), end: at(String(Number(year) + 1)) };
    const block = world.append(supplier, auditOf(scene, state, supplier, window));
    const entry = entryAt(block, 0);
    if (entry === null) throw new Error('an audit without an entry');
    applyEvent(
      state,
      {
        org: supplier.id,
        seq: block.body.seq,
        index: 0,
        type: entry.type,
        entry,
        time: now,
        programmeSeq: world.body.state.seq,
        seen: block.body.seen,
      },
      () => true,
    );
  }
  return { scene, state, packages: countPackages(plant.packages), now };
}
