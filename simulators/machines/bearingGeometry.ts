/** A rolling bearing as catalogues give it; the two diameters share any unit. */
export interface BearingGeometry {
  /** Number of rolling elements. */
  n: number;
  ballDiameter: number;
  pitchDiameter: number;
  contactDeg: number;
}

/** Fault frequencies in shaft orders, outer ring fixed. */
export interface BearingOrders {
  bpfo: number;
  bpfi: number;
  ftf: number;
  bsf: number;
}

/**
 * Kinematic fault orders of a bearing whose outer ring stands still.
 *
 * @example bearingOrders({ n: 9, ballDiameter: 0.3126, pitchDiameter: 1.537, contactDeg: 0 }).bpfo // 3.585
 */
export function bearingOrders({ n, ballDiameter, pitchDiameter, contactDeg }: BearingGeometry): BearingOrders {
  const gamma = (ballDiameter / pitchDiameter) * Math.cos((contactDeg * Math.PI) / 180);
  return {
    bpfo: (n / 2) * (1 - gamma),
    bpfi: (n / 2) * (1 + gamma),
    ftf: (1 - gamma) / 2,
    bsf: (pitchDiameter / (2 * ballDiameter)) * (1 - gamma * gamma),
  };
}
