import { Random } from './random.ts';

const TABLE_SIZE = 65_536;
const RUMBLE_CORNER_HZ = 700;
let table: Float32Array | undefined;

/** Normal deviates made once: drawing two for every sample would cost more than all the physics. */
function normalTable(): Float32Array {
  if (!table) {
    const random = new Random('noise table');
    table = Float32Array.from({ length: TABLE_SIZE }, () => random.normal());
  }
  return table;
}

/** Adds magnetic pull of an induction motor: twice the mains frequency. */
export function addLineHum(
  acceleration: Float64Array,
  peak: number,
  lineHz: number,
  samplingRateHz: number,
  random: Random,
): void {
  const step = (4 * Math.PI * lineHz) / samplingRateHz;
  const stepCosine = 2 * Math.cos(step);
  const phase = random.between(0, 2 * Math.PI);
  let previous = peak * Math.cos(phase - step);
  let current = peak * Math.cos(phase);
  for (let i = 0; i < acceleration.length; i++) {
    acceleration[i]! += current;
    const next = stepCosine * current - previous;
    previous = current;
    current = next;
  }
}

/**
 * Adds the hiss of metal on metal under a thin film, in the unit of `rms`: noise that rises with frequency (the difference
 * of neighbouring white samples), so that velocity hardly moves.
 */
export function addFriction(acceleration: Float64Array, rms: number, random: Random): void {
  const normals = normalTable();
  const mask = TABLE_SIZE - 1;
  const gain = rms * Math.SQRT1_2;
  let previous = random.normal();
  for (let start = 0; start < acceleration.length; start += TABLE_SIZE) {
    let at = random.uint32() & mask;
    const stride = random.uint32() | 1;
    const end = Math.min(acceleration.length, start + TABLE_SIZE);
    for (let i = start; i < end; i++) {
      const now = normals[at]!;
      acceleration[i]! += gain * (now - previous);
      previous = now;
      at = (at + stride) & mask;
    }
  }
}

/**
 * Adds white noise plus as much again of low-passed rumble, together of the wanted RMS.
 *
 * @remarks Walks the table with random starts and odd strides, drawn anew before any walk could come round.
 */
export function addNoise(acceleration: Float64Array, rms: number, samplingRateHz: number, random: Random): void {
  const normals = normalTable();
  const pole = Math.exp((-2 * Math.PI * RUMBLE_CORNER_HZ) / samplingRateHz);
  const white = rms * Math.SQRT1_2;
  const drive = white * Math.sqrt(1 - pole * pole);
  const mask = TABLE_SIZE - 1;
  let rumble = white * random.normal();
  for (let start = 0; start < acceleration.length; start += TABLE_SIZE) {
    let whiteAt = random.uint32() & mask;
    let driveAt = random.uint32() & mask;
    const whiteStride = random.uint32() | 1;
    const driveStride = random.uint32() | 1;
    const end = Math.min(acceleration.length, start + TABLE_SIZE);
    for (let i = start; i < end; i++) {
      rumble = pole * rumble + drive * normals[driveAt]!;
      acceleration[i]! += white * normals[whiteAt]! + rumble;
      whiteAt = (whiteAt + whiteStride) & mask;
      driveAt = (driveAt + driveStride) & mask;
    }
  }
}
