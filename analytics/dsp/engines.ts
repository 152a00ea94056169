import type { FftEngine } from './fftPlan.ts';
import { float64Engine } from './float64Engine.ts';
import { loadPffft } from './pffftEngine.ts';

const pffft = await loadPffft();

/**
 * The fastest engine of this runtime, chosen once at load: float32 WASM when it instantiates, else float64. Sizes that
 * pffft cannot factor fall to the float64 engine one by one.
 */
export const fastEngine: FftEngine =
  pffft === null
    ? float64Engine
    : {
        name: pffft.name,
        real: (size) => (pffft.supports('real', size) ? pffft : float64Engine).real(size),
        complex: (size) => (pffft.supports('complex', size) ? pffft : float64Engine).complex(size),
        kernels: pffft.kernels,
        supports: (kind, size) => pffft.supports(kind, size) || float64Engine.supports(kind, size),
      };
