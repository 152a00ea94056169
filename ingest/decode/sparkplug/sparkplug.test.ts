import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TelemetryFormat } from '../format.ts';
import { formatByName } from '../formats.ts';
import { type Definition, seal } from './envelope.ts';
import { decodeSparkplug, tryPayload, unitsIn } from './format.ts';
import { numberOf } from './numbers.ts';
import type { SparkplugType } from './types.ts';
import vectors from './vectors.json' with { type: 'json' };

const TIME_NS = 1_700_000_000_123_000_000n;
const bytesOf = (hex: string) => Buffer.from(hex, 'hex');

function decoded(hex: string, type: SparkplugType = 'NDATA', definitions: (Definition | null)[] = []) {
  const decoding = decodeSparkplug(seal({ type, definitions, held: null }, bytesOf(hex)));
  if (!decoding.ok) throw new Error(decoding.failure.reason);
  return decoding;
}

const values = (decoding: ReturnType<typeof decoded>) =>
  decoding.samples.map(({ point, value }) => [point, value] as const);

describe('payloads that others encoded', () => {
  test('integers of every width', () => {
    const decoding = decoded(vectors.tahu.integers);
    expect(values(decoding)).toEqual([
      ['i8', -128],
      ['i16', -32768],
      ['i32', -2147483648],
      ['i64', -9007199254740991],
      ['u8', 255],
      ['u16', 65535],
      ['u32', 4294967295],
      ['u64', 9007199254740991],
    ]);
    expect(new Set(decoding.samples.map(({ timeNs }) => timeNs))).toEqual(new Set([TIME_NS]));
  });

  test('another encoder’s negative integers, and a null', () => {
    expect(values(decoded(vectors.pysparkplug))).toEqual([
      ['i8', -1],
      ['i16', -300],
      ['i32', -70000],
      ['i64', -5_000_000_000],
      ['u64', 5_000_000_000],
      ['f', -0.5],
    ]);
  });

  test('floats, booleans and date-times are numbers; texts and bytes are refused, each with its reason', () => {
    const decoding = decoded(vectors.tahu.others);
    expect(values(decoding)).toEqual([
      ['f', 1.5],
      ['d', Math.PI],
      ['b', 1],
      ['dt', 1486144502122],
    ]);
    expect(decoding.rejected.map(({ code, field }) => [code, field])).toEqual(
      ['s', 't', 'id', 'by', 'fi'].map((field) => ['VALUE_TYPE', field]),
    );
    expect(decoding.rejected[0]!.reason).toBe('String is no number; only numbers are stored as readings');
  });

  test('a historical metric keeps its own time; a null is no reading', () => {
    const { samples } = decoded(vectors.tahu.flags);
    expect(samples.map(({ point, value, timeNs }) => [point, value, timeNs])).toEqual([
      ['old', 20.25, TIME_NS - 60_000_000_000n],
      ['passing', 5, TIME_NS],
    ]);
  });

  test('a data set gives one sample for each numeric cell, none of them the same', () => {
    const { samples } = decoded(vectors.tahu.dataset);
    expect(samples.map(({ point, value, index }) => [point, value, index])).toEqual([
      ['table.n', 1, 0],
      ['table.temp.C', 20.5, 1],
      ['table.n', 2, 2],
      ['table.temp.C', 20.5, 3],
    ]);
  });

  test('a template’s members are points of their own; its definition is none', () => {
    expect(values(decoded(vectors.tahu.template))).toEqual([
      ['motor.rpm', 1480],
      ['motor.in.amps', 12.5],
    ]);
  });

  test('a birth gives its values and units; what governs Sparkplug and texts count nowhere', () => {
    const decoding = decoded(vectors.tahu.nbirth, 'NBIRTH');
    expect(decoding.samples.map(({ point, value, unit }) => [point, value, unit])).toEqual([
      ['Inlet.Temperature', 21.5, '°C'],
      ['Pressure', 4.25, 'bar'],
    ]);
    expect(decoding.rejected).toEqual([]);
  });

  test('data under aliases are read with what the birth says', () => {
    const decoding = decoded(vectors.tahu.ndata, 'NDATA', [
      ['Inlet/Temperature', 9, '°C'],
      ['Pressure', 10, 'bar'],
    ]);
    expect(decoding.samples.map(({ point, value, unit, timeNs }) => [point, value, unit, timeNs])).toEqual([
      ['Inlet.Temperature', 22.5, '°C', TIME_NS + 999_000_000n],
      ['Pressure', 4.5, 'bar', TIME_NS + 1_000_000_000n],
    ]);
  });

  test('arrays', () => {
    const decoding = decoded(vectors.arrays);
    const byPoint = Object.groupBy(decoding.samples, ({ point }) => point);
    expect(
      Object.fromEntries(Object.entries(byPoint).map(([point, found]) => [point, found!.map((s) => s.value)])),
    ).toEqual({
      ...{ i8: [-1, 2], i16: [-300, 300], i32: [-70000, 70000], i64: [-5_000_000_000] },
      ...{ u8: [250, 1], u16: [65535], u32: [4294967295], u64: [9007199254740991] },
      ...{ f: [1.5, -2.5], d: [Math.PI], dt: [1486144502122] },
      b: [0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 0],
    });
    expect(decoding.rejected.map(({ field }) => field)).toEqual(['s']);
  });
});

