import fc from 'fast-check';
import { expect, test } from 'vitest';
import { holdsOne } from './holdsOne.ts';
import { countEntries } from './shapes.ts';
import { decodeTelemetry } from './telemetry.ts';

const holds = (text: string) => holdsOne(Buffer.from(`[${text}]`), 1, Buffer.byteLength(text) + 1);

test.each([
  ['{"point":"t","value":1,"time":"2026-03-01T12:00:00Z"}', true],
  [' {"boot":"b","seq":1,"samples":[{"point":"t","value":1}]}', true],
  ['{"values":{"t":1}}', true],
  ['{"values":{"a,b":1,"c":2}}', false],
  ['{"values":{"a,[{\\",":1},"boot":"b"}', true],
  ['{"samples":[1,2]}', false],
  ['[{"point":"t","value":1}]', false],
  ['{"samples":[{"point":"t"', true],
  ['', false],
])('%s', (text, one) => {
  expect(holds(text)).toBe(one);
});

test('it never says one where parsing finds another number, whatever is done to the text', () => {
  const value = fc.oneof(fc.double(), fc.constant(1), fc.string({ maxLength: 3 }), fc.constant('",[{'));
  const entry = fc.oneof(value, fc.record({ point: fc.string({ maxLength: 3 }), value }));
  const message = fc.oneof(
    fc.record({ samples: fc.array(entry, { maxLength: 3 }), boot: value }, { requiredKeys: ['samples'] }),
    fc.record({ values: fc.dictionary(fc.string({ maxLength: 3 }), value, { maxKeys: 3 }), seq: value }),
    fc.array(entry, { maxLength: 3 }),
    fc.record({ point: value, value, more: fc.jsonValue() }),
  );
  const cut = fc.record({
    at: fc.nat(80),
    drop: fc.nat(2),
    put: fc.constantFrom('', '"', ',', '[', '}', '\\', '{', '\0'),
  });
  fc.assert(
    fc.property(message, fc.array(cut, { maxLength: 3 }), (made, cuts) => {
      let text = JSON.stringify(made);
      for (const { at, drop, put } of cuts) text = text.slice(0, at) + put + text.slice(at + drop);
      if (!holds(text)) return;
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        return;
      }
      expect(countEntries(parsed)).toBe(1);
      const decoding = decodeTelemetry(Buffer.from(text));
      expect(decoding.ok ? decoding.samples.length + decoding.rejected.length : 1).toBe(1);
    }),
    { numRuns: 5_000 },
  );
});
