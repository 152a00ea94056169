import { PARTY_TYPES } from '../impact/ownerTable.ts';
import { SERVICE_TYPES } from '../impact/serviceTable.ts';
import { SLA_TYPE } from '../impact/slaTable.ts';
import type { CmdbModel } from './cmdbModel.ts';

interface Attributed {
  readonly type: string;
  readonly attributes?: Readonly<Record<string, unknown>> | null;
}

/**
 * Attributes of a CI as they may stand where whoever reads sees everything, such as in Neo4j: without sensitive ones. The
 * system of record alone holds those.
 */
export function keptAttributes(model: CmdbModel, { type, attributes }: Attributed): Readonly<Record<string, unknown>> {
  const sensitive = model.sensitive(type);
  if (!attributes || sensitive.size === 0) return attributes ?? {};
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !sensitive.has(name)));
}

/** Whether the projection reads attributes that are sensitive, and so can be had of the system of record alone. */
export function projectsSensitive(model: CmdbModel): boolean {
  return [...SERVICE_TYPES, ...PARTY_TYPES, SLA_TYPE].some((type) => model.sensitive(type).size > 0);
}
