import { type MachineDesign, Random } from '../machines/index.ts';
import { BEARINGS } from './bearings.ts';
import { type CmdbImport, CmdbWriter } from './cmdb.ts';
import { writeInformation } from './information.ts';
import { deviceName, type PointRow, pointsOf, writeMachines } from './machineCis.ts';
import { MACHINES, type MachineRow } from './machineList.ts';
import { writeServices } from './services.ts';
import { writePeople, writeSite } from './site.ts';

/** A machine that can be measured: its nameplate, its physics and its points. */
export interface PlantMachine {
  row: MachineRow;
  device: string;
  design: MachineDesign;
  points: readonly PointRow[];
}

/** The whole CMDB of the plant, ready for the import. */
export function plantCmdb(): CmdbImport {
  const cmdb = new CmdbWriter();
  writeSite(cmdb);
  writePeople(cmdb);
  writeMachines(cmdb);
  writeInformation(cmdb);
  writeServices(cmdb);
  return { cis: cmdb.cis, relations: cmdb.relations };
}

/** The plant's machines with their physics; a seed gives each its own unbalance, noise and resonances. */
export function plantMachines(seed: string): PlantMachine[] {
  return MACHINES.map((row) => {
    const random = new Random(seed, row.tag);
    const design: MachineDesign = {
      seed: `${seed} ${row.tag}`,
      ratedRpm: row.ratedRpm,
      powerKw: row.powerKw,
      bearings: { DE: BEARINGS[row.bearings[0]], NDE: BEARINGS[row.bearings[1]] },
      lineHz: 50,
      resonancesHz: [random.between(1900, 2700), random.between(3300, 4600)],
      residualUnbalanceMmS: random.between(0.35, 0.75),
      noiseG: random.between(0.02, 0.04),
      ...(row.kind === 'gearbox' ? { gearTeeth: row.passes } : {}),
      ...(row.kind === 'pump' || row.kind === 'fan' ? { vanes: row.passes } : {}),
    };
    return { row, device: deviceName(row.tag), design, points: pointsOf(row) };
  });
}
