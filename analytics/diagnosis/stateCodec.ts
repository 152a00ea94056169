import { diagnosisErrors } from './errors.ts';
import type { DiagnosisState } from './state.ts';

/** Everything but the two spectra, as JSON. */
type Head = Omit<DiagnosisState, 'whitened' | 'levelled'> & { readonly cells: number };

/**
 * Packs a state for storage: u32 length of the head (little endian), the head as JSON, then both spectra as float16.
 * Half precision is one part in 2000, far below what averages of noise mean; it halves what each batch commits.
 *
 * @returns about 8.5 kB
 */
export function encodeState(state: DiagnosisState): Uint8Array {
  const { whitened, levelled, ...rest } = state;
  const head: Head = { ...rest, cells: whitened.length };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(4 + text.length + 4 * whitened.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  const halves = new Uint8Array(new Float16Array([...whitened, ...levelled].map(clampToHalf)).buffer);
  bytes.set(halves, 4 + text.length);
  return bytes;
}

/**
 * Unpacks what `encodeState` packed.
 * @throws {FaultlineError} DIAGNOSIS_STATE_UNREADABLE for bytes of another form or version; start from `emptyState()`
 */
export function decodeState(bytes: Uint8Array): DiagnosisState {
  try {
    const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as Head;
    const { cells, ...rest } = head;
    if (rest.version !== 1 || bytes.length !== 4 + length + 4 * cells)
      throw new RangeError('another version or length');
    // A copy, because float16 views need an even offset.
    const halves = new Float16Array(bytes.slice(4 + length).buffer);
    return {
      ...rest,
      whitened: Float32Array.from(halves.subarray(0, cells)),
      levelled: Float32Array.from(halves.subarray(cells)),
    };
  } catch (cause) {
    throw diagnosisErrors.DIAGNOSIS_STATE_UNREADABLE({}, { cause });
  }
}

/** Powers over the floor are capped at 1000, so only a corrupt state could overflow float16's 65 504. */
function clampToHalf(value: number): number {
  return Math.min(65_000, value);
}
