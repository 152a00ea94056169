import type { FaultCase } from '../faultCase.ts';
import { damagedSpool } from './damagedSpool.ts';
import { killShipper } from './killShipper.ts';
import { killUnderLoad } from './killUnderLoad.ts';
import { manyReturn } from './manyReturn.ts';
import { powerCut } from './powerCut.ts';
import { powerCutDisk } from './powerCutDisk.ts';
import { smallDisk } from './smallDisk.ts';
import { smallHeap } from './smallHeap.ts';
import { stopUnderLoad } from './stopUnderLoad.ts';
import { storeRefuses } from './storeRefuses.ts';
import { syncBeforePuback } from './syncBeforePuback.ts';

/** Every case of the suite, in the order of README.md's table. */
export const FAULT_CASES: readonly FaultCase[] = [
  killUnderLoad,
  syncBeforePuback,
  powerCut,
  powerCutDisk,
  smallDisk,
  damagedSpool,
  storeRefuses,
  killShipper,
  stopUnderLoad,
  manyReturn,
  smallHeap,
];
