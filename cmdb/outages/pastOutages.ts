import type { Database } from '../../platform/index.ts';

/** When a service was down, and is not any more. */
export interface PastOutage {
  readonly fromMs: number;
  readonly toMs: number;
}

/** When services were down. Leaves out: outages that go on, which the present health tells, and announced work. */
export interface PastOutages {
  /** @returns those that ended after `sinceMs`, by the service's id; nothing for services that had none */
  of(tenantId: string, serviceIds: readonly string[], sinceMs: number): Promise<ReadonlyMap<string, PastOutage[]>>;
}

/** Without a record no service is known to have been down. */
export const NO_OUTAGES: PastOutages = { of: async () => new Map() };

/** The outages that were recorded. */
export function recordedOutages(db: Database): PastOutages {
  return {
    of: (tenantId, serviceIds, sinceMs) =>
      db.tenant(tenantId, async (tx) => {
        const { rows } = await tx.query<{ serviceId: string; from: Date; to: Date }>(
          `select service_id as "serviceId", from_at as "from", to_at as "to" from cmdb_outage
            where tenant_id = $1 and service_id = any ($2::uuid[]) and to_at > $3`,
          [tx.tenantId, serviceIds, new Date(sinceMs)],
        );
        const all = Map.groupBy(rows, ({ serviceId }) => serviceId);
        const spans = ({ from, to }: { from: Date; to: Date }) => ({ fromMs: from.getTime(), toMs: to.getTime() });
        return new Map([...all].map(([id, of]) => [id, of.map(spans)]));
      }),
  };
}

/** Milliseconds of outages within a span of time. Outages of one service do not overlap. */
export function lostMs(outages: readonly PastOutage[], fromMs: number, toMs: number): number {
  return outages.reduce((sum, one) => sum + Math.max(0, Math.min(one.toMs, toMs) - Math.max(one.fromMs, fromMs)), 0);
}
