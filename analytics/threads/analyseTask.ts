import { analyseBlock } from '../diagnosis/analyse.ts';
import { spectralShape } from '../models/spectralShape.ts';
import type { BlockResult, BlockTask } from './messages.ts';

/** The numeric work on one block. Never throws: a block that cannot be analysed must not hold up the others. */
export function analyseTask(task: BlockTask): BlockResult {
  try {
    const analysis = analyseBlock(task.block, task.facts);
    return { analysis, shape: analysis.quality.usable ? spectralShape(analysis) : null };
  } catch (thrown) {
    return { failure: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

/** The memory of a result that may be moved to another thread instead of copied. */
export function buffersOf(results: readonly BlockResult[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const result of results) {
    if ('failure' in result) continue;
    for (const value of [result.shape, ...spectraOf(result.analysis)]) {
      if (value && value.byteLength > 0) buffers.add(value.buffer as ArrayBuffer);
    }
  }
  return [...buffers];
}

function spectraOf(analysis: object): Float32Array[] {
  return Object.values(analysis).flatMap((value) =>
    typeof value === 'object' && value !== null && 'values' in value && value.values instanceof Float32Array
      ? [value.values]
      : [],
  );
}
