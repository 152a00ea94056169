import {
  type Clock,
  type Database,
  type Logger,
  reasonOf,
  type Timer,
  type Transaction,
} from '../../platform/index.ts';
import { type QuotaLimits, TenantMeter, UNLIMITED } from './tenantMeter.ts';

const EVERY_MS = 1_000;
/** An intake that has said nothing for so long is taken for gone. */
export const REPORTED_WITHIN_MS = 10_000;
const FORGET_AFTER_MS = 3_600_000;

interface LimitRow {
  tenant_id: string;
  max_connections: number | null;
  messages_per_second: number | null;
  bytes_per_second: number | null;
}

interface OthersRow {
  tenant_id: string;
  processes: number;
  connections: number;
}

interface Reported {
  messages: number;
  bytes: number;
  wasIdle: boolean;
}

/** The meters of all tenants in one intake: told their quotas every second, and reported to those who want to see. */
export class Quotas {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #intake: string;
  readonly #meters = new Map<string, TenantMeter>();
  readonly #reported = new Map<string, Reported>();
  #limits = new Map<string, QuotaLimits>();
  #others = new Map<string, OthersRow>();
  #reportedAtMs = 0;
  #timer: Timer | null = null;
  #working: Promise<void> = Promise.resolve();

  /** @param deps.intake what tells this intake from others: the id of its spool */
  constructor(deps: { db: Database; clock: Clock; log: Logger; intake: string }) {
    this.#db = deps.db;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#intake = deps.intake;
  }

  /** The meter that everything of this tenant goes by. */
  meter({ tenantId, tenantSlug }: { tenantId: string; tenantSlug: string }): TenantMeter {
    let meter = this.#meters.get(tenantId);
    if (!meter) {
      meter = new TenantMeter(this.#clock, tenantId, tenantSlug);
      this.#meters.set(tenantId, meter);
      this.#apply(meter);
    }
    return meter;
  }

  get meters(): Iterable<TenantMeter> {
    return this.#meters.values();
  }

  async start(): Promise<void> {
    this.#reportedAtMs = this.#clock.nowMs();
    await this.exchange();
    this.#again();
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    await this.#working;
    // The connections are gone: another intake must not go on counting them.
    await this.exchange();
  }

  #again(): void {
    this.#timer = this.#clock.setTimer(EVERY_MS, () => {
      this.#working = this.exchange().then(() => {
        if (this.#timer) this.#again();
      });
    });
  }

  /** Says what is used here, hears what is allowed. Without the database the last known quotas stay. */
  async exchange(): Promise<void> {
    try {
      const nowMs = this.#clock.nowMs();
      const usage = this.#usage(nowMs);
      const [limits, others] = await this.#db.as('shipper', async (tx) => {
        if (usage.length > 0) await report(tx, this.#intake, usage, nowMs);
        return [await readLimits(tx), await readOthers(tx, this.#intake, nowMs)];
      });
      this.#limits = new Map(limits.map((row) => [row.tenant_id, limitsOf(row)]));
      this.#others = new Map(others.map((row) => [row.tenant_id, row]));
      for (const meter of this.#meters.values()) this.#apply(meter);
    } catch (error) {
      this.#log.warn({ reason: reasonOf(error) }, 'tenant quotas are not read now; the last known stay');
    }
  }

  #apply(meter: TenantMeter): void {
    const { processes = 0, connections = 0 } = this.#others.get(meter.tenantId) ?? {};
    meter.limit(this.#limits.get(meter.tenantId) ?? UNLIMITED, { processes, connections });
  }

  /** A tenant without connections is reported once more, with zeros, and then no longer. */
  #usage(nowMs: number): Usage[] {
    const elapsedS = Math.max(0.001, (nowMs - this.#reportedAtMs) / 1000);
    this.#reportedAtMs = nowMs;
    const usage: Usage[] = [];
    for (const meter of this.#meters.values()) {
      const { tenantId, connections, messages, bytes, refusedConnections, slowed } = meter;
      const before = this.#reported.get(tenantId) ?? { messages: 0, bytes: 0, wasIdle: false };
      const isIdle = connections === 0 && messages === before.messages;
      this.#reported.set(tenantId, { messages, bytes, wasIdle: isIdle });
      if (isIdle && before.wasIdle) continue;
      const messagesPerSecond = (messages - before.messages) / elapsedS;
      const bytesPerSecond = (bytes - before.bytes) / elapsedS;
      usage.push({ tenantId, connections, messagesPerSecond, bytesPerSecond, refusedConnections, slowed });
    }
    return usage;
  }
}

interface Usage {
  tenantId: string;
  connections: number;
  messagesPerSecond: number;
  bytesPerSecond: number;
  refusedConnections: number;
  slowed: number;
}

function limitsOf(row: LimitRow): QuotaLimits {
  return {
    maxConnections: row.max_connections,
    messagesPerSecond: row.messages_per_second,
    bytesPerSecond: row.bytes_per_second,
  };
}

async function readLimits(tx: Transaction): Promise<LimitRow[]> {
  const { rows } = await tx.query<LimitRow>(
    'select tenant_id, max_connections, messages_per_second, bytes_per_second from tenant_quota',
  );
  return rows;
}

/**
 * Intakes that serve a tenant besides this one, and how many of its connections they hold: none, where its messages come through
 * another broker.
 */
async function readOthers(tx: Transaction, intake: string, nowMs: number): Promise<OthersRow[]> {
  const { rows } = await tx.query<OthersRow>(
    `select tenant_id, count(*)::int as processes, sum(connections)::int as connections from tenant_usage
      where intake <> $1 and (connections > 0 or messages_per_second > 0) and reported_at > $2 group by tenant_id`,
    [intake, new Date(nowMs - REPORTED_WITHIN_MS)],
  );
  return rows;
}

async function report(tx: Transaction, intake: string, usage: readonly Usage[], nowMs: number): Promise<void> {
  await tx.query('delete from tenant_usage where reported_at < $1', [new Date(nowMs - FORGET_AFTER_MS)]);
  await tx.query(
    `insert into tenant_usage as u
       (tenant_id, intake, reported_at, connections, messages_per_second, bytes_per_second, refused_connections, slowed)
     select n.tenant_id, $1, $2, n.connections, n.messages, n.bytes, n.refused, n.slowed
       from unnest($3::uuid[], $4::int[], $5::float8[], $6::float8[], $7::bigint[], $8::bigint[])
            n (tenant_id, connections, messages, bytes, refused, slowed)
     on conflict (tenant_id, intake) do update set
       reported_at = excluded.reported_at, connections = excluded.connections,
       messages_per_second = excluded.messages_per_second, bytes_per_second = excluded.bytes_per_second,
       refused_connections = excluded.refused_connections, slowed = excluded.slowed`,
    [
      intake,
      new Date(nowMs),
      usage.map(({ tenantId }) => tenantId),
      usage.map(({ connections }) => connections),
      usage.map(({ messagesPerSecond }) => messagesPerSecond),
      usage.map(({ bytesPerSecond }) => bytesPerSecond),
      usage.map(({ refusedConnections }) => refusedConnections),
      usage.map(({ slowed }) => slowed),
    ],
  );
}
