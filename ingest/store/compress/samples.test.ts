import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BitReader, BitWriter } from './bits.ts';
import { packSamples, unpackSamples } from './samples.ts';

const bytesOf = (samples: Int16Array | Float32Array) => new Uint8Array(samples.buffer);
const roundTrip = async (samples: Int16Array | Float32Array) => {
  const encoding = samples instanceof Int16Array ? 'int16' : 'float32';
  const raw = bytesOf(samples);
  const packed = await packSamples(raw, encoding);
  const back = await unpackSamples(packed, encoding, samples.length);
  expect(Buffer.from(back).equals(raw)).toBe(true);
  return { ...packed, ratio: raw.length / packed.bytes.length };
};
/** A tone in noise, as a bearing sounds; seeded. */
const machine = (count: number, amplitude: number, noise: number) => {
  let state = 42;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x7fff_ffff - 0.5;
  };
  return Array.from({ length: count }, (_, i) =>
    Math.round(amplitude * Math.sin(i / 9) + noise * (random() + random())),
  );
};

describe('bits', () => {
  test('what is written is read, whatever the widths', () => {
    const widths = fc.array(
      fc.integer({ min: 1, max: 24 }).chain((bits) => fc.tuple(fc.constant(bits), fc.nat(2 ** bits - 1))),
    );
    fc.assert(
      fc.property(widths, (numbers) => {
        const writer = new BitWriter(1);
        for (const [bits, value] of numbers) writer.put(value, bits);
        const reader = new BitReader(writer.finish());
        for (const [bits, value] of numbers) expect(reader.take(bits)).toBe(value);
        expect(reader.overrun).toBe(false);
      }),
    );
  });

  test('zeros are counted up to the bound, and no further', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 50 }), (runs) => {
        const writer = new BitWriter(1);
        for (const zeros of runs) {
          if (zeros === 20) writer.put(0, 20);
          else writer.put(1, zeros + 1);
          writer.put(0b101, 3);
        }
        const reader = new BitReader(writer.finish());
        for (const zeros of runs) {
          expect(reader.zeros(20)).toBe(zeros);
          expect(reader.take(3)).toBe(0b101);
        }
      }),
    );
  });
});

describe('samples come back exactly', () => {
  test('int16 of any values and lengths', async () => {
    await fc.assert(
      fc.asyncProperty(fc.int16Array({ maxLength: 9_000 }), async (samples) => void (await roundTrip(samples))),
      { numRuns: 60 },
    );
  });

  test('float32 of any values, infinities and NaN too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.float32Array({ maxLength: 3_000 }), async (samples) => void (await roundTrip(samples))),
      { numRuns: 60 },
    );
  });

  test('the hardest: extremes side by side, silence, a step, negative zero, 24-bit counts', async () => {
    await roundTrip(Int16Array.from({ length: 10_000 }, (_, i) => (i % 2 ? 32_767 : -32_768)));
    expect((await roundTrip(new Int16Array(10_000))).ratio).toBeGreaterThan(10);
    await roundTrip(Int16Array.from({ length: 8_193 }, (_, i) => (i < 4_000 ? 0 : 30_000)));
    expect((await roundTrip(Float32Array.of(0, -0, 1))).packing).not.toBe('lpc-rice');
    const counts = Float32Array.from(machine(20_000, 4_000_000, 50_000));
    expect(await roundTrip(counts)).toMatchObject({ packing: 'lpc-rice' });
    await roundTrip(Float32Array.from({ length: 5_000 }, (_, i) => (i % 2 ? 2 ** 23 : -(2 ** 23))));
  });

  test('what cannot be made smaller stays as it is', async () => {
    let state = 1;
    const noise = Int16Array.from({ length: 5_000 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      return state >> 16;
    });
    expect((await roundTrip(noise)).packing).toBe('plain');
  });
});

test('a machine’s vibration becomes smaller by what is predictable in it', async () => {
  expect((await roundTrip(Int16Array.from(machine(50_000, 8_000, 60)))).ratio).toBeGreaterThan(1.5);
});

test('bytes that are not what was packed are refused, never believed', async () => {
  const { bytes, packing } = await packSamples(bytesOf(Int16Array.from(machine(6_000, 9_000, 100))), 'int16');
  await expect(unpackSamples({ packing, bytes: bytes.subarray(0, 500) }, 'int16', 6_000)).rejects.toThrow(RangeError);
  await expect(unpackSamples({ packing: 'plain', bytes }, 'int16', 6_000)).rejects.toThrow(/instead of 12000/);
  const bomb = await packSamples(bytesOf(new Float32Array(100_000).fill(0.1)), 'float32');
  expect(bomb.packing).toBe('zstd');
  await expect(unpackSamples(bomb, 'float32', 10)).rejects.toThrow();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (junk) => {
      await unpackSamples({ packing: 'lpc-rice', bytes: junk }, 'int16', 5_000).catch((error) =>
        expect(error).toBeInstanceOf(RangeError),
      );
    }),
  );
});
