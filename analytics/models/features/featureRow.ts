import type { BlockAnalysis, DiagnosisFacts } from '../../diagnosis/types.ts';
import { BEARING_COMBS, bearingCombs } from './bearingCombs.ts';
import { SPECTRAL_SHAPE, spectralShape } from './spectralShape.ts';

/** What a row is made of: the block, what was found in it, and its machine. */
export interface RowSource {
  readonly samples: Float32Array;
  readonly analysis: BlockAnalysis;
  readonly facts: DiagnosisFacts;
}

/** One row of a definition for a usable block; null where the block or what is known of the machine does not allow it. */
export function featureRow(definition: string, { samples, analysis, facts }: RowSource): Float32Array | null {
  switch (definition) {
    case SPECTRAL_SHAPE:
      return spectralShape(analysis);
    case BEARING_COMBS: {
      const { speedRpm, samplingRateHz } = analysis;
      const orders = facts.bearingOrders;
      if (speedRpm === null || orders === undefined) return null;
      return bearingCombs({ samples, samplingRateHz, shaftHz: speedRpm / 60, orders });
    }
    default:
      return null;
  }
}
