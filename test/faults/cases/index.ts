import type { FaultCase } from '../faultCase.ts';
import { killShipper } from './killShipper.ts';
import { killUnderLoad } from './killUnderLoad.ts';
import { powerCut } from './powerCut.ts';
import { stopUnderLoad } from './stopUnderLoad.ts';
import { storeRefuses } from './storeRefuses.ts';
import { syncBeforePuback } from './syncBeforePuback.ts';

/** Every case of the suite, in the order of README.md's table. */
export const FAULT_CASES: readonly FaultCase[] = [
  killUnderLoad,
  syncBeforePuback,
  powerCut,
  storeRefuses,
  killShipper,
  stopUnderLoad,
];
