import type { Sql } from '../../platform/index.ts';

/**
 * Keeps the blocks that prove an anomaly past their retention; the waveform store does it. Left out on purpose: reading
 * blocks back, which whoever looks at the proof does by its reference.
 */
export interface ProofKeeper {
  keep(tx: Sql, tenantId: string, ref: string, reason: string): Promise<void>;
}
