export type { CiImport, CmdbImport, RelationImport } from './cmdb.ts';
export { type DeviceAccess, PlantFeed, type Visit, WAVEFORM_HZ, WAVEFORM_SAMPLES } from './feed.ts';
export type { PointRow } from './machineCis.ts';
export { OWNERS, TECHNICIANS, type TechnicianRow } from './people.ts';
export { type PlantMachine, plantCmdb, plantMachines } from './plant.ts';
