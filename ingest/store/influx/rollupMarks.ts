import type { Sql } from '../../../platform/index.ts';
import { plainArray, textArray } from '../postgres/literals.ts';
import type { Reading } from '../readings.ts';

export const HOUR_NS = 3_600_000_000_000n;

/**
 * Notes the hours that a batch changes after they were, or while they are being, down-sampled. Called when the batch is
 * in InfluxDB: whoever moves the border after this looks will read what was just written.
 */
export async function markLate(tx: Sql, batch: readonly Reading[], twins: Int32Array): Promise<void> {
  const tenants = tenantsOf(batch);
  const { rows } = await tx.query<{ tenant_id: string; marked_ns: bigint }>(
    `select tenant_id, marked_ns from influx_rollup where tenant_id = any($1::uuid[])`,
    [plainArray(tenants)],
  );
  const marked = new Map(rows.map((row) => [row.tenant_id, row.marked_ns]));
  const marks = new Map<string, { tenantId: string; device: string; hourNs: bigint }>();
  for (let i = 0; i < batch.length; i++) {
    if (twins[i]! < 0) continue;
    const { tenantId, device, timeNs } = batch[i]!;
    const before = marked.get(tenantId);
    if (before === undefined || timeNs >= before) continue;
    const hourNs = (timeNs / HOUR_NS) * HOUR_NS;
    marks.set(`${tenantId} ${hourNs} ${device}`, { tenantId, device, hourNs });
  }
  if (marks.size === 0) return;
  // One order for all writers, so that two of them never wait for each other.
  const sorted = [...marks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, mark]) => mark);
  await tx.query(
    `insert into influx_rollup_mark as m (tenant_id, device, hour_ns, version)
     select *, 1 from unnest($1::uuid[], $2::text[], $3::int8[])
     on conflict (tenant_id, device, hour_ns) do update set version = m.version + 1`,
    [
      plainArray(sorted.map((mark) => mark.tenantId)),
      textArray(sorted.map((mark) => mark.device)),
      plainArray(sorted.map((mark) => mark.hourNs)),
    ],
  );
}

/** In order, each once; not by a list of one for each reading. */
function tenantsOf(batch: readonly Reading[]): string[] {
  const tenants = new Set<string>();
  for (const { tenantId } of batch) tenants.add(tenantId);
  return [...tenants].sort();
}
