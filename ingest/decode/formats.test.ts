import { encode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FORMATS, formatByName, formatByTopicLevel, type PayloadFormat } from './index.ts';

const context = { arrivalNs: 1_800_000_000_000_000_000n, vendorTopic: null };

/** Units that a decoding holds; a block is one. */
function unitsOf(format: PayloadFormat, payload: Uint8Array): number {
  if (format.kind === 'waveform') {
    format.decode(payload, context);
    return 1;
  }
  const decoding = format.decode(payload, context);
  if (!decoding.ok) {
    expect(decoding.failure.reason).not.toBe('');
    return 1;
  }
  const indexes = [...decoding.samples, ...decoding.rejected].map(({ index }) => index).sort((a, b) => a - b);
  expect(indexes).toEqual(indexes.map((_, position) => position));
  return indexes.length;
}

const holds = (format: PayloadFormat) => (bytes: Uint8Array) => {
  const payload = Buffer.from(bytes);
  return unitsOf(format, payload) === format.count(payload, 0, payload.length);
};

const label = fc.constantFrom(
  'bn',
  'bt',
  'bu',
  'bv',
  'bs',
  'n',
  'u',
  'v',
  'vs',
  'vb',
  'vd',
  's',
  't',
  'point',
  'value',
  'time',
  'samples',
  'values',
);
const value = fc.oneof(fc.double(), fc.integer(), fc.string({ maxLength: 8 }), fc.boolean(), fc.constant(null));
const record = fc.dictionary(label, value, { maxKeys: 6 });
const message = fc.oneof(fc.array(fc.oneof(record, fc.jsonValue()), { maxLength: 6 }), record, fc.jsonValue());
const word = fc.oneof(fc.constantFrom('cpu', 'a', '', 'x y'), fc.string({ maxLength: 5 }));
const lines = fc
  .array(
    fc.tuple(
      word,
      word,
      word,
      fc.oneof(fc.double().map(String), fc.constantFrom('1i', '2u', 't', '"a', '"a"', '', '#')),
      fc.constantFrom('', ' 1', ' x'),
    ),
    { maxLength: 5 },
  )
  .map((rows) => rows.map(([m, k, f, v, t]) => `${m},${k}=1 ${f}=${v}${t}`).join('\n'));
const table = fc
  .array(
    fc.array(
      fc.oneof(fc.constantFrom('point', 'value', 'time', '"', ',', '1', '"a""b"', ''), fc.string({ maxLength: 6 })),
      { maxLength: 4 },
    ),
    {
      maxLength: 6,
    },
  )
  .map((rows) => rows.map((cells) => cells.join(',')).join('\n'));

const payloads: Readonly<Record<string, fc.Arbitrary<Uint8Array>>> = {
  json: message.map((given) => Buffer.from(JSON.stringify(given))),
  cbor: message.map((given) => encode(given)),
  'senml-json': message.map((given) => Buffer.from(JSON.stringify(given))),
  'senml-cbor': fc
    .array(fc.dictionary(fc.integer({ min: -7, max: 9 }).map(String), value))
    .map((records) =>
      encode(records.map((fields) => new Map(Object.entries(fields).map(([key, told]) => [Number(key), told])))),
    ),
  line: lines.map((text) => Buffer.from(text)),
  csv: table.map((text) => Buffer.from(text)),
};

describe.each(FORMATS)('$name', (format) => {
  test('is found by its name, and by its names in topics', () => {
    expect(formatByName(format.name)).toBe(format);
    for (const level of [format.name, ...format.aliases]) expect(formatByTopicLevel(format.kind, level)).toBe(format);
  });

  test('any bytes are decoded or refused, and the count at acceptance is the one found later', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), holds(format)), { numRuns: 300 });
  });

  test.skipIf(!payloads[format.name])('so is anything that looks like it', () => {
    fc.assert(fc.property(payloads[format.name]!, holds(format)), { numRuns: 500 });
  });

  test.each([
    ['nesting', Buffer.from('['.repeat(4 << 20))],
    ['nested objects', Buffer.from('{"a":'.repeat(800_000))],
    ['a list of nothing', Buffer.from(`[${'0,'.repeat(2_000_000)}0]`)],
    ['one name', Buffer.alloc(4 << 20, 0x61)],
    ['line breaks', Buffer.alloc(4 << 20, 0x0a)],
    ['separators', Buffer.from(`point,value\n${','.repeat(4 << 20)}`)],
    ['quotes', Buffer.from(`point,value\n${'"'.repeat(4 << 20)}`)],
    ['backslashes', Buffer.from(`a${'\\ '.repeat(2 << 20)} b=1`)],
    ['lines', Buffer.from('a b=1\n'.repeat(600_000))],
    ['rows', Buffer.from(`point,value\n${'a,1\n'.repeat(900_000)}`)],
    ['CBOR lists', Buffer.alloc(4 << 20, 0x9f)],
    ['digits', Buffer.from(`[${'9'.repeat(2_000_000)}]`)],
    ['a long exponent', Buffer.from('[{"n":"a","point":"a","v":1e999,"value":1e999}]')],
  ])('4 MiB of %s is an answer within three seconds of work', (_name, payload) => {
    const before = process.cpuUsage();
    expect(holds(format)(payload)).toBe(true);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(3_000);
  });
});
