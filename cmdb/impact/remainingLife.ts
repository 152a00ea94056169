/** How long an asset has left, as an interval: in nine of ten cases more than p10, in one of ten more than p90. */
export interface LifeEstimate {
  readonly p10Hours: number;
  readonly p50Hours: number;
  readonly p90Hours: number;
  /** How it was estimated. */
  readonly method: string;
  /** When it was estimated. */
  readonly at: Date;
}

/**
 * What a prognosis says of assets. Leaves out: why, which the anomaly's evidence tells. Who estimates implements it; the
 * composition root wires it.
 */
export interface RemainingLife {
  /** @returns null, or nothing, for an asset of which no end is in sight */
  of(tenantId: string, assetIds: readonly string[]): Promise<ReadonlyMap<string, LifeEstimate | null>>;
}

/** Without a prognosis nothing is known of any asset's end. */
export const NO_PROGNOSIS: RemainingLife = { of: async () => new Map() };
