import { type AnyConsumer, type Clock, newId, type Tx } from '../../platform/index.ts';
import { CiFailed, CiRecovered, CiWorsened } from '../health/events.ts';
import { lockHealth } from '../health/healthChange.ts';
import type { HealthSource } from '../impact/health.ts';
import type { Impact } from '../impact/impact.ts';

export interface OutageDeps {
  readonly clock: Clock;
  readonly impact: Impact;
  /** What is not ok at present; announced work, which is no outage, is marked as planned there. */
  readonly health: HealthSource;
}

/** A service that is down now, since when and by what. */
interface Down {
  readonly serviceId: string;
  readonly causeId: string;
  readonly sinceMs: number;
}

/**
 * Keeps when services were down: whenever components fail or recover, the services that are down are compared with the
 * outages that are open.
 */
export function outageConsumers(deps: OutageDeps): AnyConsumer[] {
  const failed = { batchSize: 200, handle: (tx: Tx) => recordOutages(deps, tx) };
  return [
    { name: 'cmdb.outage-began', event: CiFailed, ...failed },
    { name: 'cmdb.outage-spread', event: CiWorsened, ...failed },
    {
      name: 'cmdb.outage-ended',
      event: CiRecovered,
      batchSize: 200,
      handle: (tx, events: { payload: { recoveredAtMs: number } }[]) =>
        recordOutages(deps, tx, Math.max(...events.map(({ payload }) => payload.recoveredAtMs))),
    },
  ];
}

/** @param endedMs when what is over ended, where a recovery tells; now otherwise */
async function recordOutages(deps: OutageDeps, tx: Tx, endedMs = deps.clock.nowMs()): Promise<void> {
  await lockHealth(tx);
  const down = await downNow(deps, tx.tenantId);
  await tx.query(
    `update cmdb_outage set to_at = greatest(from_at, $3)
      where tenant_id = $1 and to_at is null and service_id <> all ($2::uuid[])`,
    [tx.tenantId, down.map(({ serviceId }) => serviceId), new Date(endedMs)],
  );
  await tx.query(
    `insert into cmdb_outage (tenant_id, id, service_id, cause_id, from_at)
     select $1, d.* from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[]) as d
     on conflict (tenant_id, service_id) where to_at is null do nothing`,
    [
      tx.tenantId,
      down.map(() => newId()),
      down.map(({ serviceId }) => serviceId),
      down.map(({ causeId }) => causeId),
      down.map(({ sinceMs }) => new Date(sinceMs)),
    ],
  );
}

async function downNow({ clock, impact, health }: OutageDeps, tenantId: string): Promise<Down[]> {
  const { notOk } = await health.health(tenantId);
  const failed = notOk.filter(({ planned }) => !planned);
  if (failed.length === 0) return [];
  const since = new Map(failed.map(({ ciId, sinceMs }) => [ciId, sinceMs]));
  // Beside the failures nothing but announced work, which every verdict counts by itself.
  const { services } = await impact.impact(tenantId, { failed, before: [] });
  return services.flatMap(({ ciId, state, planned, causeChain }) => {
    const cause = causeChain[0];
    if (state !== 'down' || planned || cause === undefined) return [];
    return [{ serviceId: ciId, causeId: cause.ciId, sinceMs: since.get(cause.ciId) ?? clock.nowMs() }];
  });
}
