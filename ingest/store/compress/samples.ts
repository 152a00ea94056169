import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { BitReader, BitWriter } from './bits.ts';
import { ORDER, predictorOf, residualOf, restored } from './prediction.ts';
import { readRice, writeRice } from './rice.ts';

/**
 * How a block's samples are packed:
 * - `plain`: as they came, because nothing makes them smaller;
 * - `lpc-rice`: integers, predicted and written by Rice's code (see `prediction.ts`, `rice.ts`);
 * - `zstd`: floats of any value.
 */
export const PACKINGS = ['plain', 'lpc-rice', 'zstd'] as const;
export type Packing = (typeof PACKINGS)[number];

export interface PackedSamples {
  packing: Packing;
  bytes: Uint8Array;
}

/** Samples predicted together: long enough for a predictor to pay, short enough to follow a change of load. */
const FRAME = 4096;
/** Frames worked on before others get their turn: some 10 ms. */
const FRAMES_AT_A_STRETCH = 32;
/** Says whether a predictor follows. */
const FLAG_BITS = 1;
/** Floats up to here are exact integers, such as the counts of a 24-bit converter. */
const EXACT_FLOAT = 2 ** 23;
const ZSTD_LEVEL = 3;
const compressZstd = promisify(zstdCompress);
const decompressZstd = promisify(zstdDecompress);

type Encoding = 'int16' | 'float32';
const BYTES: Readonly<Record<Encoding, number>> = { int16: 2, float32: 4 };

/**
 * Packs samples without loss. Complexity: linear, about 17 multiplications a sample.
 *
 * @param raw little endian
 */
export async function packSamples(raw: Uint8Array, encoding: Encoding): Promise<PackedSamples> {
  const integers = integersOf(raw, encoding);
  const packed = integers
    ? { packing: 'lpc-rice' as const, bytes: await packIntegers(integers) }
    : {
        packing: 'zstd' as const,
        bytes: await compressZstd(raw, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } }),
      };
  return packed.bytes.length < raw.length ? packed : { packing: 'plain', bytes: raw };
}

/**
 * The samples again.
 *
 * @param sampleCount as the block's header says; never more is made than that
 * @throws {RangeError} when the bytes are not what was packed
 */
export async function unpackSamples(
  packed: PackedSamples,
  encoding: Encoding,
  sampleCount: number,
): Promise<Uint8Array> {
  const rawBytes = sampleCount * BYTES[encoding];
  const raw =
    packed.packing === 'plain'
      ? packed.bytes
      : packed.packing === 'zstd'
        ? await decompressZstd(packed.bytes, { maxOutputLength: rawBytes })
        : bytesOf(await unpackIntegers(packed.bytes, sampleCount), encoding);
  if (raw.length !== rawBytes) throw new RangeError(`${raw.length} bytes of samples instead of ${rawBytes}`);
  return raw;
}

/** The samples as integers, or null when they are none. */
function integersOf(raw: Uint8Array, encoding: Encoding): Float64Array | null {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const integers = new Float64Array(raw.length / BYTES[encoding]);
  if (encoding === 'int16') for (let i = 0; i < integers.length; i++) integers[i] = view.getInt16(2 * i, true);
  else
    for (let i = 0; i < integers.length; i++) {
      const value = view.getFloat32(4 * i, true);
      if (!Number.isInteger(value) || Math.abs(value) > EXACT_FLOAT || Object.is(value, -0)) return null;
      integers[i] = value;
    }
  return integers;
}

function bytesOf(integers: Float64Array, encoding: Encoding): Uint8Array {
  const raw = new Uint8Array(integers.length * BYTES[encoding]);
  const view = new DataView(raw.buffer);
  if (encoding === 'int16') for (let i = 0; i < integers.length; i++) view.setInt16(2 * i, integers[i]!, true);
  else for (let i = 0; i < integers.length; i++) view.setFloat32(4 * i, integers[i]!, true);
  return raw;
}

async function packIntegers(samples: Float64Array): Promise<Uint8Array> {
  const writer = new BitWriter(samples.length * 2);
  const scratch = new Int32Array(FRAME);
  for (let start = 0, frame = 1; start < samples.length; start += FRAME, frame++) {
    const stretch = samples.subarray(start, start + FRAME);
    const residual = scratch.subarray(0, stretch.length);
    const coefficients = predictorOf(stretch);
    if (coefficients.length > 0) residualOf(stretch, coefficients, residual);
    if (coefficients.length > 0 && magnitude(residual) < magnitude(stretch)) {
      writer.put(1, FLAG_BITS);
      for (const coefficient of coefficients) writer.put(coefficient & 0xffff, 16);
    } else {
      writer.put(0, FLAG_BITS);
      residual.set(stretch);
    }
    writeRice(residual, writer);
    if (frame % FRAMES_AT_A_STRETCH === 0) await setImmediate();
  }
  return writer.finish();
}

async function unpackIntegers(bytes: Uint8Array, sampleCount: number): Promise<Float64Array> {
  const reader = new BitReader(bytes);
  const samples = new Float64Array(sampleCount);
  const scratch = new Int32Array(FRAME);
  for (let start = 0, frame = 1; start < sampleCount; start += FRAME, frame++) {
    const stretch = samples.subarray(start, start + FRAME);
    const residual = scratch.subarray(0, stretch.length);
    const predicted = reader.take(FLAG_BITS) === 1;
    if (predicted && stretch.length <= ORDER) throw new RangeError('a predictor for too few samples');
    const coefficients = Int16Array.from({ length: predicted ? ORDER : 0 }, () => reader.take(16));
    readRice(reader, residual);
    if (predicted) restored(residual, coefficients, stretch);
    else stretch.set(residual);
    if (reader.overrun) throw new RangeError('the packed samples end too early');
    if (frame % FRAMES_AT_A_STRETCH === 0) await setImmediate();
  }
  return samples;
}

function magnitude(values: Int32Array | Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]!);
  return sum;
}
