export { type BearingGeometry, type BearingOrders, bearingOrders } from './bearingGeometry.ts';
export { type Degradation, severityAt } from './degradation.ts';
export type {
  Acquisition,
  BearingDefect,
  BearingEnd,
  Condition,
  Defect,
  MachineDesign,
  Sensor,
  ShaftDefect,
} from './machine.ts';
export { Random } from './random.ts';
export { dischargePressureBar, housingTemperatureC, motorCurrentA } from './scalars.ts';
export { type SensorDefect, throughSensor } from './sensorDefects.ts';
export { GRAVITY, recordWaveform, type Waveform } from './waveform.ts';
