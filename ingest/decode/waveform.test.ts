import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeWaveform, waveformSamples } from './index.ts';

function block(header: unknown, samples: Uint8Array, headerLength?: number): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const prefix = Buffer.from('FLW1\0\0\0\0', 'latin1');
  prefix.writeUInt32LE(headerLength ?? json.length, 4);
  return Buffer.concat([prefix, json, samples]);
}

const base = { point: 'de-radial', samplingRateHz: 12_000, unit: 'g', scale: 0.5, encoding: 'int16', count: 2 };
const twoCounts = Buffer.from([0x01, 0x00, 0xfe, 0xff]);

test('the golden int16 block, byte by byte', () => {
  const bytes = Buffer.from(
    '464c5731' +
      '7c000000' +
      Buffer.from(
        '{"point":"p","samplingRateHz":25600,"unit":"mm/s","scale":0.001,"encoding":"int16","time":"2026-01-02T03:04:05Z","count":3 }',
      ).toString('hex') +
      '0100' +
      'ffff' +
      '0080',
    'hex',
  );
  const decoding = decodeWaveform(bytes);
  expect(decoding).toMatchObject({
    ok: true,
    waveform: { point: 'p', samplingRateHz: 25_600, unit: 'mm/s', count: 3, timeNs: 1_767_323_045_000_000_000n },
  });
  if (decoding.ok) expect([...waveformSamples(decoding.waveform)]).toEqual([0.001, -0.001, -32.768]);
});

test('all header fields', () => {
  const header = {
    ...base,
    axis: 'radial',
    speedRpm: 1772.5,
    loadPercent: 80,
    time: 1,
    boot: 'b',
    seq: 9,
    sentAt: '2',
  };
  expect(decodeWaveform(block(header, twoCounts))).toEqual({
    ok: true,
    waveform: {
      point: 'de-radial',
      samplingRateHz: 12_000,
      unit: 'g',
      axis: 'radial',
      speedRpm: 1772.5,
      loadPercent: 80,
      scale: 0.5,
      encoding: 'int16',
      count: 2,
      timeNs: 1_000_000_000n,
      sentAtNs: 2_000_000_000n,
      boot: 'b',
      seq: 9n,
      raw: twoCounts,
      assembledFrom: null,
    },
  });
});

describe('refused, naming the field', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['WAVEFORM_SAMPLING_RATE', { samplingRateHz: 0 }, 'samplingRateHz'],
    ['WAVEFORM_SAMPLING_RATE', { samplingRateHz: -1 }, 'samplingRateHz'],
    ['WAVEFORM_SAMPLING_RATE', { samplingRateHz: 10_000_001 }, 'samplingRateHz'],
    ['WAVEFORM_SAMPLING_RATE', { samplingRateHz: '12000' }, 'samplingRateHz'],
    ['WAVEFORM_SAMPLING_RATE', { samplingRateHz: undefined }, 'samplingRateHz'],
    ['WAVEFORM_COUNT', { count: 0 }, 'count'],
    ['WAVEFORM_COUNT', { count: 1.5 }, 'count'],
    ['WAVEFORM_COUNT', { count: 1e20 }, 'count'],
    ['WAVEFORM_LENGTH', { count: 3 }, 'count'],
    ['WAVEFORM_LENGTH', { count: 2 ** 52 }, 'count'],
    ['WAVEFORM_SCALE', { scale: 0 }, 'scale'],
    ['WAVEFORM_SCALE', { scale: 'x' }, 'scale'],
    ['WAVEFORM_ENCODING', { encoding: 'int12' }, 'encoding'],
    ['WAVEFORM_ENCODING', { byteOrder: 'middle' }, 'byteOrder'],
    ['WAVEFORM_LENGTH', { encoding: 'int24' }, 'count'],
    ['WAVEFORM_HASH', { sha256: 'a'.repeat(64) }, 'sha256'],
    ['WAVEFORM_PART', { block: { sha256: 'A', parts: 2, part: 1, bytes: 8 } }, 'block.sha256'],
    ['WAVEFORM_PART', { block: { sha256: 'a'.repeat(64), parts: 2, part: 3, bytes: 8 } }, 'block.part'],
    ['WAVEFORM_PART', { block: { sha256: 'a'.repeat(64), parts: 2, part: 1, bytes: 8 } }, 'block'],
    ['WAVEFORM_FIELD', { unit: 'furlong' }, 'unit'],
    ['WAVEFORM_FIELD', { axis: 7 }, 'axis'],
    ['WAVEFORM_FIELD', { speedRpm: -5 }, 'speedRpm'],
    ['WAVEFORM_FIELD', { loadPercent: 'full' }, 'loadPercent'],
    ['POINT_NAME', { point: 'a/b' }, 'point'],
    ['TIME', { time: 'noon' }, 'time'],
    ['SEQUENCE', { seq: -1 }, 'seq'],
  ])('%s %o', (code, change, field) => {
    expect(decodeWaveform(block({ ...base, ...change }, twoCounts))).toMatchObject({
      ok: false,
      failure: { code, field },
    });
  });

  test('non-finite numbers in the header and among the samples', () => {
    const text = JSON.stringify(base).replace('12000', '1e999');
    expect(decodeWaveform(block(text, twoCounts))).toMatchObject({ failure: { code: 'WAVEFORM_SAMPLING_RATE' } });
    const floats = Buffer.from(new Float32Array([1, Number.NaN]).buffer);
    const header = { ...base, encoding: 'float32', scale: 1 };
    expect(decodeWaveform(block(header, floats))).toMatchObject({
      failure: { code: 'VALUE_NOT_FINITE', field: 'samples[1]' },
    });
  });

  test('bytes that are no block, or claim more than is there', () => {
    expect(decodeWaveform(Buffer.alloc(0))).toMatchObject({ failure: { code: 'WAVEFORM_MAGIC' } });
    expect(decodeWaveform(Buffer.from('FLW2aaaaaaaa'))).toMatchObject({ failure: { code: 'WAVEFORM_MAGIC' } });
    expect(decodeWaveform(block(base, twoCounts, 0xffff_ffff))).toMatchObject({ failure: { code: 'WAVEFORM_HEADER' } });
    expect(decodeWaveform(block('[1]', twoCounts))).toMatchObject({ failure: { code: 'WAVEFORM_HEADER' } });
    expect(decodeWaveform(block('{', twoCounts))).toMatchObject({ failure: { code: 'JSON_SYNTAX', field: 'header' } });
  });
});

