/** An adversary with a valid key: what he signs is well-formed, and gets him nothing. */
import { describe, expect, it } from 'vitest';
import { readBoundary } from '../../../src/programme/boundary.ts';
import { parseDocument } from '../../../src/programme/document.ts';
import { encodeEntry } from '../../../src/ledger/block.ts';
import { at, boundaryText, broadcastAt, codesOf, createScene, DAY, plantOf } from '../../support/scene.ts';

describe('a boundary', () => {
  it('of meters under each other, as deep as an entry can hold, is read without a stack', () => {
    const names = Array.from({ length: 3800 }, (_, index) => `m${index.toString(36)}`);
    const meters = new Map(names.map((name, index) => [name, new Map<string, string>([['kind', 'energy'], ['unit', 'J'], index === 0 ? ['carrier', 'coal'] : ['under', names[index - 1]!]])]));
    const document = new Map<string, unknown>([['joulemark', 'boundary/1'], ['applicant', 'Plant'], ['supply_points', new Map()], ['meters', meters]]);
    const deep = (left: number): ReturnType<typeof readBoundary> => (left === 0 ? readBoundary(document as never, 'boundary') : deep(left - 1));
    // from a stack that is half full already, as a caller's may be
    expect(deep(3000).meters.get(names.at(-1)!)?.carrier).toBe('coal');
  });

  it('larger than the ledger takes has no effect', () => {
    const scene = createScene();
    const meters = Array.from({ length: 2000 }, (_, index) => `\n  meter-number-${index}: {kind: energy, carrier: waste_coal, counts: use, unit: mmBtu}`).join('');
    const document = parseDocument(boundaryText(meters), 'boundary.yaml');
    scene.world.append(scene.plant, encodeEntry('boundary', new Map([['document', document]])));
    broadcastAt(scene, at('2024-01-01') + DAY);
    const { state } = scene.world.replay();
    expect(codesOf(state.findings)).toEqual(['entry-malformed']);
    expect(plantOf(scene, state).declared.length).toBe(1);
  });
});
