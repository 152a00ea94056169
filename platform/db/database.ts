import pg, { type PoolClient } from 'pg';
import type { Clock } from '../clock/clock.ts';
import { isId } from '../ids.ts';
import { databaseErrors } from './errors.ts';
import { type DatabaseRole, roleUrl } from './roles.ts';
import type { NarrowRole } from './tenantTable.ts';

/** Something that runs SQL with parameters. `int8` arrives as bigint. */
export interface Sql {
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }>;
}

/** One open transaction. */
export interface Transaction extends Sql {
  /** Runs `then` after the commit, never after a rollback; what it throws is not the transaction's concern. */
  afterCommit(then: () => void): void;
}

/** A transaction bound to one tenant: row-level security shows it no other tenant's rows. */
export interface Tx extends Transaction {
  readonly tenantId: string;
}

/** The only door to PostgreSQL. Leaves out: sessions, cursors, savepoints, anything outside a transaction. */
export interface Database {
  tenant<T>(tenantId: string, work: (tx: Tx) => Promise<T>): Promise<T>;
  as<T>(role: NarrowRole, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Resolves when the server answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  ownerUrl: string;
  secretKey: string;
  clock: Clock;
  /** Largest number of connections of the application's role; the narrow roles get four each. */
  maxConnections?: number;
  onIdleError?: (error: Error) => void;
}

/** PostgreSQL codes after which the same transaction, run again, may well succeed. */
const RETRYABLE = new Set(['40001', '40P01']);
const ATTEMPTS = 5;

const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, (text) => BigInt(text));

/** A pool that connects as one narrow role; each pool's connections carry the role's own login. */
export function rolePool(options: DatabaseOptions, role: DatabaseRole, max: number, settings: string[] = []): pg.Pool {
  const pool = new pg.Pool({
    connectionString: roleUrl(options.ownerUrl, role, options.secretKey),
    application_name: `faultline ${role}`,
    max,
    types,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    options: ['statement_timeout=120000', 'idle_in_transaction_session_timeout=120000', ...settings]
      .map((s) => `-c ${s}`)
      .join(' '),
  });
  pool.on('error', (error) => options.onIdleError?.(error));
  return pool;
}

/** Opens the pools; connections are made when first needed. */
export function openDatabase(options: DatabaseOptions): Database {
  const pools = {
    app: rolePool(options, 'app', options.maxConnections ?? 16),
    relay: rolePool(options, 'relay', 4),
    shipper: rolePool(options, 'shipper', 4),
    auth: rolePool(options, 'auth', 4),
  };
  const transact = async <T>(pool: pg.Pool, begin: string, work: (tx: Transaction) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(pool, begin, work);
      } catch (error) {
        if (attempt >= ATTEMPTS || !RETRYABLE.has((error as { code?: string }).code ?? '')) throw error;
        await options.clock.sleep(2 ** attempt);
      }
    }
  };
  return {
    tenant: (tenantId, work) => {
      if (!isId(tenantId)) return Promise.reject(databaseErrors.DB_TENANT_ID({}));
      // One round trip: a SET LOCAL takes no parameter, and the text has just been proved to be a UUID.
      const begin = `begin; set local faultline.tenant_id = '${tenantId}'`;
      return transact(pools.app, begin, (tx) => work(Object.assign(tx, { tenantId })));
    },
    as: (role, work) => transact(pools[role], 'begin', work),
    ping: async () => void (await pools.app.query('select 1')),
    close: async () => void (await Promise.all(Object.values(pools).map((pool) => pool.end()))),
  };
}

async function once<T>(pool: pg.Pool, begin: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  const after: (() => void)[] = [];
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error; // a connection lost between two queries: without a listener it would end the process
  };
  client.on('error', onError);
  try {
    await client.query(begin);
    const result = await work(asTransaction(client, after));
    await client.query('commit');
    for (const then of after) then();
    return result;
  } catch (error) {
    await client.query('rollback').catch((failed: Error) => {
      broken = failed;
    });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken ?? false);
  }
}

function asTransaction(client: PoolClient, after: (() => void)[]): Transaction {
  return {
    query: (text, values) => client.query(text, values as unknown[]) as never,
    afterCommit: (then) => void after.push(then),
  };
}
