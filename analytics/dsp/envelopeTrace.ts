import type { Samples } from './fftPlan.ts';

/** Bits of a float kept: four of the mantissa, so that a byte is true to 3 %, far below the noise of an envelope. */
const SHIFT = 19;
const STEPS = 16;
/** Powers of two below the mean at which a byte is 0; a blow is clipped as many above. */
const OCTAVES = 8;
const BASE = (127 - OCTAVES) * STEPS;

/** The byte that stands for the mean: what is put where nothing is known. */
export const TRACE_MEAN = OCTAVES * STEPS;

/** Squared envelope of each byte, 1 at its mean. */
export const TRACE_POWERS: Float64Array = Float64Array.from(
  { length: 256 },
  (_, byte) => (1 + ((byte % STEPS) + 0.5) / STEPS) * 2 ** (Math.floor(byte / STEPS) - OCTAVES),
);

/** Share of a block at either end whose envelope is not its own. */
const EDGE_SHARE = 1 / 128;

/**
 * Packs a squared envelope into bytes: the leading bits of each float over the mean. Logarithmic, since most of its values
 * lie near the mean and a few far above.
 *
 * The ends are given the mean. A transform joins a block's last sample to its first; whitened, that step is a blow as
 * sharp as any defect's, and in a row of blocks it would come back with each.
 *
 * @param interleaved the envelope in its even places
 * @param out         as many neighbours are averaged into each byte as the lengths ask for
 * @remarks O(interleaved). Silence becomes zeros between the ends.
 */
export function packTrace(interleaved: Samples, out: Uint8Array): void {
  const stride = 2 * Math.floor(interleaved.length / 2 / out.length);
  const edge = Math.ceil(out.length * EDGE_SHARE);
  const count = out.length - 2 * edge;
  if (sums.length < count) {
    sums = new Float32Array(count);
    words = new Int32Array(sums.buffer);
  }
  let total = 0;
  for (let o = 0, i = stride * edge; o < count; o++) {
    let sum = interleaved[i]! + (stride > 2 ? interleaved[i + 2]! : 0);
    for (let k = 4; k < stride; k += 2) sum += interleaved[i + k]!;
    sums[o] = sum;
    total += sum;
    i += stride;
  }
  const gain = total > 0 ? count / total : 0;
  for (let o = 0; o < count; o++) {
    sums[o]! *= gain;
    const byte = (words[o]! >> SHIFT) - BASE;
    out[edge + o] = byte < 0 ? 0 : byte > 255 ? 255 : byte;
  }
  out.fill(TRACE_MEAN, 0, edge);
  out.fill(TRACE_MEAN, out.length - edge);
}

/** Work space; grows to the longest trace. */
let sums = new Float32Array(0);
let words = new Int32Array(sums.buffer);
