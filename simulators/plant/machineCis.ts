import { BEARINGS } from './bearings.ts';
import type { CmdbWriter } from './cmdb.ts';
import { GROUPS, MACHINES, type MachineRow } from './machineList.ts';
import { SUPPLIERS } from './suppliers.ts';

/** One place of a machine that is measured. */
export interface PointRow {
  point: string;
  name: string;
  unit: string;
  /** Set for accelerometers: which end, which way. */
  sensor?: { bearing: 'DE' | 'NDE'; axis: 'radial' | 'axial' };
}

const VIBRATION: readonly PointRow[] = [
  { point: 'de-h', name: 'DE horizontal 驱动端水平', unit: 'g', sensor: { bearing: 'DE', axis: 'radial' } },
  { point: 'de-a', name: 'DE axial 驱动端轴向', unit: 'g', sensor: { bearing: 'DE', axis: 'axial' } },
  { point: 'nde-h', name: 'NDE horizontal 非驱动端水平', unit: 'g', sensor: { bearing: 'NDE', axis: 'radial' } },
];
const TEMPERATURE: PointRow = { point: 'temperature', name: 'DE bearing temperature 驱动端轴承温度', unit: '°C' };
const CURRENT: PointRow = { point: 'current', name: 'Motor current 电机电流', unit: 'A' };
const PRESSURE: PointRow = { point: 'pressure', name: 'Discharge pressure 出口压力', unit: 'bar' };

/** The name under which a machine's vibration node publishes; also the key of its equipment CI. */
export function deviceName(tag: string): string {
  return tag.toLowerCase();
}

/** What is measured on a machine. */
export function pointsOf(machine: MachineRow): readonly PointRow[] {
  const scalars = machine.kind === 'pump' ? [TEMPERATURE, CURRENT, PRESSURE] : [TEMPERATURE, CURRENT];
  return [...VIBRATION, ...scalars];
}

/** Writes each machine with its bearings, gear and measuring points. */
export function writeMachines(cmdb: CmdbWriter): void {
  for (const machine of MACHINES) {
    const key = deviceName(machine.tag);
    const named = `${machine.tag} ${machine.en} ${machine.zh}`;
    cmdb.ci(key, 'equipment', named, {
      tag: machine.tag,
      kind: machine.kind,
      powerKw: machine.powerKw,
      ratedRpm: machine.ratedRpm,
      // Shaft heights of IEC frames follow the power closely enough for ISO 20816's groups.
      shaftHeightMm: machine.powerKw > 150 ? 315 : machine.powerKw > 50 ? 250 : 180,
      mounting: machine.kind === 'fan' ? 'flexible' : 'rigid',
      machineClass: machine.kind,
    });
    cmdb.relate(
      key,
      'PART_OF',
      `line-${machine.line}`,
      machine.group === undefined ? undefined : { group: machine.group, minUp: GROUPS[machine.group]! },
    );
    for (const supplier of SUPPLIERS) {
      if (!supplier.delivers.includes(machine.kind)) continue;
      cmdb.relate(key, 'SUPPLIED_BY', supplier.key);
      cmdb.relate(key, 'SUPPORTED_BY', supplier.key);
    }
    writeComponents(cmdb, machine, key, named);
  }
}

function writeComponents(cmdb: CmdbWriter, machine: MachineRow, key: string, named: string): void {
  (['DE', 'NDE'] as const).forEach((end, index) => {
    const designation = machine.bearings[index]!;
    const bearing = `${key}.bearing-${end.toLowerCase()}`;
    cmdb.ci(bearing, 'component', `${named}: ${end} bearing 轴承 ${designation}`, {
      designation,
      bearing: BEARINGS[designation],
    });
    cmdb.relate(bearing, 'PART_OF', key);
  });
  if (machine.kind === 'gearbox') {
    const gear = `${key}.gear`;
    cmdb.ci(gear, 'component', `${named}: input gear 输入齿轮`, { gearTeeth: machine.passes });
    cmdb.relate(gear, 'PART_OF', key);
  }
  for (const { point, name, unit, sensor } of pointsOf(machine)) {
    const pointKey = `${key}/${point}`;
    cmdb.ci(pointKey, 'measuring_point', `${machine.tag} ${name}`, { unit, ...(sensor ? { axis: sensor.axis } : {}) });
    const watched =
      sensor || point === 'temperature' ? `${key}.bearing-${(sensor?.bearing ?? 'DE').toLowerCase()}` : key;
    cmdb.relate(pointKey, 'MONITORS', watched);
    if (sensor && machine.kind === 'gearbox') cmdb.relate(pointKey, 'MONITORS', `${key}.gear`);
  }
}
