import { dspErrors } from './errors.ts';
import type { FftEngine, FftPlan } from './fftPlan.ts';

/** What the emscripten build exports, as far as it is used here. */
interface PffftModule {
  /** Replaced whenever the memory grows. */
  HEAPF32: Float32Array;
  _pffft_aligned_malloc(bytes: number): number;
  _pffft_aligned_free(pointer: number): void;
  _pffft_destroy_setup(setup: number): void;
  _pffft_new_setup(size: number, kind: number): number;
  _pffft_transform_ordered(setup: number, input: number, output: number, work: number, direction: number): void;
  _pffft_simd_size(): number;
}

const REAL = 0;
const COMPLEX = 1;
const FORWARD = 0;
const BACKWARD = 1;

/**
 * Loads the float32 WASM engine, with SIMD where the runtime has it.
 *
 * @returns the engine, or null when this runtime cannot instantiate WebAssembly
 * @remarks Error below 1e-5 of the largest bin. Making a plan costs far more than using it: keep it.
 */
export async function loadPffft(): Promise<FftEngine | null> {
  for (const load of [() => import('@echogarden/pffft-wasm/simd'), () => import('@echogarden/pffft-wasm')]) {
    try {
      const module: PffftModule = await (await load()).default();
      return engineOf(module);
    } catch {
      // A runtime without SIMD refuses the first build, one without WebAssembly both; the caller then has float64.
    }
  }
  return null;
}

function engineOf(wasm: PffftModule): FftEngine {
  const scratch = sharedScratch(wasm);
  return {
    name: wasm._pffft_simd_size() > 1 ? 'pffft-simd' : 'pffft',
    real: (size) => planOf(wasm, scratch, size, REAL),
    complex: (size) => planOf(wasm, scratch, size, COMPLEX),
    supports,
  };
}

/** One work area for all plans, as large as the largest needs: it holds nothing between transforms. */
function sharedScratch(wasm: PffftModule): (floats: number) => number {
  let pointer = 0;
  let held = 0;
  return (floats) => {
    if (floats > held) {
      if (pointer !== 0) wasm._pffft_aligned_free(pointer);
      pointer = wasm._pffft_aligned_malloc(4 * floats);
      held = floats;
    }
    return pointer;
  };
}

/** pffft factors 2^a·3^b·5^c, a >= 5 (real) or a >= 4 (complex), for the SIMD width of four. */
function supports(kind: 'real' | 'complex', size: number): boolean {
  const unit = kind === 'real' ? 32 : 16;
  if (!Number.isInteger(size) || size < unit || size % unit !== 0) return false;
  let rest = size;
  for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
  return rest === 1;
}

/** Transforms in place, so that the buffers of a whole analysis stay within the second-level cache. */
function planOf(wasm: PffftModule, scratch: (floats: number) => number, size: number, kind: 0 | 1): FftPlan {
  if (!supports(kind === REAL ? 'real' : 'complex', size)) {
    throw dspErrors.DSP_LENGTH({ what: 'The fast transform', got: size, want: 'a product 2^a·3^b·5^c, a at least 5' });
  }
  const floats = kind === REAL ? size : 2 * size;
  const pointer = wasm._pffft_aligned_malloc(4 * floats);
  scratch(floats);
  const setup = wasm._pffft_new_setup(size, kind);
  let heap = wasm.HEAPF32;
  let data = heap.subarray(pointer / 4, pointer / 4 + floats);
  const current = () => {
    if (heap !== wasm.HEAPF32) {
      heap = wasm.HEAPF32;
      data = heap.subarray(pointer / 4, pointer / 4 + floats);
    }
    return data;
  };
  return {
    size,
    get time() {
      return current();
    },
    get bins() {
      return current();
    },
    forward: () => wasm._pffft_transform_ordered(setup, pointer, pointer, scratch(floats), FORWARD),
    inverse: () => wasm._pffft_transform_ordered(setup, pointer, pointer, scratch(floats), BACKWARD),
    free: () => {
      wasm._pffft_aligned_free(pointer);
      wasm._pffft_destroy_setup(setup);
    },
  };
}
