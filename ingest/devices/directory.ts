import { type Clock, type Database, type Logger, reasonOf, type Sql, type Timer } from '../../platform/index.ts';
import { devicesChangedSince } from './changes.ts';
import { type DeviceIdentity, type DeviceKind, type PublishedDevice, usernameOf } from './identity.ts';

/** Look-ups that arrive within this time share one query: a thousand devices reconnect in one second. */
const GATHER_MS = 3;
/** A revocation made in another process takes effect within a second. */
const CHECK_EVERY_MS = 500;
const MAX_KNOWN = 200_000;
/** How long an unknown username is remembered as unknown. */
const UNKNOWN_FOR_MS = 2_000;
const MAX_UNKNOWN = 20_000;
/** Higher than any transaction: the first question asks only where changes begin. */
const NO_CHANGES_YET = 2n ** 63n - 1n;

/** Reads the formats of devices before the devices are handed out. */
export interface FormatSource {
  loadIn(sql: Sql, names: Iterable<string | null>): Promise<void>;
}

interface Waiting {
  resolve: (identity: DeviceIdentity | null) => void;
  reject: (error: unknown) => void;
}

interface Row {
  tenant_id: string;
  slug: string;
  id: string;
  name: string;
  kind: DeviceKind;
  secret_hash: Buffer | null;
  previous_hash: Buffer | null;
  previous_until: Date | null;
  version: number;
  telemetry_format: string | null;
}

/** How the front is told of a type's format: one text, as records carry it. */
const FORMAT = `case when t.mapping_version_id is null then t.telemetry_format else 'mapped:' || t.mapping_version_id end as telemetry_format`;
const TYPE_OF_DEVICE = 'left join device_type t on t.tenant_id = d.tenant_id and t.id = d.type_id';

/**
 * Who may connect, read through the narrow auth role and remembered. Twice a second the database is asked what has
 * changed, so that a revocation in any process ends the connections here.
 */
export class DeviceDirectory {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #formats: FormatSource | undefined;
  readonly #known = new Map<string, DeviceIdentity>();
  readonly #usernames = new Map<string, string>();
  readonly #unknownUntilMs = new Map<string, number>();
  readonly #listeners = new Set<(identity: DeviceIdentity) => void>();
  #gathering: Map<string, Waiting[]> | null = null;
  /** Up to where changes are known; null: what is remembered must be compared as a whole. */
  #position: bigint | null = null;
  #askAgainFrom: bigint | null | undefined = undefined;
  #timer: Timer | null = null;
  #checking: Promise<void> = Promise.resolve();

