import { analyseBlock } from '../diagnosis/analyse.ts';
import type { BlockAnalysis } from '../diagnosis/types.ts';
import { featureRow } from '../models/features/featureRow.ts';
import type { BlockResult, BlockTask } from './messages.ts';

/** The numeric work on one block. Never throws: a block that cannot be analysed must not hold up the others. */
export function analyseTask(task: BlockTask): BlockResult {
  try {
    const analysis = analyseBlock(task.block, task.facts);
    return { analysis, rows: analysis.quality.usable ? rowsOf(task, analysis) : {} };
  } catch (thrown) {
    return { failure: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function rowsOf({ block, facts, definitions }: BlockTask, analysis: BlockAnalysis): Record<string, Float32Array> {
  const rows: Record<string, Float32Array> = {};
  for (const definition of definitions) {
    const row = featureRow(definition, { samples: block.samples, analysis, facts });
    if (row) rows[definition] = row;
  }
  return rows;
}

/** The memory of a result that may be moved to another thread instead of copied. */
export function buffersOf(results: readonly BlockResult[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const result of results) {
    if ('failure' in result) continue;
    for (const value of [...Object.values(result.rows), ...spectraOf(result.analysis)]) {
      if (value.byteLength > 0) buffers.add(value.buffer as ArrayBuffer);
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
