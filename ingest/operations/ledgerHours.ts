import type { Clock, Database, Logger, Service, Sql } from '../../platform/index.ts';
import { loopService, reasonOf } from '../../platform/index.ts';
import { LEDGER_TERMS, type LedgerTerm, type LedgerTerms } from '../ledger/ledger.ts';

const INTERVAL_MS = 15_000;
const HOUR_MS = 3_600_000;
const TERMS = LEDGER_TERMS.join(', ');

/**
 * Writes down how the ledger stands, in the row of the hour that runs; devices whose terms have not moved since their
 * newest row are left out. One statement, O(devices), whatever they send.
 */
export async function snapshotLedger(tx: Sql, nowMs: number): Promise<void> {
  // At the full hour it is the hour just ended whose last figures these are.
  const hour = new Date(Math.floor((nowMs - 1) / HOUR_MS) * HOUR_MS);
  await tx.query(
    `insert into ingest_ledger_hour as h (tenant_id, device, hour, ${TERMS})
     select l.tenant_id, l.device, $1, ${LEDGER_TERMS.map((term) => `l.${term}`).join(', ')}
     from ingest_ledger l
     left join lateral (
       select ${TERMS} from ingest_ledger_hour p where p.tenant_id = l.tenant_id and p.device = l.device
       order by p.hour desc limit 1) p on true
     where (${LEDGER_TERMS.map((term) => `p.${term}`).join(', ')})
       is distinct from (${LEDGER_TERMS.map((term) => `l.${term}`).join(', ')})
     on conflict (tenant_id, device, hour)
       do update set ${LEDGER_TERMS.map((term) => `${term} = excluded.${term}`).join(', ')}`,
    [hour],
  );
}

/** Removes hours that nobody asks for any more; each device keeps its newest row, from which the next one differs. */
export async function expireLedgerHours(tx: Sql, beforeMs: number): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from ingest_ledger_hour h where hour < $1 and exists (
       select 1 from ingest_ledger_hour n where n.tenant_id = h.tenant_id and n.device = h.device and n.hour > h.hour and n.hour < $1)`,
    [new Date(beforeMs)],
  );
  return rowCount ?? 0;
}

/** Movements within one hour: accepted = stored + duplicate + pending + quarantined + expired, as in the ledger. */
export interface LedgerHour extends LedgerTerms {
  hour: Date;
}

export interface LedgerHoursQuery {
  fromMs: number;
  toMs: number;
  /** One device; all of the tenant's when absent. */
  device?: string | undefined;
}

/** Movements hour by hour within the transaction's tenant, oldest first; hours without any are left out. */
export async function ledgerHours(tx: Sql, query: LedgerHoursQuery): Promise<LedgerHour[]> {
  const { rows } = await tx.query<{ hour: Date } & Record<LedgerTerm, bigint>>(
    `${movements('$1', '$2', '$3')} select hour, ${sums()} from moved group by hour order by hour`,
    [new Date(query.fromMs), new Date(query.toMs), query.device ?? null],
  );
  return rows.map((row) => ({ hour: row.hour, ...termsOf(row) }));
}

/** Movements device by device over the whole span, the busiest first. */
export async function ledgerByDevice(
  tx: Sql,
  query: Omit<LedgerHoursQuery, 'device'> & { limit: number },
): Promise<({ device: string } & LedgerTerms)[]> {
  const { rows } = await tx.query<{ device: string } & Record<LedgerTerm, bigint>>(
    `${movements('$1', '$2', 'null')} select device, ${sums()} from moved group by device
     order by sum(accepted) desc, device limit $3`,
    [new Date(query.fromMs), new Date(query.toMs), query.limit],
  );
  return rows.map((row) => ({ device: row.device, ...termsOf(row) }));
}

/** Each hour's row beside the one before it: per device the newest before the span, then those within. */
function movements(from: string, to: string, device: string): string {
  const differences = LEDGER_TERMS.map((term) => `${term} - coalesce(lag(${term}) over before, 0) as ${term}`);
  return `with rows as (
      select * from (
        select distinct on (device) device, hour, ${TERMS} from ingest_ledger_hour
        where tenant_id = current_tenant() and hour < ${from}::timestamptz and (${device}::text is null or device = ${device})
        order by device, hour desc) earlier
      union all
      select device, hour, ${TERMS} from ingest_ledger_hour
      where tenant_id = current_tenant() and hour >= ${from}::timestamptz and hour < ${to}::timestamptz
        and (${device}::text is null or device = ${device})),
    moved as (
      select * from (select device, hour, ${differences.join(', ')} from rows window before as (partition by device order by hour)) d
      where hour >= ${from}::timestamptz)`;
}

function sums(): string {
  return LEDGER_TERMS.map((term) => `sum(${term})::bigint as ${term}`).join(', ');
}

function termsOf(row: Record<LedgerTerm, bigint>): LedgerTerms {
  return Object.fromEntries(LEDGER_TERMS.map((term) => [term, Number(row[term])])) as LedgerTerms;
}

/** Takes a snapshot four times a minute, at its quarters, so that an hour's last one holds all of it. */
export function createLedgerHours(deps: { db: Database; clock: Clock; log: Logger; keepDays: number }): Service {
  const { db, clock } = deps;
  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await db
        .as('shipper', async (tx) => {
          const nowMs = clock.nowMs();
          await snapshotLedger(tx, nowMs);
          if (nowMs % HOUR_MS < INTERVAL_MS) await expireLedgerHours(tx, nowMs - deps.keepDays * 24 * HOUR_MS);
        })
        .catch((error: unknown) =>
          deps.log.warn({ reason: reasonOf(error) }, 'the ledger’s hour was not written down'),
        );
      await clock.sleep(INTERVAL_MS - (clock.nowMs() % INTERVAL_MS), signal);
    }
  };
  return loopService(run);
}
