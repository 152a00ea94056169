import type { Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import { PARTY_TYPES } from '../impact/ownerTable.ts';
import { findCi, requireCi } from '../lookups/ci.ts';
import type { Layer } from './calendar.ts';

/** Layers with the ids of their members, who are given by id or key. @throws {FaultlineError} CMDB_ONCALL_PERSON */
export async function normalLayers(tx: Tx, layers: readonly Layer[]): Promise<Layer[]> {
  const known = new Map<string, string>();
  const normal: Layer[] = [];
  for (const [l, layer] of layers.entries()) {
    const members: string[] = [];
    for (const [m, member] of layer.members.entries()) {
      const id = known.get(member) ?? (await personId(tx, member, `layers.${l}.members.${m}`));
      known.set(member, id);
      members.push(id);
    }
    normal.push({ ...layer, members });
  }
  return normal;
}

/** @throws {FaultlineError} CMDB_ONCALL_PERSON */
export async function personId(tx: Tx, person: string, field: string): Promise<string> {
  const ci = await findCi(tx, person);
  if (ci?.type !== 'person') throw cmdbErrors.CMDB_ONCALL_PERSON({ person }, { field });
  return ci.id;
}

/** The CI that a calendar may be for: what is owned, or a team. @throws {FaultlineError} CMDB_ONCALL_CI, CMDB_CI_UNKNOWN */
export async function calendarCi(tx: Tx, ref: string): Promise<string> {
  const { id, key, type } = await requireCi(tx, ref);
  if (type !== 'team' && PARTY_TYPES.has(type)) throw cmdbErrors.CMDB_ONCALL_CI({ key, type }, { field: 'ciId' });
  return id;
}