describe('what makes a delivery the same', () => {
  test('the same message again gives the same; another one with the same seq does not', () => {
    const first = decoded(vectors.tahu.others).samples[0]!;
    expect(decoded(vectors.tahu.others).samples[0]).toEqual(first);
    const later = bytesOf(vectors.tahu.others);
    later[1]! ^= 1; // another message time, and so another message
    expect(decoded(later.toString('hex')).samples[0]!.seq).not.toBe(first.seq);
    expect(first.boot).toBeNull();
  });

  test('without any time nothing is taken for a repetition', () => {
    // metric { name: "a", datatype: Boolean, boolean_value: true }, seq 5
    const { samples } = decoded('12070a0161200b70011805');
    expect(samples).toMatchObject([{ timeNs: null, seq: null, value: 1 }]);
  });
});

describe('refusals', () => {
  test.each([
    ['an alias without a birth', '1204100120096500000000'.slice(0, 12), 'SPARKPLUG_BIRTH'],
    ['a name without a datatype', '12050a01617001', 'SPARKPLUG_DATATYPE'],
    ['an Int8 of 300', '12080a0161200150ac02', 'VALUE_TYPE'],
    ['a Float sent as text', '12080a016120097a0131', 'VALUE_TYPE'],
    ['NaN', '120a0a01612009650000c07f', 'VALUE_NOT_FINITE'],
    ['no value and no null', '12050a01612009', 'VALUE_TYPE'],
  ])('%s costs itself only', (_, hex, code) => {
    const { samples, rejected } = decoded(hex);
    expect(samples).toEqual([]);
    expect(rejected.map((entry) => entry.code)).toEqual([code]);
  });

  test('another datatype than the birth’s', () => {
    const { rejected } = decoded('12070a0161200b7001', 'NDATA', [['a', 10, null]]);
    expect(rejected[0]!.reason).toBe('sent as Boolean, born as Double; send a new birth certificate');
  });

  test('two metrics that would be the same point', () => {
    const { rejected } = decoded('12070a0161200b7001', 'NDATA', [['a/b', 11, null, 'a.b']]);
    expect(rejected[0]).toMatchObject({ code: 'POINT_NAME', reason: expect.stringContaining('rename one') });
  });

  test.each([
    ['a length beyond the message', '12ff0f0a01'],
    ['a number without an end', '08ffffffffffffffffffff01'],
    ['a group', '0b'],
    ['field 0', '0001'],
    ['a message cut short', vectors.tahu.nbirth.slice(0, 90)],
  ])('%s', (_, hex) => {
    expect(decodeSparkplug(seal({ type: 'NDATA', definitions: [], held: null }, bytesOf(hex)))).toMatchObject({
      ok: false,
      failure: { code: 'SPARKPLUG_PAYLOAD' },
    });
  });

  test('templates within templates end at a depth, however small they are', () => {
    let member = Buffer.from('0a0161', 'hex');
    const nest = (field: number, inner: Buffer) => {
      const length: number[] = [];
      for (let rest = inner.length; ; rest >>>= 7) {
        length.push(rest > 127 ? (rest & 127) | 128 : rest);
        if (rest <= 127) break;
      }
      const tag = field < 16 ? [(field << 3) | 2] : [((field << 3) & 127) | 130, field >> 4];
      return Buffer.concat([Buffer.from(tag), Buffer.from(length), inner]);
    };
    for (let depth = 0; depth < 1000; depth++) member = nest(18, nest(2, member));
    expect(tryPayload(nest(2, member))).toEqual({ reason: expect.stringContaining('nested deeper than 8') });
  });

  test('a message of empty metrics is refused before it has taken much memory', () => {
    expect(tryPayload(Buffer.alloc(2_000_000, Buffer.from('1200', 'hex')))).toEqual({
      reason: expect.stringContaining('more than 100000'),
    });
  });
});

