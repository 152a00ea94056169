import { fastEngine } from '../../../analytics/dsp/index.ts';
import { bestRate } from '../../../analytics/evaluate/fft/bestRate.ts';
import { nativeRate } from '../../../analytics/evaluate/fft/nativeRate.ts';
import type { BenchRow } from '../row.ts';
import { faultyBlocks } from './analyses.ts';

const SIZE = 4096;

/** The transform of 4,096 points beside a native library's. */
export async function transform(): Promise<BenchRow[]> {
  const plan = fastEngine.real(SIZE);
  const { samples } = faultyBlocks(SIZE, 1)[0]!;
  const forward = () => {
    plan.time.set(samples);
    plan.forward();
  };
  const before = bestRate(forward);
  const native = await nativeRate();
  const value = Math.max(before, bestRate(forward));
  plan.free();
  if (native === null) return []; // nothing to compare with on this machine
  return [
    {
      ...{ name: 'fft-4096', value, unit: 'transforms/s', better: 'higher', goal: 0.6 * native.perSecond },
      ...{ reference: native.library, referenceValue: native.perSecond, ratio: value / native.perSecond },
    },
  ];
}
