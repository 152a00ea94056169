export type { CiImport, CmdbImport, RelationImport } from './cmdb.ts';
export type { PointRow } from './machineCis.ts';
export { OWNERS, TECHNICIANS, type TechnicianRow } from './people.ts';
export { type PlantMachine, plantCmdb, plantMachines } from './plant.ts';