describe('the count at acceptance', () => {
  const format = formatByName('sparkplug') as TelemetryFormat;
  const known = Object.values(vectors.tahu).map(bytesOf);

  test('is what the decoder finds, however the bytes were changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 });
    const types = fc.constantFrom<SparkplugType>('NBIRTH', 'NDATA', 'DDATA');
    fc.assert(
      fc.property(fc.constantFrom(...known), changes, types, (bytes, changed, type) => {
        const mutated = Buffer.from(bytes);
        for (const [at, byte] of changed) mutated[at % mutated.length] = byte;
        const record = seal({ type, definitions: [], held: null }, mutated);
        const decoding = decodeSparkplug(record);
        expect(format.count(record, 0, record.length)).toBe(unitsIn(decoding));
        if (!decoding.ok) return;
        for (const sample of decoding.samples) expect(Number.isFinite(sample.value)).toBe(true);
        const indexes = [...decoding.samples, ...decoding.rejected].map(({ index }) => index).sort((a, b) => a - b);
        expect(indexes).toEqual(indexes.map((_, index) => index));
      }),
      { numRuns: 1000 },
    );
  });

  test('any bytes end in a decoding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeSparkplug(bytes)).toHaveProperty('ok');
      }),
    );
  });
});

test('an integer is exact or refused, never cut', () => {
  const words = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    fc.nat(70_000),
    fc.nat(70_000).map((n) => 2 ** 32 - 1 - n),
  );
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 3, 5, 6, 7), words, (datatype, word) => {
      const value = numberOf(datatype, { in: 'int', value: word });
      if (typeof value !== 'number') return;
      const bits = [8, 16, 32, 0, 8, 16, 32][datatype - 1]!;
      expect(BigInt.asUintN(bits, BigInt(value))).toBe(BigInt.asUintN(bits, BigInt(word)));
      expect([word, word - 2 ** 32, word - 2 ** bits]).toContain(value);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  { type: 'NDATA', held: null },
  { type: 'NDATA', definitions: {}, held: null },
  { type: 'NDATA', definitions: [1], held: null },
  { type: 'NDATA', definitions: [['a', 'x', null]], held: null },
  { type: 'NDATA', definitions: [], held: {} },
  { type: 'NDATA', definitions: [], held: { code: 'X', reason: 'y' } },
  { type: 'SDATA', definitions: [], held: null },
])('a message that only looks like a record of ours is no payload: %j', (forged) => {
  const decoding = decodeSparkplug(seal(forged as never, bytesOf(vectors.tahu.integers)));
  expect(decoding).toMatchObject({ ok: false, failure: { code: 'SPARKPLUG_PAYLOAD' } });
});
