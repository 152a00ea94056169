import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedServer, startEmbedded } from '../../platform/db/embedded/server.ts';
import { type Clock, type Database, type Migration, migrate, openDatabase, systemClock } from '../../platform/index.ts';

/** Where the test run's one server tells the test files its address (see `test/engines/setup.ts`). */
export const TEST_SERVER_URL = 'FAULTLINE_TEST_POSTGRES';
const SECRET_KEY = 'secret key of test databases, nothing else';

/** A fresh, migrated database on a real PostgreSQL server. */
export interface TestDatabase {
  db: Database;
  /** An id to use as the tenant; no row of a tenant table exists for it yet. */
  tenantId: string;
  ownerUrl: string;
  secretKey: string;
  /** Runs SQL as the owner, past row-level security: for looking, and for breaking things on purpose. */
  asOwner<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

/** Makes a database of its own for one test file, from a template that is migrated once per set of migrations. */
export async function testDatabase(
  migrations: readonly Migration[],
  clock: Clock = systemClock(),
): Promise<TestDatabase> {
  const server = await testServer();
  const template = await templateFor(server.url, migrations);
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const admin = await connect(server.url);
  await admin.query(`create database ${name} template ${template}`);
  await admin.end();
  const ownerUrl = withDatabase(server.url, name);
  const db = openDatabase({ ownerUrl, secretKey: SECRET_KEY, clock, maxConnections: 8 });
  const owner = new pg.Pool({ connectionString: ownerUrl, max: 2 });
  owner.on('error', () => undefined);
  return {
    db,
    tenantId: randomUUID(),
    ownerUrl,
    secretKey: SECRET_KEY,
    asOwner: async (text, values) => (await owner.query(text, values)).rows as never,
    stop: async () => {
      await db.close();
      await owner.end();
      const dropper = await connect(server.url);
      await dropper.query(`drop database if exists ${name} with (force)`);
      await dropper.end();
      await server.stop();
    },
  };
}

/** The server of the test run, or, outside Vitest (benches), one of one's own that `stop` ends. */
export async function testServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env.TEST_DATABASE_URL ?? process.env[TEST_SERVER_URL];
  if (given) return { url: given, stop: async () => undefined };
  const server = await throwawayServer();
  return { url: server.url, stop: server.stop };
}

/** A server on a temporary folder that goes away with it. */
export async function throwawayServer(settings?: Readonly<Record<string, string>>): Promise<EmbeddedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  const server = await startEmbedded(folder, settings ? { settings } : {});
  return {
    ...server,
    stop: async () => {
      await server.stop();
      for (const path of [folder, server.dataDirectory]) rmSync(path, { recursive: true, force: true });
    },
  };
}

async function templateFor(serverUrl: string, migrations: readonly Migration[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(migrations)).digest('hex').slice(0, 20);
  const name = `template_${hash}`;
  const admin = await connect(serverUrl);
  try {
    await admin.query('select pg_advisory_lock(41)'); // test files start together: one makes the template
    const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) {
      await admin.query(`create database ${name}_new`);
      await migrate(withDatabase(serverUrl, `${name}_new`), SECRET_KEY, migrations);
      await admin.query(`alter database ${name}_new rename to ${name}`);
    }
    return name;
  } catch (error) {
    await admin.query(`drop database if exists ${name}_new with (force)`);
    throw error;
  } finally {
    await admin.end();
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.toString();
}
