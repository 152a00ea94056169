import type { ModelContract } from './contract.ts';

/**
 * Scores rows of features with a trained model. Left out on purpose: how features are made (the contract names their
 * definition), thresholds (scores are compared with the point's own past), training.
 */
export interface ModelRunner {
  readonly contract: ModelContract;
  /**
   * One score per row, in order; one inference for the whole batch.
   *
   * @throws ANALYTICS_MODEL_INPUT when a row is of the wrong width or holds a non-finite number
   */
  score(rows: readonly Float32Array[]): Promise<Float32Array>;
  close(): Promise<void>;
}
