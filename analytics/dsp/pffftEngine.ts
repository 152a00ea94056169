import { readFileSync } from 'node:fs';
import { dspErrors } from './errors.ts';
import type { FftEngine, FftPlan } from './fftPlan.ts';
import { type HeapFloats, kernelsOn } from './kernels.ts';

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
  for (const build of ['@echogarden/pffft-wasm/simd', '@echogarden/pffft-wasm'] as const) {
    try {
      const { default: load } = await (build === '@echogarden/pffft-wasm'
        ? import('@echogarden/pffft-wasm')
        : import('@echogarden/pffft-wasm/simd'));
      let memory: WebAssembly.Memory | undefined;
      const wasm: PffftModule = await load({
        instantiateWasm: (imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void) => {
          const instance = new WebAssembly.Instance(compile(build), imports);
          memory = Object.values(instance.exports).find((one) => one instanceof WebAssembly.Memory);
          receive(instance);
          return instance.exports;
        },
      });
      return engineOf(wasm, memory!);
    } catch {
      // A runtime without SIMD refuses the first build, one without WebAssembly both; the caller then has float64.
    }
  }
  return null;
}

/** The package keeps its memory to itself; instantiated by us, it can be shared with the kernels. */
function compile(build: string): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(new URL('pffft.wasm', import.meta.resolve(build))));
}

function engineOf(wasm: PffftModule, memory: WebAssembly.Memory): FftEngine {
  const scratch = sharedScratch(wasm);
  const simd = wasm._pffft_simd_size() > 1;
  return {
    name: simd ? 'pffft-simd' : 'pffft',
    real: (size) => planOf(wasm, scratch, size, REAL),
    complex: (size) => planOf(wasm, scratch, size, COMPLEX),
    supports,
    kernels: simd ? kernelsOn({ memory, allocate: (count) => heapFloats(wasm, count) }) : undefined,
  };
}

function heapFloats(wasm: PffftModule, count: number): HeapFloats {
  const pointer = wasm._pffft_aligned_malloc(4 * count);
  let heap = wasm.HEAPF32;
  let values = heap.subarray(pointer / 4, pointer / 4 + count);
  return {
    get values() {
      if (heap !== wasm.HEAPF32) {
        heap = wasm.HEAPF32;
        values = heap.subarray(pointer / 4, pointer / 4 + count);
      }
      return values;
    },
    free: () => wasm._pffft_aligned_free(pointer),
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
  const data = heapFloats(wasm, floats);
  const pointer = data.values.byteOffset;
  scratch(floats);
  const setup = wasm._pffft_new_setup(size, kind);
  return {
    size,
    get time() {
      return data.values;
    },
    get bins() {
      return data.values;
    },
    forward: () => wasm._pffft_transform_ordered(setup, pointer, pointer, scratch(floats), FORWARD),
    inverse: () => wasm._pffft_transform_ordered(setup, pointer, pointer, scratch(floats), BACKWARD),
    free: () => {
      data.free();
      wasm._pffft_destroy_setup(setup);
    },
  };
}
