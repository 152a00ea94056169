import type { Spectrum } from './types.ts';

/** Band whose noise tells of metal on metal: above what shafts and gears excite, below the sensor's own filter. */
const BAND = { lowHz: 2000, ofRate: 0.4, leastWidthHz: 800 } as const;
/** Blocks over which the quick and the slow mean look back. */
const LOOKS = { quick: 3, slow: 12 } as const;
/** Share of a jump that is remembered from block to block: half of it after 700. */
const JUMP_KEPT = 0.999;

/** Course of a point's high-frequency noise: natural logarithms of mm/s² per √Hz. */
export interface FloorCourse {
  readonly quick: number;
  readonly slow: number;
  /** The largest distance between quick and slow so far: half of a rise that came at once, little of one that took days. */
  readonly jump: number;
}

/**
 * Median noise density in 2 kHz … 0.4 of the sampling rate. The median of many bins is moved by no line.
 *
 * @returns mm/s² per √Hz, or null where the block does not reach so high
 */
export function highFloor(psd: Spectrum, samplingRateHz: number, toMmS2: number): number | null {
  const highHz = BAND.ofRate * samplingRateHz;
  if (highHz - BAND.lowHz < BAND.leastWidthHz) return null;
  const bins = psd.values.slice(Math.ceil(BAND.lowHz / psd.step), Math.floor(highHz / psd.step) + 1).sort();
  const median = bins[bins.length >> 1]!;
  return median > 0 ? toMmS2 * Math.sqrt(median) : null;
}

/** The course with one more block; a block without a value leaves it as it is. */
export function extendFloor(past: FloorCourse | null, floor: number | null): FloorCourse | null {
  if (floor === null) return past;
  const now = Math.log(floor);
  if (past === null) return { quick: now, slow: now, jump: 0 };
  const quick = past.quick + (now - past.quick) / LOOKS.quick;
  const slow = past.slow + (now - past.slow) / LOOKS.slow;
  return { quick, slow, jump: Math.max(JUMP_KEPT * past.jump, Math.abs(quick - slow)) };
}
