import { expect, test } from 'vitest';
import golden from '../../dsp/golden/golden.generated.json' with { type: 'json' };
import { exactDft } from './exactDft.ts';

test('the yardstick agrees with numpy', () => {
  for (const { x, bins } of golden.fft) {
    const exact = exactDft(Float64Array.from(x));
    for (const [i, value] of bins.entries()) expect(exact[i]).toBeCloseTo(value, 11);
  }
});
