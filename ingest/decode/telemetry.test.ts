import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countTelemetryUnits, decodeTelemetry, parseTimeNs, type Sample } from './index.ts';

const decode = (message: unknown) => decodeTelemetry(Buffer.from(JSON.stringify(message)));
const decodeText = (text: string) => decodeTelemetry(Buffer.from(text));
const plain = { unit: null, timeNs: null, sentAtNs: null, boot: null, seq: null };

function samplesOf(decoding: ReturnType<typeof decodeTelemetry>): Sample[] {
  if (!decoding.ok) throw new Error(decoding.failure.reason);
  expect(decoding.rejected).toEqual([]);
  return decoding.samples;
}

describe('shapes', () => {
  test('a single sample', () => {
    expect(samplesOf(decode({ point: 'temp', value: 21.5 }))).toEqual([
      { point: 'temp', value: 21.5, index: 0, ...plain },
    ]);
  });

  test('a list, each with its own fields', () => {
    const message = [
      {
        point: 'a',
        value: 1,
        seq: 4,
        boot: 'b1',
        unit: 'mm/s',
        time: '2026-01-02T03:04:05.000000006Z',
        sentAt: 1767323046,
      },
      { point: 'b', value: -2 },
    ];
    expect(samplesOf(decode(message))).toEqual([
      {
        point: 'a',
        value: 1,
        unit: 'mm/s',
        timeNs: 1_767_323_045_000_000_006n,
        sentAtNs: 1_767_323_046_000_000_000n,
        boot: 'b1',
        seq: 4n,
        index: 0,
      },
      { point: 'b', value: -2, index: 1, ...plain },
    ]);
  });

  test('a batch hands its time, boot and sequence down to the samples that have none', () => {
    const message = {
      boot: 7,
      seq: '12',
      time: 1000,
      samples: [
        { point: 'a', value: 1 },
        { point: 'a', value: 2, time: 1001 },
      ],
    };
    expect(samplesOf(decode(message)).map(({ timeNs, boot, seq, index }) => [timeNs, boot, seq, index])).toEqual([
      [1_000_000_000_000n, '7', 12n, 0],
      [1_001_000_000_000n, '7', 12n, 1],
    ]);
  });

  test('values by point, hostile names included', () => {
    const text = '{"values":{"__proto__":1,"constructor":2,"温度":3}}';
    expect(samplesOf(decodeText(text)).map(({ point, value }) => [point, value])).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
      ['温度', 3],
    ]);
  });

  test('integers beyond 2^53 keep their digits', () => {
    const [sample] = samplesOf(
      decodeText('{"point":"p","value":1,"seq":9223372036854775807,"time":1767323045000000007}'),
    );
    expect(sample).toMatchObject({ seq: 9223372036854775807n, timeNs: 1767323045000000007n });
  });
});

describe('what is wrong is named', () => {
  test.each([
    ['', 'JSON_SYNTAX', 'payload'],
    ['{"point":', 'JSON_SYNTAX', 'payload'],
    ['NaN', 'JSON_SYNTAX', 'payload'],
    ['[]', 'EMPTY', 'payload'],
    ['{"values":{}}', 'EMPTY', 'values'],
    ['3', 'JSON_SHAPE', 'payload'],
    ['null', 'JSON_SHAPE', 'payload'],
    ['{"samples":{}}', 'JSON_SHAPE', 'samples'],
    ['{"values":[1]}', 'JSON_SHAPE', 'values'],
    ['{"samples":[],"values":{}}', 'JSON_SHAPE', 'values'],
    ['{"seq":-1,"values":{"a":1}}', 'SEQUENCE', 'seq'],
    ['{"seq":1.5,"values":{"a":1}}', 'SEQUENCE', 'seq'],
    ['{"boot":"","values":{"a":1}}', 'BOOT', 'boot'],
    ['{"time":"yesterday","values":{"a":1}}', 'TIME', 'time'],
    ['{"sentAt":{},"values":{"a":1}}', 'TIME', 'sentAt'],
  ])('message %s', (text, code, field) => {
    expect(decodeText(text)).toMatchObject({ ok: false, failure: { code, field } });
    expect(countTelemetryUnits(Buffer.from(text))).toBe(1);
  });

  test.each([
    ['{"point":"p","value":1e999}', 'VALUE_NOT_FINITE', 'value'],
    ['{"point":"p","value":-1e999}', 'VALUE_NOT_FINITE', 'value'],
    ['{"point":"p","value":"3"}', 'VALUE_TYPE', 'value'],
    ['{"point":"p","value":null}', 'VALUE_TYPE', 'value'],
    ['{"point":"p","value":true}', 'VALUE_TYPE', 'value'],
    ['{"point":"p"}', 'VALUE_TYPE', 'value'],
    ['{"value":1}', 'POINT_NAME', 'point'],
    ['{"point":"","value":1}', 'POINT_NAME', 'point'],
    ['{"point":"a/b","value":1}', 'POINT_NAME', 'point'],
    ['{"point":"a\\u0000","value":1}', 'POINT_NAME', 'point'],
    ['{"point":"\\ud800","value":1}', 'POINT_NAME', 'point'],
    [`{"point":"${'x'.repeat(129)}","value":1}`, 'POINT_NAME', 'point'],
    ['{"point":"p","value":1,"unit":5}', 'UNIT', 'unit'],
    ['{"point":"p","value":1,"time":"2026-02-30T00:00:00Z"}', 'TIME', 'time'],
    ['{"point":"p","value":1,"time":1e300}', 'TIME', 'time'],
    ['[{"point":"p","value":1},{"point":"p","value":"x"}]', 'VALUE_TYPE', '[1].value'],
    ['{"samples":[4,{"point":"p","value":1}]}', 'JSON_SHAPE', 'samples[0]'],
    ['{"values":{"ok":1,"bad":[]}}', 'VALUE_TYPE', 'values.value'],
  ])('entry %s', (text, code, field) => {
    const decoding = decodeText(text);
    expect(decoding).toMatchObject({ ok: true, rejected: [{ code, field }] });
    if (decoding.ok) expect(decoding.samples.length + 1).toBe(countTelemetryUnits(Buffer.from(text)));
  });

  test('invalid UTF-8 in a name is no name', () => {
    const payload = Buffer.concat([Buffer.from('{"point":"a'), Buffer.from([0xff]), Buffer.from('","value":1}')]);
    expect(decodeTelemetry(payload)).toMatchObject({ ok: true, rejected: [{ code: 'POINT_NAME' }] });
  });

  test('4 MiB of nesting is an answer within 200 ms, not a crash', () => {
    const depth = 2 * 1024 * 1024;
    for (const text of [
      '['.repeat(2 * depth),
      '['.repeat(depth) + ']'.repeat(depth),
      `{"samples":[${'['.repeat(depth - 8)}${']'.repeat(depth - 8)},1234567890123456789]}`,
      '{"a":'.repeat(800_000),
    ]) {
      const started = performance.now();
      const decoding = decodeText(text);
      expect(decoding.ok ? decoding.rejected.length : 1).toBeGreaterThan(0);
      expect(performance.now() - started).toBeLessThan(200);
    }
  });

  test('more than 100,000 samples are refused whole', () => {
    const text = `[${'0,'.repeat(100_000)}0]`;
    expect(decodeText(text)).toMatchObject({ ok: false, failure: { code: 'TOO_MANY_SAMPLES' } });
    expect(countTelemetryUnits(Buffer.from(text))).toBe(1);
  });
});

