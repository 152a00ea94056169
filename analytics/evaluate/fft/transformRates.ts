import { z } from 'zod';
import { type FftEngine, fastEngine, float64Engine } from '../../dsp/index.ts';
import { pythonAnswer } from '../pythonAnswer.ts';
import { bestRate } from './bestRate.ts';
import { waveform } from './waveform.ts';

/** Points of the transforms that are timed. */
export const TIMED_SIZE = 4096;

const nativeAnswer = z.object({ perSecond: z.number().positive(), library: z.string() });

/** Real transforms of 4,096 points a second, all in the same minute. */
export interface TransformRates {
  readonly fast: number;
  readonly float64: number;
  /** A native library's; null where there is none. */
  readonly native: z.infer<typeof nativeAnswer> | null;
}

/** Times the engines, and a native library beside them, on this machine and now. */
export async function transformRates(): Promise<TransformRates> {
  const fast = forward(fastEngine);
  const float64 = bestRate(forward(float64Engine));
  const before = bestRate(fast);
  const native = await pythonAnswer(new URL('native.py', import.meta.url), [], nativeAnswer);
  // On both sides of the other process, should the machine be disturbed.
  return { fast: Math.max(before, bestRate(fast)), float64, native };
}

function forward(engine: FftEngine): () => void {
  const plan = engine.real(TIMED_SIZE);
  plan.time.set(waveform(TIMED_SIZE));
  const x = plan.time.slice(); // in the engine's own precision
  return () => {
    plan.time.set(x);
    plan.forward();
  };
}
