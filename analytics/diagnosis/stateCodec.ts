import type { EnvelopeRun } from './envelopeRun.ts';
import { diagnosisErrors } from './errors.ts';
import type { DiagnosisState } from './state.ts';

/** Everything but the two spectra and the run's samples, as JSON. */
type Head = Omit<DiagnosisState, 'whitened' | 'levelled' | 'run'> & {
  readonly cells: number;
  readonly run: (Omit<EnvelopeRun, 'packed'> & { readonly length: number }) | null;
};

/**
 * Packs a state for storage: u32 length of the head (little endian), the head as JSON, then both spectra as float16,
 * then the bytes of the run.
 * Half precision is one part in 2000, far below what averages of noise mean; it halves what each batch commits.
 *
 * @returns about 8.5 kB, and up to 16 kB for a run
 */
export function encodeState(state: DiagnosisState): Uint8Array {
  const { whitened, levelled, run, ...rest } = state;
  const { packed, ...ofRun } = run ?? { packed: new Uint8Array(0) };
  const head: Head = {
    ...rest,
    cells: whitened.length,
    run: run === null ? null : { ...(ofRun as Omit<EnvelopeRun, 'packed'>), length: packed.length },
  };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(4 + text.length + 4 * whitened.length + packed.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  const halves = new Uint8Array(new Float16Array([...whitened, ...levelled].map(clampToHalf)).buffer);
  bytes.set(halves, 4 + text.length);
  bytes.set(packed, 4 + text.length + halves.length);
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
    const { cells, run, ...rest } = head;
    const end = 4 + length + 4 * cells;
    if (rest.version !== 1 || bytes.length !== end + (run?.length ?? 0))
      throw new RangeError('another version or length');
    // A copy, because float16 views need an even offset.
    const halves = new Float16Array(bytes.slice(4 + length, end).buffer);
    return {
      ...rest,
      whitened: Float32Array.from(halves.subarray(0, cells)),
      levelled: Float32Array.from(halves.subarray(cells)),
      run: run === null ? null : runOf(run, bytes.slice(end)),
    };
  } catch (cause) {
    throw diagnosisErrors.DIAGNOSIS_STATE_UNREADABLE({}, { cause });
  }
}

/** Powers over the floor are capped at 1000, so only a corrupt state could overflow float16's 65 504. */
function clampToHalf(value: number): number {
  return Math.min(65_000, value);
}

function runOf({ length: _, ...run }: NonNullable<Head['run']>, packed: Uint8Array): EnvelopeRun {
  return { ...run, packed };
}
