import fc from 'fast-check';

import type { CborValue } from '../../src/ledger/codec/value.ts';

/** Texts around the traps of UTF-8, UTF-16 and JavaScript objects. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toJSON',
    'size',
    '',
    '\uFEFF',
    `\uFEFF${'a'.repeat(80)}`,
    '\uE000',
    '\uFFFF',
    '\u{10000}',
    '\u{10FFFF}',
    'a\u0000',
  ),
);

const integer = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc
    .constantFrom(0, 23, 24, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1)
    .chain((n) => fc.constantFrom(n, n === 0 ? -1 : -n, n === 2 ** 53 - 1 ? -n : -n - 1)),
);

/** Any value of the profile, at most four levels deep. */
export const cborValue: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    integer,
    text,
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 70 }),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 6 }).map((pairs) => new Map(pairs)),
  ),
})).value;
