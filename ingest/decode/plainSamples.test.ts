import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainSamples } from './plainSamples.ts';
import { decodeByParsing, decodeTelemetry } from './telemetry.ts';

const plain = (text: string) => {
  const bytes = Buffer.from(`,${text},`);
  return plainSamples(bytes, 1, bytes.length - 1);
};

test.each([
  '{"boot":"b1","seq":12,"time":"1772366400000000001","samples":[{"point":"t","value":21.5}]}',
  '{"boot":"b1","seq":0,"sentAt":1772366400000,"samples":[{"point":"t","value":-0.25},{"point":"u","value":3,"unit":"mm/s"}]}',
  ' { "time" : "2026-03-01T12:00:00Z" , "values" : { "a" : 1 , "b" : -2.5 } } \n',
  '{"point":"t","value":0,"time":1772366400,"seq":3,"boot":"x y"}',
  '{"samples":[{"point":"t","value":1,"time":1772366400000000001,"seq":5}]}',
  '{"values":{"t":123456789012345}}',
])('read plainly: %s', (text) => {
  expect(plain(text)).not.toBeNull();
  expect(decodeByParsing(Buffer.from(text))).toEqual({ ok: true, samples: plain(text), rejected: [] });
});

test.each([
  '{"point":"t","value":1e3}',
  '{"point":"t","value":01}',
  '{"point":"t","value":1.}',
  '{"point":"t","value":0.1234567890123456}',
  '{"point":"\\u0074","value":1}',
  '{"point":"té","value":1}',
  '{"point":"a/b","value":1}',
  '{"point":"t","value":1,"point":"u"}',
  '{"point":"t","value":1,"more":1}',
  '{"samples":[{"point":"t","value":1}],"boot":"b"}',
  '{"values":{"2":1,"1":2}}',
  '{"values":{"a":1,"a":2}}',
  '{"values":{}}',
  '{"samples":[]}',
  '{"point":"t","value":null}',
  '{"point":"t","value":1}}',
  '{"point":"t","value":1,"time":"99999999999999999999"}',
  '{"point":"t","value":1,"time":-5}',
  '{"point":"t","value":1,"boot":""}',
  '[{"point":"t","value":1}]',
  '{"point":"t"',
  '',
])('left to the general parser: %s', (text) => {
  expect(plain(text)).toBeNull();
});

test('what is read plainly is what parsing finds, whatever is done to the text', () => {
  const often = <T>(good: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 9, arbitrary: good }, { weight: 1, arbitrary: odd });
  const name = often(
    fc.constantFrom('t', 'load-0', 'a b', 'b', 'c'),
    fc.constantFrom('1', '2', 'é', 'a/b', ' t', '', 'x'.repeat(128), 'x'.repeat(129)),
  );
  const number = often(
    fc.tuple(fc.constantFrom('', '-'), fc.nat(), fc.nat(99_999)).map(([sign, a, b]) => `${sign}${a}.${b}`),
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
      fc.tuple(fc.constantFrom('', '-'), fc.maxSafeNat(), fc.nat(99_999)).map(([sign, a, b]) => `${sign}${a}.${b}`),
      fc.constantFrom('0', '-0', '-0.0', '00', '1.', '.5', '1e5', '1E-3', '123456789012345', '1234567890123456', '+1'),
    ),
  );
  const time = often(
    fc.bigInt({ min: 0n, max: 10n ** 19n }).map((ns) => `"${ns}"`),
    fc.oneof(
      fc.bigInt({ min: 0n, max: 10n ** 21n }).chain((ns) => fc.constantFrom(`${ns}`, `"${ns}"`, `"0${ns}"`, `-${ns}`)),
      fc.constantFrom('"2026-03-01T12:00:00Z"', '"soon"', 'null', '1772366400.5', '"1772366400.5"', '""', '0', '"0"'),
    ),
  );
  const text = often(name, fc.string({ maxLength: 4 })).map((value) => JSON.stringify(value));
  const field = fc.oneof(
    fc.tuple(fc.constant('"point"'), text),
    fc.tuple(fc.constant('"value"'), number),
    fc.tuple(fc.constantFrom('"time"', '"sentAt"'), time),
    fc.tuple(fc.constantFrom('"boot"', '"unit"'), text),
    fc.tuple(fc.constant('"boot"'), text),
    fc.tuple(fc.constant('"seq"'), often(fc.nat().map(String), number)),
  );
  const fields = fc.uniqueArray(field, { maxLength: 4, selector: ([key]) => key });
  const object = (said: string[][]) => `{${said.map((pair) => pair.join(':')).join(',')}}`;
  const sample = fc
    .tuple(text, number, fields)
    .map(([point, value, more]) => object([['"point"', point], ['"value"', value], ...more]));
  const entries = fc.oneof(
    fc.array(sample, { maxLength: 3 }).map((all) => ['"samples"', `[${all.join(',')}]`]),
    fc.array(fc.tuple(text, number), { maxLength: 3 }).map((all) => ['"values"', object(all)]),
  );
  const message = fc.oneof(
    sample,
    fc.tuple(fields, entries).map(([shared, last]) => object([...shared, last])),
    fc.tuple(entries, fields).map(([first, shared]) => object([first, ...shared])),
  );
  const cut = fc.record({
    at: fc.nat(80),
    drop: fc.nat(2),
    put: fc.constantFrom('', '"', ',', '[', '}', ' ', '7', '.', '\u00e9'),
  });
  let plainly = 0;
  fc.assert(
    fc.property(message, fc.array(cut, { maxLength: 1 }), (made, cuts) => {
      let said = made;
      for (const { at, drop, put } of cuts) said = said.slice(0, at) + put + said.slice(at + drop);
      const samples = plain(said);
      if (samples === null) return;
      plainly++;
      expect(decodeByParsing(Buffer.from(said))).toEqual({ ok: true, samples, rejected: [] });
      expect(decodeTelemetry(Buffer.from(said))).toEqual({ ok: true, samples, rejected: [] });
    }),
    { numRuns: 20_000 },
  );
  expect(plainly).toBeGreaterThan(1_000);
});
