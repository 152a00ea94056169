import type { BitReader, BitWriter } from './bits.ts';

/** Residuals that share one parameter: a burst does not make the quiet before it dear. */
const GROUP = 128;
const PARAMETER_BITS = 5;
const MAX_PARAMETER = 27;
/** So many zeros announce a number that is written out instead. */
const ESCAPE_ZEROS = 20;
const HALF_BITS = 16;

/**
 * Writes residuals by Rice's code (Rice & Plaunt, IEEE Trans. Commun. 19, 1971), each group with the parameter that its
 * mean asks for: near the entropy of the Laplacian and Gaussian noise that prediction leaves of vibration.
 */
export function writeRice(residual: Int32Array, into: BitWriter): void {
  for (let start = 0; start < residual.length; start += GROUP) {
    const end = Math.min(start + GROUP, residual.length);
    let sum = 0;
    for (let i = start; i < end; i++) sum += folded(residual[i]!);
    const mean = sum / (end - start);
    const parameter = Math.min(MAX_PARAMETER, Math.max(0, Math.round(Math.log2(mean * Math.LN2 + 1e-9))));
    into.put(parameter, PARAMETER_BITS);
    for (let i = start; i < end; i++) writeOne(folded(residual[i]!), parameter, into);
  }
}

export function readRice(from: BitReader, into: Int32Array): void {
  for (let start = 0; start < into.length; start += GROUP) {
    const end = Math.min(start + GROUP, into.length);
    const parameter = from.take(PARAMETER_BITS);
    for (let i = start; i < end; i++) into[i] = unfolded(readOne(from, parameter));
  }
}

/** Signed to unsigned: 0, −1, 1, −2, 2… */
function folded(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function unfolded(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}

function writeOne(value: number, parameter: number, into: BitWriter): void {
  const quotient = parameter === 0 ? value : Math.floor(value / 2 ** parameter);
  if (quotient >= ESCAPE_ZEROS) {
    into.put(0, ESCAPE_ZEROS);
    into.put(value >>> HALF_BITS, HALF_BITS);
    into.put(value & 0xffff, HALF_BITS);
    return;
  }
  into.put(1, quotient + 1);
  if (parameter > HALF_BITS) {
    into.put((value >>> HALF_BITS) & (2 ** (parameter - HALF_BITS) - 1), parameter - HALF_BITS);
    into.put(value & 0xffff, HALF_BITS);
  } else if (parameter > 0) into.put(value & (2 ** parameter - 1), parameter);
}

function readOne(from: BitReader, parameter: number): number {
  const quotient = from.zeros(ESCAPE_ZEROS);
  if (quotient === ESCAPE_ZEROS) return from.take(HALF_BITS) * 65_536 + from.take(HALF_BITS);
  let low = 0;
  if (parameter > HALF_BITS) low = from.take(parameter - HALF_BITS) * 65_536 + from.take(HALF_BITS);
  else if (parameter > 0) low = from.take(parameter);
  return quotient * 2 ** parameter + low;
}
