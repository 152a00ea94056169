import type { BenchRow } from '../row.ts';
import { analyses } from './analyses.ts';
import { memoryFlat } from './memory.ts';
import { onnxBatchGain } from './onnx.ts';
import { transform } from './transform.ts';

/** Full analyses of three block sizes, the transform and the model beneath them, and memory over a long run. */
export async function bench(): Promise<BenchRow[]> {
  return [
    await analyses(4096),
    await analyses(16_384),
    await analyses(65_536),
    ...(await transform()),
    await onnxBatchGain(),
    memoryFlat(),
  ];
}