test('every block of finite samples comes back as it was sent', () => {
  const int16 = fc.array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 1 }).map((counts) => ({
    encoding: 'int16',
    sent: counts.map((count) => count * 0.25),
    raw: Buffer.from(new Int16Array(counts).buffer),
    scale: 0.25,
  }));
  const float32 = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }).map((values) => ({
    encoding: 'float32',
    sent: values,
    raw: Buffer.from(new Float32Array(values).buffer),
    scale: 1,
  }));
  fc.assert(
    fc.property(fc.oneof(int16, float32), ({ encoding, sent, raw, scale }) => {
      const decoding = decodeWaveform(block({ ...base, encoding, scale, count: sent.length }, raw));
      if (!decoding.ok) throw new Error(decoding.failure.reason);
      const got = waveformSamples(decoding.waveform);
      return got.length === sent.length && sent.every((value, index) => value === got[index]);
    }),
  );
});

describe('every encoding in both byte orders', () => {
  const whole = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
  const encodings = {
    int16: { values: whole(16), bytes: 2, write: (b: Buffer, v: number, at: number) => b.writeInt16LE(v, at) },
    int24: { values: whole(24), bytes: 3, write: (b: Buffer, v: number, at: number) => b.writeIntLE(v, at, 3) },
    float32: {
      values: fc.float({ noNaN: true, noDefaultInfinity: true }),
      bytes: 4,
      write: (b: Buffer, v: number, at: number) => b.writeFloatLE(v, at),
    },
  } as const;

  test.each(['int16', 'int24', 'float32'] as const)('%s comes back exactly, little and big', (encoding) => {
    const { values, bytes, write } = encodings[encoding];
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 50 }), (sent) => {
        const little = Buffer.alloc(bytes * sent.length);
        for (const [index, value] of sent.entries()) write(little, value, bytes * index);
        const big = Buffer.from(little);
        for (let at = 0; at < big.length; at += bytes) big.subarray(at, at + bytes).reverse();
        const header = { ...base, encoding, scale: 1, count: sent.length };
        for (const message of [
          block({ ...header, byteOrder: 'little', sha256: hash('sha256', little) }, little),
          block({ ...header, byteOrder: 'big', sha256: hash('sha256', big) }, big),
        ]) {
          const decoding = decodeWaveform(message);
          if (!decoding.ok) throw new Error(decoding.failure.reason);
          expect([...waveformSamples(decoding.waveform)]).toEqual(sent);
        }
      }),
    );
  });

  test('known bytes: -2 and 8388607 as int24, and a NaN in big endian', () => {
    const header = { ...base, encoding: 'int24', scale: 0.5, byteOrder: 'big' };
    const decoding = decodeWaveform(block(header, Buffer.from('fffffe7fffff', 'hex')));
    expect(decoding).toMatchObject({ waveform: { encoding: 'float32', scale: 0.5 } });
    if (decoding.ok) expect([...waveformSamples(decoding.waveform)]).toEqual([-1, 4194303.5]);
    const floats = { ...base, encoding: 'float32', byteOrder: 'big' };
    expect(decodeWaveform(block(floats, Buffer.from('3f8000007fc00000', 'hex')))).toMatchObject({
      failure: { code: 'VALUE_NOT_FINITE', field: 'samples[1]' },
    });
  });
});

test('what never came is named', () => {
  const incomplete = { sha256: 'a'.repeat(64), parts: 12, part: 1, bytes: 8, missing: [3, 7] };
  expect(decodeWaveform(block({ ...base, block: incomplete }, twoCounts))).toMatchObject({
    failure: { code: 'WAVEFORM_INCOMPLETE', reason: expect.stringContaining('parts 3, 7 of 12 never came') },
  });
});

test('any bytes behind the magic are decoded or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      return typeof decodeWaveform(Buffer.concat([Buffer.from('FLW1'), bytes])).ok === 'boolean';
    }),
  );
});
