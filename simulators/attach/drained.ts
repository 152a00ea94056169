import type { Clock } from '../../platform/pure.ts';
import type { Api } from './api.ts';

/** The ledger of a tenant: where every accepted unit is. */
export interface Ledger {
  accepted: number;
  stored: number;
  duplicate: number;
  pending: number;
  quarantined: number;
  expired: number;
  /** Counted in the stores; null when not asked for. */
  storedCount: number | null;
  balanced: boolean;
}

/** How far the work behind the intake has come. */
export interface Backlog {
  /** Units accepted and not yet in a store. */
  pending: number;
  /** Batches of the analytics feed that no detector has seen yet. */
  unanalysed: number;
  /** Confirmed anomalies without a work order. */
  unordered: number;
  /** Messages asked for and not yet sent. */
  unsent: number;
}

/** Where every accepted unit is; `count` counts the stores as well. */
export function readLedger(api: Api, count: boolean): Promise<Ledger> {
  return api.get<Ledger>(`/api/v1/ledger?count=${count}`);
}

/** What is still to be done behind the intake. */
export async function readBacklog(api: Api): Promise<Backlog> {
  const [ledger, progress, anomalies, orders, waiting, sending] = await Promise.all([
    readLedger(api, false),
    api.get<{ pendingBatches: number }>('/api/v1/analytics/progress'),
    api.list<{ faultKey: string }>('/api/v1/anomalies?limit=200&status=confirmed'),
    api.list<{ faultKey: string | null }>('/api/v1/work-orders?limit=200'),
    api.list('/api/v1/notifications?limit=200&status=pending'),
    api.list('/api/v1/notifications?limit=200&status=sending'),
  ]);
  const ordered = new Set(orders.map(({ faultKey }) => faultKey));
  return {
    pending: ledger.pending,
    unanalysed: progress.pendingBatches,
    unordered: anomalies.filter(({ faultKey }) => !ordered.has(faultKey)).length,
    unsent: waiting.length + sending.length,
  };
}

/**
 * Waits until everything that was published has been stored, analysed and acted on.
 *
 * @param tell called now and then with what is left
 * @throws when nothing has moved for `stuckAfterMs`
 */
export async function drained(
  api: Api,
  clock: Clock,
  tell: (backlog: Backlog) => void = () => undefined,
  stuckAfterMs = 60_000,
): Promise<void> {
  let before = '';
  let movedMs = clock.nowMs();
  for (let calm = 0; calm < 2; ) {
    const backlog = await readBacklog(api);
    tell(backlog);
    const now = JSON.stringify(backlog);
    if (now !== before) {
      before = now;
      movedMs = clock.nowMs();
    }
    // Between two stages work is for a moment in none of the counts: calm must be seen twice.
    calm = Object.values(backlog).every((left) => left === 0) ? calm + 1 : 0;
    if (clock.nowMs() - movedMs > stuckAfterMs) {
      throw new Error(`nothing has moved for ${stuckAfterMs / 1000} s; left: ${now}`);
    }
    await clock.sleep(250);
  }
}
