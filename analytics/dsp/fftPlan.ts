import type { Kernels } from './kernels.ts';

export type Samples = Float32Array | Float64Array;

/**
 * One transform of one size with its buffers. Write `time`, call `forward`, read `bins`; or the other way round.
 *
 * Layout of `bins`: interleaved real and imaginary parts. A real transform of even size n packs n/2 pairs, the first
 * being (X[0], X[n/2]), both of which are real. A complex transform holds n pairs, and `time` is interleaved too.
 * Neither direction scales: inverse(forward(x)) = n·x. `time` and `bins` may be the same memory: `forward` destroys `time`,
 * `inverse` destroys `bins`.
 *
 * The buffers can move when another plan is made, so read the properties anew for every block and keep no alias.
 */
export interface FftPlan {
  readonly size: number;
  readonly time: Samples;
  readonly bins: Samples;
  forward(): void;
  inverse(): void;
  /** Gives the memory back; the plan must not be used afterwards. */
  free(): void;
}

/** Maker of plans; plans of one engine share nothing but memory and belong to one thread. */
export interface FftEngine {
  readonly name: 'pffft-simd' | 'pffft' | 'float64';
  /** @param size even, at least 2; the float64 engine takes any even size, pffft 2^a·3^b·5^c with a >= 5 */
  real(size: number): FftPlan;
  complex(size: number): FftPlan;
  /** Whether this engine itself can transform the size. */
  supports(kind: 'real' | 'complex', size: number): boolean;
  /** Loops on this engine's memory, where it has such; they then hold the buffers of its plans. */
  readonly kernels?: Kernels | undefined;
}
