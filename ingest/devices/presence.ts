import { type Clock, type Database, type Logger, reasonOf, type Timer, type Tx } from '../../platform/index.ts';
import { ConnectionPeriods, writePeriods } from './connections/periods.ts';

const WRITE_EVERY_MS = 1_000;
/** A connection whose intake has not renewed it for this long is taken for lost. */
export const RENEWED_WITHIN_MS = 45_000;
const RENEW_EVERY_MS = 15_000;

/** What is known of one device since this intake started; the hot path sets `lastMessageMs` and calls `touched`. */
export interface DevicePresence {
  readonly tenantId: string;
  readonly deviceId: string;
  connections: number;
  /** When the first connection was made or the last one lost; null before either. */
  changedAtMs: number | null;
  lastMessageMs: number | null;
  problem: { code: string; text: string; atMs: number } | null;
  written: boolean;
}

/** Collects connections, last messages and problems, and writes them in batches: many messages, few statements. */
export class PresenceBoard {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #periods: ConnectionPeriods;
  readonly #entries = new Map<string, DevicePresence>();
  #unwritten: DevicePresence[] = [];
  #renewedAtMs = 0;
  #timer: Timer | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: { db: Database; clock: Clock; log: Logger }) {
    this.#db = deps.db;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#periods = new ConnectionPeriods(deps.clock);
  }

  start(): void {
    this.#timer = this.#clock.setTimer(WRITE_EVERY_MS, () => {
      this.#writing = this.write();
      void this.#writing.then(() => this.#timer && this.start());
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    await this.#writing;
    await this.write();
  }

  entry(tenantId: string, deviceId: string): DevicePresence {
    let entry = this.#entries.get(deviceId);
    if (!entry) {
      entry = {
        tenantId,
        deviceId,
        connections: 0,
        changedAtMs: null,
        lastMessageMs: null,
        problem: null,
        written: true,
      };
      this.#entries.set(deviceId, entry);
    }
    return entry;
  }

  touched(entry: DevicePresence): void {
    if (!entry.written) return;
    entry.written = false;
    this.#unwritten.push(entry);
  }

  connected(entry: DevicePresence): void {
    if (entry.connections++ === 0) {
      entry.changedAtMs = this.#clock.nowMs();
      this.#periods.begin(entry.tenantId, entry.deviceId);
    }
    this.touched(entry);
  }

  /** @param reason why the connection ended */
  disconnected(entry: DevicePresence, reason = 'lost'): void {
    if (--entry.connections === 0) {
      entry.changedAtMs = this.#clock.nowMs();
      this.#periods.end(entry.deviceId, reason);
    }
    this.touched(entry);
  }

  problem(entry: DevicePresence, code: string, text: string): void {
    entry.problem = { code, text, atMs: this.#clock.nowMs() };
    this.touched(entry);
  }

  /** Writes what has changed. What cannot be written now is kept and written later. */
  async write(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#renewedAtMs >= RENEW_EVERY_MS) {
      this.#renewedAtMs = nowMs;
      for (const entry of this.#entries.values()) if (entry.connections > 0) this.touched(entry);
    }
    const taken = this.#unwritten;
    this.#unwritten = [];
    for (const entry of taken) entry.written = true;
    for (const [tenantId, entries] of Map.groupBy(taken, ({ tenantId }) => tenantId)) {
      try {
        await this.#db.tenant(tenantId, (tx) => upsert(tx, entries, nowMs));
      } catch (error) {
        this.#log.warn(
          { reason: reasonOf(error), devices: entries.length },
          'presence is not written now; kept for later',
        );
        for (const entry of entries) this.touched(entry);
      }
    }
    await this.#writePeriods();
  }

  async #writePeriods(): Promise<void> {
    for (const [tenantId, periods] of this.#periods.take()) {
      try {
        await this.#db.tenant(tenantId, (tx) => writePeriods(tx, periods));
      } catch (error) {
        this.#log.warn({ reason: reasonOf(error) }, 'connections are not written now; kept for later');
        this.#periods.giveBack(periods);
      }
    }
    await this.#periods.sweep(this.#db).catch((error: unknown) => {
      this.#log.warn({ reason: reasonOf(error) }, 'old connections could not be forgotten; tried again in an hour');
    });
  }
}

const instant = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

async function upsert(tx: Tx, entries: readonly DevicePresence[], nowMs: number): Promise<void> {
  await tx.query(
    `insert into device_presence as p
       (tenant_id, device_id, connected, changed_at, last_message_at, problem_code, problem, problem_at, renewed_at)
     select $1, n.*, $9 from unnest($2::uuid[], $3::boolean[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[],
       $8::timestamptz[]) n (device_id, connected, changed_at, last_message_at, problem_code, problem, problem_at)
       where exists (select from device d where d.id = n.device_id)
     on conflict (tenant_id, device_id) do update set
       connected = excluded.connected,
       changed_at = coalesce(excluded.changed_at, p.changed_at),
       renewed_at = excluded.renewed_at,
       last_message_at = greatest(excluded.last_message_at, p.last_message_at),
       problem_code = coalesce(excluded.problem_code, p.problem_code),
       problem = coalesce(excluded.problem, p.problem),
       problem_at = coalesce(excluded.problem_at, p.problem_at)`,
    [
      tx.tenantId,
      entries.map(({ deviceId }) => deviceId),
      entries.map(({ connections }) => connections > 0),
      entries.map(({ changedAtMs }) => instant(changedAtMs)),
      entries.map(({ lastMessageMs }) => instant(lastMessageMs)),
      entries.map(({ problem }) => problem?.code ?? null),
      entries.map(({ problem }) => problem?.text ?? null),
      entries.map(({ problem }) => instant(problem?.atMs ?? null)),
      new Date(nowMs),
    ],
  );
}
