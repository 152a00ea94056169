import type { FaultCase } from '../faultCase.ts';
import { onInfluxdb } from '../stores.ts';
import { bombs } from './bombs.ts';
import { concurrentEdits } from './concurrentEdits.ts';
import { consumerOff } from './consumerOff.ts';
import { damagedSpool } from './damagedSpool.ts';
import { floods } from './floods.ts';
import { hostileClients } from './hostileClients.ts';
import { influxConflict } from './influxConflict.ts';
import { influxGone, influxPaused } from './influxGone.ts';
import { influxBusy, influxCutAnswers, influxDenies, influxKillShipper } from './influxMisbehaves.ts';
import { injections } from './injections.ts';
import { killShipper } from './killShipper.ts';
import { killUnderLoad } from './killUnderLoad.ts';
import { manyConnects } from './manyConnects.ts';
import { manyReturn } from './manyReturn.ts';
import { neo4jGone } from './neo4jGone.ts';
import { neo4jKilled } from './neo4jKilled.ts';
import { postgresKilled } from './postgresKilled.ts';
import { powerCut } from './powerCut.ts';
import { powerCutDisk } from './powerCutDisk.ts';
import { randomSamples } from './randomSamples.ts';
import { repeatedReordered } from './repeatedReordered.ts';
import { rights } from './rights.ts';
import { sameMillisecond } from './sameMillisecond.ts';
import { sharedBroker, sharedHiveMq } from './sharedBroker.ts';
import { slowNetwork } from './slowNetwork.ts';
import { smallDisk } from './smallDisk.ts';
import { smallHeap } from './smallHeap.ts';
import { soleTaker } from './soleTaker.ts';
import { stopUnderLoad } from './stopUnderLoad.ts';
import { storeRefuses } from './storeRefuses.ts';
import { syncBeforePuback } from './syncBeforePuback.ts';
import { wrongClocks } from './wrongClocks.ts';

/** Every case of the suite, in the order of README.md's table. */
export const FAULT_CASES: readonly FaultCase[] = [
  killUnderLoad,
  onInfluxdb(killUnderLoad),
  syncBeforePuback,
  powerCut,
  powerCutDisk,
  smallDisk,
  damagedSpool,
  storeRefuses,
  influxGone,
  influxPaused,
  influxBusy,
  influxDenies,
  influxConflict,
  randomSamples,
  influxCutAnswers,
  killShipper,
  influxKillShipper,
  stopUnderLoad,
  manyReturn,
  consumerOff,
  repeatedReordered,
  wrongClocks,
  sameMillisecond,
  onInfluxdb(sameMillisecond),
  slowNetwork,
  manyConnects,
  smallHeap,
  ...hostileClients,
  neo4jKilled,
  postgresKilled,
  ...floods,
  rights,
  bombs,
  injections,
  onInfluxdb(injections),
  sharedBroker,
  sharedHiveMq,
  soleTaker,
  neo4jGone,
  concurrentEdits,
];
