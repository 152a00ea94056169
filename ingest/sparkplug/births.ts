import { type Clock, type Database, type Logger, reasonOf } from '../../platform/index.ts';

/** One birth certificate as it is kept. */
export interface KeptBirth {
  tenantId: string;
  edgeId: string;
  /** The edge node's own id for its own birth. */
  deviceId: string;
  /** False once it has died; the last certificate stays, for messages that are replayed. */
  alive: boolean;
  payload: Buffer;
  bornAtMs: number;
}

const RETRY_MS = 1_000;

/**
 * Births on their way into the database. They are written behind the intake, and again until they are: while the database
 * is away, what was resolved is safe in the spool, and what a crash then forgets an edge node is asked for.
 */
export class BirthBook {
  readonly #deps: { db: Database; clock: Clock; log: Logger };
  /** By edge and device: only the newest state of each has to be written. */
  readonly #waiting = new Map<string, KeptBirth>();
  readonly #stopping = new AbortController();
  #writing: Promise<void> | null = null;

  constructor(deps: { db: Database; clock: Clock; log: Logger }) {
    this.#deps = deps;
  }

  /** All births of nodes and devices that were alive when last heard of, with the device's name. */
  async load(): Promise<(KeptBirth & { deviceName: string })[]> {
    const { rows } = await this.#deps.db.as('auth', (sql) =>
      sql.query<{
        tenant_id: string;
        edge_id: string;
        device_id: string;
        payload: Buffer;
        born_at: Date;
        name: string;
      }>(
        `select b.tenant_id, b.edge_id, b.device_id, b.payload, b.born_at, d.name from sparkplug_birth b
           join device d on d.tenant_id = b.tenant_id and d.id = b.device_id where b.alive`,
      ),
    );
    return rows.map((row) => ({
      tenantId: row.tenant_id,
      edgeId: row.edge_id,
      deviceId: row.device_id,
      deviceName: row.name,
      alive: true,
      payload: row.payload,
      bornAtMs: row.born_at.getTime(),
    }));
  }

  keep(birth: KeptBirth): void {
    this.#waiting.set(`${birth.edgeId}/${birth.deviceId}`, birth);
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
  }

  /** Writes what waits; what cannot be written now is asked for again after the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#writing;
  }

  async #write(): Promise<void> {
    for (let next = this.#first(); next !== null; next = this.#first()) {
      const [key, birth] = next;
      try {
        await this.#put(birth);
        if (this.#waiting.get(key) === birth) this.#waiting.delete(key);
      } catch (error) {
        this.#deps.log.warn({ reason: reasonOf(error) }, 'a birth certificate is not written now; kept for later');
        if (this.#stopping.signal.aborted) return;
        await this.#deps.clock.sleep(RETRY_MS, this.#stopping.signal);
      }
    }
  }

  #first(): [string, KeptBirth] | null {
    return this.#waiting.entries().next().value ?? null;
  }

  #put(birth: KeptBirth): Promise<unknown> {
    const { tenantId, edgeId, deviceId, alive, payload, bornAtMs } = birth;
    return this.#deps.db.tenant(tenantId, (tx) =>
      tx.query(
        `insert into sparkplug_birth (tenant_id, edge_id, device_id, alive, payload, born_at)
         select $1, $2, $3, $4, $5, $6 where exists (select from device where id = $3)
         on conflict (tenant_id, edge_id, device_id) do update
           set alive = excluded.alive, payload = excluded.payload, born_at = excluded.born_at`,
        [tenantId, edgeId, deviceId, alive, payload, new Date(bornAtMs)],
      ),
    );
  }
}
