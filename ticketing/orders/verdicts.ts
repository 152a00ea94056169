import { createHash } from 'node:crypto';
import { jsonArray, jsonSequence, type Tx } from '../../platform/index.ts';
import type { ImpactVerdict } from '../ports.ts';

/** How many services an order's snapshot keeps; a hub may hit thousands, and the rest stays countable. */
const SNAPSHOT_SERVICES = 50;

/** The verdict as orders keep it: with its versions, and all services counted. */
export interface VerdictSnapshot extends ImpactVerdict {
  readonly serviceCount: number;
}

/**
 * Keeps verdicts for orders to refer to. Equal ones are kept once: while neither graph nor health change, every order
 * about an asset gets the same, which is larger than the rest of the order. The id is that of the content, so nothing
 * depends on versions being unique.
 *
 * @returns the id of each
 */
export async function keepVerdicts(tx: Tx, verdicts: Iterable<ImpactVerdict>): Promise<Map<ImpactVerdict, string>> {
  const ids = new Map<ImpactVerdict, string>();
  const missing = new Map<string, VerdictSnapshot>();
  for (const verdict of new Set(verdicts)) {
    const document = snapshot(verdict);
    const id = contentId(JSON.stringify(document));
    ids.set(verdict, id);
    missing.set(id, document);
  }
  const wanted = [...missing.keys()];
  if (wanted.length === 0) return ids;
  const { rows } = await tx.query<{ id: string }>(
    `select known.id from unnest($2::uuid[]) as wanted (id) cross join lateral (
       select id from impact_verdict where tenant_id = $1 and id = wanted.id limit 1) known`,
    [tx.tenantId, wanted],
  );
  for (const { id } of rows) missing.delete(id);
  if (missing.size > 0) await insert(tx, missing);
  return ids;
}

async function insert(tx: Tx, verdicts: ReadonlyMap<string, VerdictSnapshot>): Promise<void> {
  // In the order of the ids, so that two batches with the same verdicts wait for one another and never in a circle.
  const sorted = [...verdicts].sort(([a], [b]) => (a < b ? -1 : 1));
  await tx.query(
    `insert into impact_verdict (tenant_id, id, document)
     select $1, v.id, v.document from unnest($2::uuid[], ${jsonArray('$3', 'json')}) as v (id, document)
     on conflict do nothing`,
    [tx.tenantId, sorted.map(([id]) => id), jsonSequence(sorted.map(([, document]) => document))],
  );
}

function snapshot({ graphVersion, healthVersion, affectedCount, services }: ImpactVerdict): VerdictSnapshot {
  return {
    graphVersion,
    healthVersion,
    affectedCount,
    serviceCount: services.length,
    services: services.slice(0, SNAPSHOT_SERVICES),
  };
}

/** A UUID of version 8 (RFC 9562, 5.8) from the first bits of the SHA-256 digest. */
function contentId(document: string): string {
  const bytes = createHash('sha256').update(document).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The verdict that an order keeps; null when its asset is not in the CMDB. */
export async function readVerdict(tx: Tx, orderId: string): Promise<VerdictSnapshot | null> {
  const { rows } = await tx.query<{ document: VerdictSnapshot }>(
    `select v.document from work_order o join impact_verdict v on v.tenant_id = o.tenant_id and v.id = o.verdict_id
      where o.tenant_id = $1 and o.id = $2`,
    [tx.tenantId, orderId],
  );
  return rows[0]?.document ?? null;
}
