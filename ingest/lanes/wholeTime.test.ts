import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isHistory, isHistoryByText } from './history.ts';
import { wholeTimeIn } from './wholeTime.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const arrivalNs = BigInt(now) * 1_000_000n;

test.each([
  [`{"time":${now}}`, now / 1000],
  [`{"boot":"t","ts" : "${now}000000"}`, now / 1000],
  ['{"t":-5,"bt":1772366400}', 1_772_366_400],
  ['{"value":1}', null],
  ['{"time":"2026-03-01T12:00:00Z"}', Number.NaN],
  ['{"time":1772366400.25}', Number.NaN],
  ['{"time":"soon"}', Number.NaN],
])('%s', (text, seconds) => {
  expect(wholeTimeIn(Buffer.from(text), 0, Buffer.byteLength(text))).toEqual(seconds);
});

test('whatever the text, what is history by its digits is history by the pattern, and nothing else', () => {
  const time = fc.oneof(
    fc
      .constantFrom(now, now - 3_600_000, now - 660_000, now + 3_600_000, 1e15, 20_000_000_000_000)
      .chain((ms) =>
        fc.constantFrom(
          `${ms}`,
          `"${ms}"`,
          `${ms}000`,
          `"${ms}000000"`,
          `${ms / 1000}`,
          `"${new Date(now).toISOString()}"`,
        ),
      ),
    fc.constantFrom(
      'null',
      '-5',
      '"soon enough"',
      '1234567',
      '"12345678"',
      '"123456789012345678901234"',
      '12345678901234567890123',
    ),
  );
  const field = fc.record({
    name: fc.constantFrom('time', 'timestamp', 'ts', 't', 'bt', 'tt', 'b', 'sentAt', 'simulatedNow', 'value', 'tim'),
    blank: fc.constantFrom('', ' ', '\t', '\u00a0', '\u2028'),
    time,
  });
  const cut = fc.record({ at: fc.nat(60), drop: fc.nat(2), put: fc.constantFrom('', '"', '9', ':', 't', '{') });
  fc.assert(
    fc.property(fc.array(field, { maxLength: 4 }), fc.array(cut, { maxLength: 2 }), (fields, cuts) => {
      let text = `{${fields.map(({ name, blank, time: said }) => `"${name}"${blank}:${blank}${said}`).join(',')}}`;
      for (const { at, drop, put } of cuts) text = text.slice(0, at) + put + text.slice(at + drop);
      const bytes = Buffer.from(text);
      expect(isHistory(arrivalNs, bytes, 0, bytes.length)).toBe(isHistoryByText(arrivalNs, bytes, 0, bytes.length));
    }),
    { numRuns: 5_000 },
  );
});
