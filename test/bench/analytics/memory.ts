import { analyseBlock } from '../../../analytics/diagnosis/index.ts';
import type { BenchRow } from '../row.ts';
import { faultyBlocks } from './analyses.ts';
import { judge, point } from './judge.ts';

const WAVEFORMS = 100_000;
const POINTS = 40;
/** By then every point's memory is full and every hot function compiled. */
const SETTLED = 20_000;
const SIZE = 4096;

/** How far the process grows while a hundred thousand waveforms of two hundred points go through it. */
export function memoryFlat(): BenchRow {
  const blocks = faultyBlocks(SIZE, 16);
  const points = Array.from({ length: POINTS }, (_, i) => point(`bench/${i}`));
  let settled = 0;
  let peak = 0;
  const marks: string[] = [];
  for (let n = 0; n < WAVEFORMS; n++) {
    const block = blocks[n % blocks.length]!;
    judge(points[n % POINTS]!, block, analyseBlock(block, {}), n);
    if ((n + 1) % SETTLED !== 0) continue;
    globalThis.gc?.();
    const mib = process.memoryUsage().rss / 2 ** 20;
    if (settled === 0) settled = mib;
    peak = Math.max(peak, mib);
    marks.push(`${((n + 1) / 1000).toFixed(0)}k: ${mib.toFixed(0)} MiB`);
  }
  return {
    ...{ name: 'analysis-memory', value: peak, unit: 'MiB', better: 'lower', goal: settled + 48 },
    ...{ reference: `RSS after ${SETTLED} of ${WAVEFORMS} waveforms`, referenceValue: settled, ratio: settled / peak },
    breakdown: [`RSS at ${marks.join(', ')}; ${POINTS} points, ${SIZE} samples each`],
  };
}