  constructor(deps: { db: Database; clock: Clock; log: Logger; formats?: FormatSource }) {
    this.#formats = deps.formats;
    this.#db = deps.db;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  start(): void {
    this.#timer = this.#clock.setTimer(CHECK_EVERY_MS, () => {
      this.#checking = this.check().catch((error: unknown) => {
        this.#log.warn({ reason: reasonOf(error) }, 'could not check devices for changes; those known stay valid');
      });
      void this.#checking.then(() => this.#timer && this.start());
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    await this.#checking;
  }

  /** The identity if it is remembered: costs no query. */
  remembered(username: string): DeviceIdentity | undefined {
    return this.#known.get(username);
  }

  /** Called with the new identity whenever one that was handed out has changed. */
  onChange(listener: (identity: DeviceIdentity) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  find(username: string): Promise<DeviceIdentity | null> {
    const known = this.#known.get(username);
    if (known) return Promise.resolve(known);
    if ((this.#unknownUntilMs.get(username) ?? 0) > this.#clock.nowMs()) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      if (!this.#gathering) {
        this.#gathering = new Map();
        this.#clock.setTimer(GATHER_MS, () => void this.#lookUp());
      }
      const waiting = this.#gathering.get(username);
      if (waiting) waiting.push({ resolve, reject });
      else this.#gathering.set(username, [{ resolve, reject }]);
    });
  }

  async #lookUp(): Promise<void> {
    const gathered = this.#gathering!;
    this.#gathering = null;
    const position = this.#position;
    try {
      const found = await this.#load([...gathered.keys()]);
      for (const [username, waiting] of gathered) {
        const identity = found.get(username) ?? null;
        if (identity) this.#remember(username, identity);
        else this.#rememberUnknown(username);
        for (const { resolve } of waiting) resolve(identity);
      }
      this.#mayHaveMissed(position);
    } catch (error) {
      for (const waiting of gathered.values()) for (const { reject } of waiting) reject(error);
    }
  }

  /** Asks the database what has changed, and tells of it. */
  async check(): Promise<void> {
    const before = this.#lowestPosition();
    this.#askAgainFrom = undefined;
    const changes = await this.#db.as('auth', (sql) => devicesChangedSince(sql, before ?? NO_CHANGES_YET));
    // A position that goes backwards: the database is another one, restored from a backup.
    if (before === null || changes.position < before) await this.#compareAll();
    else await this.#reload(changes.changed.flatMap((change) => this.#staleUsername(change)));
    this.#position = changes.position;
  }

  #lowestPosition(): bigint | null {
    const again = this.#askAgainFrom;
    if (again === undefined || this.#position === null) return this.#position;
    return again === null || again < this.#position ? again : this.#position;
  }

  /** What was looked up may be older than changes told meanwhile, when it was not yet remembered: they are asked for again. */
  #mayHaveMissed(since: bigint | null): void {
    if (since === this.#position) return;
    const again = this.#askAgainFrom;
    if (again === undefined || (again !== null && (since === null || since < again))) this.#askAgainFrom = since;
  }

  #staleUsername({ id, version }: { id: string; version: number }): string[] {
    const username = this.#usernames.get(id);
    return username !== undefined && this.#known.get(username)?.version !== version ? [username] : [];
  }

  async #compareAll(): Promise<void> {
    const known = [...this.#known.entries()];
    if (known.length === 0) return;
    const { rows } = await this.#db.as('auth', (sql) =>
      sql.query<{ id: string; version: number }>(
        `select d.id, d.version from device d join unnest($1::uuid[], $2::uuid[]) k (tenant_id, id)
           on d.tenant_id = k.tenant_id and d.id = k.id`,
        [known.map(([, identity]) => identity.tenantId), known.map(([, identity]) => identity.deviceId)],
      ),
    );
    const versions = new Map(rows.map(({ id, version }) => [id, version]));
    const stale = known.filter(([, identity]) => versions.get(identity.deviceId) !== identity.version);
    await this.#reload(stale.map(([username]) => username));
  }

  /** A change made in this process takes effect at once. */
  async changed(deviceId: string): Promise<void> {
    const username = this.#usernames.get(deviceId);
    if (username !== undefined) await this.#reload([username]);
  }

  async #reload(usernames: string[]): Promise<void> {
    if (usernames.length === 0) return;
    const found = await this.#load(usernames);
    for (const username of usernames) {
      const before = this.#known.get(username);
      const now = found.get(username);
      if (now) this.#remember(username, now);
      else this.#known.delete(username);
      if (!before) continue;
      const identity = now ?? { ...before, secretHash: null, previousSecret: null };
      for (const listener of this.#listeners) listener(identity);
    }
  }

  #remember(username: string, identity: DeviceIdentity): void {
    if (this.#known.size >= MAX_KNOWN && !this.#known.has(username)) this.#forgetOldest();
    this.#known.set(username, identity);
    this.#usernames.set(identity.deviceId, username);
    this.#unknownUntilMs.delete(username);
  }

  #forgetOldest(): void {
    const [username, { deviceId }] = this.#known.entries().next().value!;
    this.#known.delete(username);
    this.#usernames.delete(deviceId);
  }

  #rememberUnknown(username: string): void {
    if (this.#unknownUntilMs.size >= MAX_UNKNOWN) this.#unknownUntilMs.clear();
    this.#unknownUntilMs.set(username, this.#clock.nowMs() + UNKNOWN_FOR_MS);
  }

  #load(usernames: string[]): Promise<Map<string, DeviceIdentity>> {
    const pairs = usernames.map((username) => {
      const slash = username.indexOf('/');
      return [username.slice(0, slash), username.slice(slash + 1)] as const;
    });
    return this.#db.as('auth', async (sql) => {
      const { rows } = await sql.query<Row>(
        `select d.tenant_id, n.slug, d.id, d.name, d.kind, d.version, ${FORMAT},
                case when d.revoked_at is null then d.secret_hash end as secret_hash, d.previous_hash, d.previous_until
           from unnest($1::text[], $2::text[]) k (slug, name)
           join tenant n on n.slug = k.slug join device d on d.tenant_id = n.id and d.name = k.name ${TYPE_OF_DEVICE}`,
        [pairs.map(([slug]) => slug), pairs.map(([, name]) => name)],
      );
      const children = await childrenOf(sql, rows);
      const ofChildren = [...children.values()].flatMap((list) => [...list.values()]);
      const names = [...rows.map((row) => row.telemetry_format), ...ofChildren.map((child) => child.telemetryFormat)];
      await this.#formats?.loadIn(sql, names);
      return new Map(rows.map((row) => [usernameOf(row.slug, row.name), identityOf(row, children.get(row.id))]));
    });
  }
}

async function childrenOf(sql: Sql, rows: readonly Row[]): Promise<Map<string, Map<string, PublishedDevice>>> {
  const gateways = rows.filter(({ kind }) => kind === 'gateway');
  const children = new Map<string, Map<string, PublishedDevice>>();
  if (gateways.length === 0) return children;
  const found = await sql.query<{ gateway_id: string; id: string; name: string; telemetry_format: string | null }>(
    `select d.gateway_id, d.id, d.name, ${FORMAT} from device d join unnest($1::uuid[], $2::uuid[]) k (tenant_id, id)
       on d.tenant_id = k.tenant_id and d.gateway_id = k.id ${TYPE_OF_DEVICE} where d.revoked_at is null`,
    [gateways.map(({ tenant_id }) => tenant_id), gateways.map(({ id }) => id)],
  );
  for (const { gateway_id, id, name, telemetry_format } of found.rows) {
    const list = children.get(gateway_id) ?? new Map<string, PublishedDevice>();
    children.set(gateway_id, list.set(name, { deviceId: id, telemetryFormat: telemetry_format }));
  }
  return children;
}

function identityOf(row: Row, children: ReadonlyMap<string, PublishedDevice> = new Map()): DeviceIdentity {
  return {
    tenantId: row.tenant_id,
    tenantSlug: row.slug,
    deviceId: row.id,
    name: row.name,
    kind: row.kind,
    telemetryFormat: row.telemetry_format,
    children,
    secretHash: row.secret_hash,
    previousSecret:
      row.previous_hash === null ? null : { hash: row.previous_hash, untilMs: row.previous_until!.getTime() },
    version: row.version,
  };
}