describe('properties', () => {
  test('any message is decoded or refused, and the count taken at acceptance is the one found later', () => {
    const entry = fc.record(
      {
        point: fc.oneof(fc.string(), fc.constant(3)),
        value: fc.oneof(fc.double(), fc.jsonValue()),
        time: fc.jsonValue(),
        seq: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const message = fc.oneof(
      fc.jsonValue(),
      fc.array(fc.oneof(entry, fc.jsonValue())),
      fc.record({ samples: fc.array(entry), seq: fc.jsonValue(), boot: fc.jsonValue() }, { requiredKeys: ['samples'] }),
      fc.record({ values: fc.dictionary(fc.string(), fc.jsonValue()) }),
    );
    fc.assert(
      fc.property(message, (value) => {
        const payload = Buffer.from(JSON.stringify(value) ?? '');
        const decoding = decodeTelemetry(payload);
        const units = decoding.ok ? decoding.samples.length + decoding.rejected.length : 1;
        return units === countTelemetryUnits(payload);
      }),
      { numRuns: 2000 },
    );
  });

  test('any bytes are decoded or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => typeof decodeTelemetry(bytes).ok === 'boolean'),
    );
  });

  test('every finite value and every allowed name comes back as it was sent', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
      .filter((text) => text.length <= 128 && text.trim() === text && !/[\p{Cc}/+#\u2028\u2029\ufffd]/u.test(text));
    fc.assert(
      fc.property(
        name,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.bigInt(0n, 2n ** 63n - 1n),
        (point, value, seq) => {
          const text = `{"point":${JSON.stringify(point)},"value":${Object.is(value, -0) ? '-0' : value},"seq":${seq}}`;
          const [sample] = samplesOf(decodeText(text));
          return sample!.point === point && Object.is(sample!.value, value) && sample!.seq === seq;
        },
      ),
    );
  });
});

describe('time', () => {
  test.each<[unknown, bigint | null]>([
    [1_767_323_045, 1_767_323_045_000_000_000n],
    [1_767_323_045.25, 1_767_323_045_250_000_000n],
    [1_767_323_045_123, 1_767_323_045_123_000_000n],
    [1_767_323_045_123_456, 1_767_323_045_123_456_000n],
    ['1767323045123456789', 1_767_323_045_123_456_789n],
    ['1767323045.000000001', 1_767_323_045_000_000_001n],
    ['-1.5', -1_500_000_000n],
    ['2026-01-02T03:04:05Z', 1_767_323_045_000_000_000n],
    ['2026-01-02T03:04:05', 1_767_323_045_000_000_000n],
    ['2026-01-02T11:04:05.5+08:00', 1_767_323_045_500_000_000n],
    ['2026-01-01T22:04:05.123456789-0500', 1_767_323_045_123_456_789n],
    ['2024-02-29T00:00:00Z', 1_709_164_800_000_000_000n],
    ['2023-02-29T00:00:00Z', null],
    ['2026-13-01T00:00:00Z', null],
    ['2026-01-01T24:00:00Z', null],
    ['2016-12-31T23:59:60Z', 1_483_228_800_000_000_000n],
    ['2600-01-01T00:00:00Z', null],
    [Number.POSITIVE_INFINITY, null],
    ['', null],
    ['soon', null],
    [true, null],
  ])('%s', (given, expected) => {
    expect(parseTimeNs(given)).toBe(expected);
  });

  test('every instant survives as ISO text and as each epoch unit', () => {
    const ms = fc.integer({ min: 1_000_000_000_000, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(ms, fc.integer({ min: 0, max: 999_999 }), (epochMs, restNs) => {
        const ns = BigInt(epochMs) * 1_000_000n + BigInt(restNs);
        const iso = `${new Date(epochMs).toISOString().slice(0, -1)}${String(restNs).padStart(6, '0')}Z`;
        return (
          parseTimeNs(iso) === ns && parseTimeNs(ns) === ns && parseTimeNs(epochMs) === BigInt(epochMs) * 1_000_000n
        );
      }),
    );
  });
});
