import { type Clock, type Database, newId, type Tx } from '../../../platform/index.ts';

const KEEP_DAYS = 90;
const SWEEP_EVERY_MS = 3_600_000;
/** While the database is away, so many ends and beginnings are kept; older ones are then missing in the history. */
const MAX_UNWRITTEN = 200_000;

interface Period {
  tenantId: string;
  id: string;
  deviceId: string;
  connectedAtMs: number;
  endedAtMs: number | null;
  reason: string | null;
}

/** The times during which devices were connected, gathered in memory and written in batches. */
export class ConnectionPeriods {
  readonly #clock: Clock;
  readonly #open = new Map<string, Period>();
  #unwritten = new Map<string, Period>();
  #sweptAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sweptAtMs = clock.nowMs();
  }

  begin(tenantId: string, deviceId: string): void {
    const period: Period = {
      ...{ tenantId, id: newId(), deviceId },
      ...{ connectedAtMs: this.#clock.nowMs(), endedAtMs: null, reason: null },
    };
    this.#open.set(deviceId, period);
    this.#note(period);
  }

  end(deviceId: string, reason: string): void {
    const period = this.#open.get(deviceId);
    if (!period) return;
    this.#open.delete(deviceId);
    this.#note({ ...period, endedAtMs: this.#clock.nowMs(), reason });
  }

  /** What is to be written, by tenant; whoever cannot write it gives it back. */
  take(): Map<string, Period[]> {
    const taken = Map.groupBy(this.#unwritten.values(), ({ tenantId }) => tenantId);
    this.#unwritten = new Map();
    return taken;
  }

  giveBack(periods: readonly Period[]): void {
    for (const period of periods) if (!this.#unwritten.has(period.id)) this.#note(period);
  }

  /** Forgets what is older than the history goes back, once an hour. */
  async sweep(db: Database): Promise<void> {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#sweptAtMs < SWEEP_EVERY_MS) return;
    this.#sweptAtMs = nowMs;
    const before = new Date(nowMs - KEEP_DAYS * 86_400_000);
    await db.as('shipper', (tx) => tx.query('delete from device_connection where connected_at < $1', [before]));
  }

  #note(period: Period): void {
    if (this.#unwritten.size >= MAX_UNWRITTEN) this.#unwritten.delete(this.#unwritten.keys().next().value!);
    this.#unwritten.set(period.id, period);
  }
}

export async function writePeriods(tx: Tx, periods: readonly Period[]): Promise<void> {
  await tx.query(
    `insert into device_connection as c (tenant_id, id, device_id, connected_at, ended_at, reason)
     select $1, n.* from unnest($2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::text[])
         n (id, device_id, connected_at, ended_at, reason)
       where exists (select from device d where d.id = n.device_id)
     on conflict (tenant_id, id) do update set ended_at = excluded.ended_at, reason = excluded.reason`,
    [
      tx.tenantId,
      periods.map(({ id }) => id),
      periods.map(({ deviceId }) => deviceId),
      periods.map(({ connectedAtMs }) => new Date(connectedAtMs)),
      periods.map(({ endedAtMs }) => (endedAtMs === null ? null : new Date(endedAtMs))),
      periods.map(({ reason }) => reason),
    ],
  );
}
