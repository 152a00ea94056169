import type { ModelContract } from './contract.ts';

/**
 * Runs a trained model on rows of features. Left out on purpose: how features are made (the contract names their
 * definition), thresholds (scores are compared with the point's own past), training.
 */
export interface ModelRunner {
  readonly contract: ModelContract;
  /** Numbers that come of one row: 1 of a score, the number of classes of a classifier. */
  readonly outputs: number;
  /**
   * `outputs` numbers for each row, in order; one inference for the whole batch.
   *
   * @throws ANALYTICS_MODEL_INPUT when a row is of the wrong width or holds a non-finite number; the model is not asked
   * @throws ANALYTICS_MODEL_OUTPUT when the model answers in another shape than its contract says, or not with numbers
   */
  run(rows: readonly Float32Array[]): Promise<Float32Array>;
  close(): Promise<void>;
}
