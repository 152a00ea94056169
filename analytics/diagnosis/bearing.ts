import type { BearingFault, BearingOrders } from './types.ts';

export const BEARING_FAULTS: readonly BearingFault[] = ['inner', 'outer', 'ball', 'cage'];

/** Order at which a defect repeats. A ball strikes both races in one spin, hence twice its spin frequency. */
export function defectOrder(fault: BearingFault, orders: BearingOrders): number {
  switch (fault) {
    case 'inner':
      return orders.bpfi;
    case 'outer':
      return orders.bpfo;
    case 'ball':
      return 2 * orders.bsf;
    case 'cage':
      return orders.ftf;
  }
}

/** Spacing of the sidebands that the load zone puts on a defect: once a turn of what carries it; 0 for a fixed race. */
export function sidebandOrder(fault: BearingFault, orders: BearingOrders): number {
  switch (fault) {
    case 'inner':
      return 1;
    case 'ball':
      return orders.ftf;
    case 'outer':
    case 'cage':
      return 0;
  }
}

/** Shaft orders that the search for three harmonics of every fault and their sidebands can touch. */
export function combReach(orders: BearingOrders): number {
  return 3 * 1.04 * Math.max(...BEARING_FAULTS.map((fault) => defectOrder(fault, orders))) + 3;
}

/** Dimensions of a bearing; any length unit, the same for both diameters. */
export interface BearingDimensions {
  readonly n: number;
  readonly ballDiameter: number;
  readonly pitchDiameter: number;
  readonly contactDeg: number;
}

/**
 * Characteristic orders of a bearing with a fixed outer race.
 *
 * @returns multiples of shaft speed
 * @see R. Randall, J. Antoni, Mech. Syst. Signal Process. 25 (2011) 485-520, equations 1-4
 * @example bearingOrdersOf({ n: 9, ballDiameter: 0.3126, pitchDiameter: 1.537, contactDeg: 0 }).bpfo // 3.5848
 */
export function bearingOrdersOf({ n, ballDiameter, pitchDiameter, contactDeg }: BearingDimensions): BearingOrders {
  const ratio = (ballDiameter / pitchDiameter) * Math.cos((contactDeg * Math.PI) / 180);
  return {
    bpfo: (n / 2) * (1 - ratio),
    bpfi: (n / 2) * (1 + ratio),
    ftf: (1 - ratio) / 2,
    bsf: (pitchDiameter / (2 * ballDiameter)) * (1 - ratio * ratio),
  };
}
