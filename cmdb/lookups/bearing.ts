/** Fault frequencies of a rolling bearing as multiples of the shaft's. */
export interface BearingOrders {
  bpfo: number;
  bpfi: number;
  ftf: number;
  bsf: number;
}

export interface BearingGeometry {
  /** Rolling elements. */
  n: number;
  /** In the unit of `pitchDiameter`. */
  ballDiameter: number;
  pitchDiameter: number;
  contactDeg?: number;
}

/**
 * Orders of a bearing with a fixed outer race, rolling without slip.
 * @see R. B. Randall, J. Antoni, Mech. Syst. Signal Process. 25 (2011) 485-520, eq. 1-4
 * @example bearingOrders({ n: 9, ballDiameter: 0.3126, pitchDiameter: 1.537 }).bpfo // 3.585 (6205-2RS)
 */
export function bearingOrders({ n, ballDiameter, pitchDiameter, contactDeg = 0 }: BearingGeometry): BearingOrders {
  const ratio = (ballDiameter / pitchDiameter) * Math.cos((contactDeg * Math.PI) / 180);
  return {
    bpfo: (n / 2) * (1 - ratio),
    bpfi: (n / 2) * (1 + ratio),
    ftf: (1 - ratio) / 2,
    bsf: (pitchDiameter / (2 * ballDiameter)) * (1 - ratio * ratio),
  };
}
