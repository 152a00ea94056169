import { randomBytes } from 'node:crypto';
import type { Api, AttachedSystem } from '../attach/index.ts';
import { type DeviceAccess, type PlantMachine, plantCmdb, TECHNICIANS } from '../plant/index.ts';

/** What was set up for the plant. */
export interface Staged {
  cis: number;
  relations: number;
  technicians: number;
  access: Map<string, DeviceAccess>;
}

/** Imports the plant's CMDB, registers its vibration nodes, and hires its technicians. */
export async function stagePlant(system: AttachedSystem, machines: readonly PlantMachine[]): Promise<Staged> {
  const cmdb = plantCmdb();
  await system.importCmdb(cmdb);
  const access = await system.registerDevices(machines.map(({ device }) => device));
  await hireTechnicians(system.api);
  return { cis: cmdb.cis.length, relations: cmdb.relations.length, technicians: TECHNICIANS.length, access };
}

async function hireTechnicians(api: Api): Promise<void> {
  for (const { name, email, phone, locale, skills, place } of TECHNICIANS) {
    const { id } = await api.post<{ id: string }>('/api/v1/users', {
      login: email.split('@')[0],
      name,
      email,
      locale,
      roles: ['technician'],
      // Nobody signs in as a simulated technician; whoever wants to gives them a password of their own.
      password: randomBytes(18).toString('base64url'),
    });
    await api.put(`/api/v1/technicians/${id}`, { skills, place, phone, maxLoad: 4 });
  }
}
