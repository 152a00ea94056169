import type { Suite } from './suite.ts';

/** Every suite by its name, in the order of the table; each is loaded only when it runs. */
export const SUITES: Readonly<Record<string, () => Promise<{ suite: Suite }>>> = {
  cwru: () => import('./cwru/suite.ts'),
  'cwru-ml': () => import('./cwru-ml/suite.ts'),
  mfpt: () => import('./mfpt/suite.ts'),
  femto: () => import('./femto/suite.ts'),
  ims: () => import('./ims/suite.ts'),
  skab: () => import('./skab/suite.ts'),
  nab: () => import('./nab/suite.ts'),
  cmapss: () => import('./cmapss/suite.ts'),
  fft: () => import('./fft/suite.ts'),
  onnx: () => import('./onnx/suite.ts'),
};
