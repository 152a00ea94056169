import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineBuffer } from './lineBuffer.ts';

test('numbers are written as their own text, however large', () => {
  const edges = [
    0n,
    1n,
    999_999_999n,
    10n ** 9n,
    10n ** 14n,
    10n ** 18n,
    2n ** 53n + 1n,
    2n ** 63n - 1n,
    2n ** 63n,
    -1n,
    -(2n ** 63n),
  ];
  for (const edge of edges) for (const by of [-1n, 0n, 1n]) agree((lines) => lines.bigint(edge + by), `${edge + by}`);
  const bits = fc.nat(64).chain((size) => fc.bigInt({ min: 0n, max: 2n ** BigInt(size) }));
  fc.assert(
    fc.property(bits, (value) => agree((lines) => lines.bigint(value), `${value}`)),
    { numRuns: 5_000 },
  );
  for (let billions = 0n; billions < 9_223_372_036n; billions += 92_233_720n)
    for (const rest of [0n, 1n, 999_999_999n]) {
      const value = billions * 1_000_000_000n + rest;
      agree((lines) => lines.bigint(value), `${value}`);
    }
  const doubles = fc.oneof(
    fc.double({ noNaN: true }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.constantFrom(-0, 1e9, -1e9, 999_999_999, 1e21, 5e-324),
  );
  fc.assert(
    fc.property(doubles, (value) => agree((lines) => lines.number(value), `${value}`)),
    { numRuns: 2_000 },
  );
});

test('texts are UTF-8, quotes and backslashes escaped, from anywhere on', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(5), (text, from) => {
      agree((lines) => lines.text(text, Math.min(from, text.length)), text.slice(from).replace(/["\\]/g, '\\$&'));
    }),
  );
});

test('what is taken stays as it was', () => {
  const lines = new LineBuffer(8);
  lines.raw(Buffer.from('reading,device=press-1 '));
  lines.byte(0x0a);
  const taken = lines.taken();
  lines.text('something else altogether');
  expect(taken.toString()).toBe('reading,device=press-1 \n');
  expect(lines.length).toBe(25);
});

function agree(write: (lines: LineBuffer) => void, text: string): void {
  const lines = new LineBuffer(4);
  write(lines);
  expect(lines.taken().toString()).toBe(Buffer.from(text).toString());
}
