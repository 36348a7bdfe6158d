import { expect, test } from 'vitest';

import { type Id, id, idBytes, idOf, isId, parseId, shortId, showId, toId } from '../../../src/ledger/codec/id.ts';

const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' as Id;
const abc = new TextEncoder().encode('abc');

test('the id of bytes is what sha256sum prints', () => {
  expect(idOf(abc)).toBe(ABC);
  expect(toId(idBytes(ABC))).toBe(ABC);
  expect(isId(ABC)).toBe(true);
  expect(isId(ABC.toUpperCase())).toBe(false);
});

test('groups of four are shown and read back', () => {
  const shown = 'ba78 16bf 8f01 cfea 4141 40de 5dae 2223 b003 61a3 9617 7a9c b410 ff61 f200 15ad';
  expect(showId(ABC)).toBe(shown);
  for (const text of [shown, ABC, ` ${ABC}\n`, shown.toUpperCase()]) expect(parseId(text)).toBe(ABC);
  expect(shortId(ABC)).toBe('ba7816bf');
  expect(shortId(ABC, 4)).toBe('ba78');
});

test.each(['', 'ba78', `${ABC}0`, ABC.replace('b', 'g'), `ba7 816bf${ABC.slice(8)}`, 'ba78 16bf'])(
  "'%s' is not an id",
  (text) => {
    expect(() => parseId(text)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringContaining('is not an id: expected 64 hex digits'),
      }),
    );
  },
);

test('on the ledger an id is 32 bytes', () => {
  expect(id.read(idBytes(ABC), 'prev')).toBe(ABC);
  expect(id.write(ABC)).toEqual(idBytes(ABC));
  for (const wrong of [new Uint8Array(31), ABC, null, 1]) {
    expect(() => id.read(wrong, 'prev')).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining("'prev' must be an id of 32 bytes") }),
    );
  }
});
