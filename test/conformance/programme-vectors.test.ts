import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { programmeVectors } from '../../fixtures/programme-vectors.ts';
import { writeVector } from '../../fixtures/vector.ts';

const FOLDER = fileURLToPath(new URL('../../fixtures/vectors/programme/', import.meta.url));

describe('vectors of the programme', () => {
  it('are those that fixtures/programme-vectors.ts makes', () => {
    const stored = readdirSync(FOLDER)
      .sort()
      .map((file) => [file, readFileSync(`${FOLDER}${file}`, 'utf8')]);
    const made = programmeVectors().map((vector) => [`${vector.name}.json`, writeVector(vector)]);
    expect(stored).toEqual(made.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)));
  });

  it('hold each fault beside what is just right', () => {
    const vectors = programmeVectors();
    expect(vectors.filter(({ expect: outcome }) => outcome === 'valid').length).toBeGreaterThan(10);
    expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
  });
});
