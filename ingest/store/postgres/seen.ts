import type { Sql } from '../../../platform/index.ts';
import type { Origin } from '../readings.ts';
import { plainArray } from './literals.ts';

/**
 * Positions of the units whose identity was seen within the window. Only units whose time may differ between two
 * deliveries are looked up; for all others the primary key tells a repetition. Registers the new ones.
 */
export async function seenBefore(tx: Sql, batch: readonly Origin[]): Promise<ReadonlySet<number>> {
  const seen = new Set<number>();
  const fresh = new Map<string, Origin>();
  const positions = new Map<string, number>();
  for (let i = 0; i < batch.length; i++) {
    const origin = batch[i]!;
    if (!origin.windowed) continue;
    if (fresh.has(origin.identity)) seen.add(i);
    else {
      fresh.set(origin.identity, origin);
      positions.set(origin.identity, i);
    }
  }
  if (fresh.size === 0) return seen;
  const rows = [...fresh.values()].sort((a, b) => (a.identity < b.identity ? -1 : 1));
  const { rows: registered } = await tx.query<{ identity: string }>(
    `insert into ingest_seen (tenant_id, identity, arrival_ns)
     select * from unnest($1::uuid[], $2::uuid[], $3::int8[])
     on conflict do nothing returning identity`,
    [
      plainArray(rows.map((r) => r.tenantId)),
      plainArray(rows.map((r) => r.identity)),
      plainArray(rows.map((r) => r.arrivalNs)),
    ],
  );
  for (const { identity } of registered) positions.delete(identity);
  for (const position of positions.values()) seen.add(position);
  return seen;
}

/** Forgets identities older than the window, a bounded number at a time. Returns how many. */
export async function sweepSeen(tx: Sql, beforeNs: bigint, atMost = 20_000): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from ingest_seen where ctid = any(array(
       select ctid from ingest_seen where arrival_ns < $1 order by arrival_ns limit $2))`,
    [beforeNs, atMost],
  );
  return rowCount ?? 0;
}
