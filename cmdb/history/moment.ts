import type { Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';

/** A point in a graph's history: one of its versions, or a time. */
export type Moment = { readonly version: bigint } | { readonly at: Date };

/** A version of a graph that has been, with the version of the model that held then. */
export interface PastVersion {
  readonly version: bigint;
  readonly modelVersion: number;
  /** When it was made; null before the first change. */
  readonly at: Date | null;
}

/** Reads `17` as a version and an ISO time as a time; null for anything else. */
export function momentOf(text: string): Moment | null {
  if (/^\d{1,18}$/.test(text)) return { version: BigInt(text) };
  return /^\d{4}-\d{2}-\d{2}T/.test(text) && Number.isFinite(Date.parse(text)) ? { at: new Date(text) } : null;
}

/**
 * The version that stood at a moment: the newest that was made by then. O(log versions).
 * @throws {FaultlineError} CMDB_VERSION_UNKNOWN for a version that has not been made yet
 */
export async function pastVersion(tx: Tx, moment: Moment): Promise<PastVersion> {
  const { rows } = await tx.query<PastVersion & { newest: bigint }>(
    `select stood.version, stood.at,
            coalesce((select max(m.version) from cmdb_model_version m
                      where m.tenant_id = $1 and m.graph_version <= stood.version), 0) as "modelVersion",
            coalesce((select version from cmdb_graph where tenant_id = $1), 0) as newest
     from (select coalesce(max(version), 0) as version, max(at) as at
           from (select version, at from cmdb_chain
                 where tenant_id = $1 and ($2::bigint is null or version <= $2) and ($3::timestamptz is null or at <= $3)
                 order by ${'version' in moment ? 'version desc' : 'at desc, version desc'} limit 1) one) stood`,
    [tx.tenantId, 'version' in moment ? moment.version : null, 'at' in moment ? moment.at : null],
  );
  const { newest, ...past } = rows[0]!;
  if ('version' in moment && moment.version > newest) {
    throw cmdbErrors.CMDB_VERSION_UNKNOWN({ wanted: String(moment.version), newest: String(newest) });
  }
  return 'version' in moment ? { ...past, version: moment.version } : past;
}
