import { KERNELS } from './kernelText.ts';
import { assembleWasm } from './wasmText.ts';

/** An array in the memory of an engine. It may move when memory grows: read `values` anew for every block. */
export interface HeapFloats {
  readonly values: Float32Array;
  free(): void;
}

/** Loops over arrays in an engine's own memory, four values at a time. Every array must be held there. */
export interface Kernels {
  holds(values: Float32Array | Float64Array): values is Float32Array;
  allocate(count: number): HeapFloats;
  /** x ← (x − its mean)·weights; a multiple of 8 values. */
  window(x: Float32Array, weights: Float32Array): void;
  /** power[k] += |bins[k]|², bins interleaved; a multiple of 4 bins. */
  addPower(bins: Float32Array, power: Float32Array): void;
  /** out ← bins/|bins|, groups ← power of each 8 bins; silent bins stay silent. A multiple of 8 bins. */
  whiten(bins: Float32Array, out: Float32Array, groups: Float32Array): void;
  /** out ← bins·gains, one gain for each 8 bins; a multiple of 32 bins. */
  level(bins: Float32Array, out: Float32Array, gains: Float32Array): void;
  /** out[i] ← |z[2i]|² + |z[2i + 1]|², z interleaved; a multiple of 8 points. */
  fold(z: Float32Array, out: Float32Array): void;
  /** out ← a[0], b[0], a[1], b[1] …; a multiple of 4 values. */
  interleave(a: Float32Array, b: Float32Array, out: Float32Array): void;
}

/** What the kernels need of the engine whose memory they work on. */
export interface EngineHeap {
  readonly memory: WebAssembly.Memory;
  allocate(count: number): HeapFloats;
}

type Loop = (...addresses: number[]) => void;

/** Assembles the kernels for one engine's memory. Some milliseconds, once a thread. */
export function kernelsOn({ memory, allocate }: EngineHeap): Kernels {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assembleWasm(KERNELS)), { env: { memory } });
  const loop = (name: string) => exports[name] as Loop;
  const [window, addPower, whiten] = [loop('window'), loop('addPower'), loop('whiten')];
  const [level, fold, interleave] = [loop('level'), loop('fold'), loop('interleave')];
  const end = (values: Float32Array) => values.byteOffset + values.byteLength;
  return {
    holds: (values): values is Float32Array => values.buffer === memory.buffer,
    allocate,
    window: (x, weights) => window(x.byteOffset, weights.byteOffset, end(x), x.length),
    addPower: (bins, power) => addPower(bins.byteOffset, power.byteOffset, end(bins)),
    whiten: (bins, out, groups) => whiten(bins.byteOffset, out.byteOffset, groups.byteOffset, end(bins)),
    level: (bins, out, gains) => level(bins.byteOffset, out.byteOffset, gains.byteOffset, end(bins)),
    fold: (z, out) => fold(z.byteOffset, out.byteOffset, end(z)),
    interleave: (a, b, out) => interleave(a.byteOffset, b.byteOffset, out.byteOffset, end(a)),
  };
}
