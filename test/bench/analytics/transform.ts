import { TIMED_SIZE, transformRates } from '../../../analytics/evaluate/fft/transformRates.ts';
import type { BenchRow } from '../row.ts';

/** The transform beside a native library's. */
export async function transform(): Promise<BenchRow[]> {
  const { fast: value, native } = await transformRates();
  if (native === null) return []; // nothing to compare with on this machine
  return [
    {
      ...{ name: `fft-${TIMED_SIZE}`, value, unit: 'transforms/s', better: 'higher', goal: 0.6 * native.perSecond },
      ...{ reference: native.library, referenceValue: native.perSecond, ratio: value / native.perSecond },
    },
  ];
}
