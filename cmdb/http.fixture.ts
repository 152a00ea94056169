import { Writable } from 'node:stream';
import { Registry } from 'prom-client';
import {
  type App,
  type Clock,
  createHttp,
  createLog,
  createOutbox,
  createReadiness,
  isRole,
  outboxMigration,
  permissionsOf,
  systemClock,
} from '../platform/index.ts';
import { type TestDatabase, testDatabase } from '../test/engines/postgres.ts';
import { type Cmdb, createCmdb, migrations } from './index.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test reads answers freely, and says what it expects of them
type Answer = any;

/** A CMDB on a fresh database behind its HTTP application. */
export interface CmdbOverHttp {
  pg: TestDatabase;
  app: App;
  cmdb: Cmdb;
  /** Sends as a role of a tenant; the admin of the fixture's tenant by default. */
  send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    as?: { role?: string; tenantId?: string },
  ): Promise<{ status: number; body: Answer }>;
  stop(): Promise<void>;
}

export async function cmdbOverHttp(clock: Clock = systemClock()): Promise<CmdbOverHttp> {
  const pg = await testDatabase([outboxMigration, ...migrations]);
  const log = createLog('error', new Writable({ write: (_chunk, _encoding, done) => done() }));
  const metrics = new Registry();
  const cmdb = createCmdb({ db: pg.db, outbox: createOutbox(clock, [], () => undefined), clock, metrics });
  const app = await createHttp({
    log,
    metrics,
    readiness: createReadiness({ clock, log }),
    version: '0',
    authenticate: async (secret) => {
      const [tenantId = '', role = ''] = secret.split('|');
      if (!isRole(role)) return null;
      return {
        tenantId,
        operator: true,
        userId: null,
        name: `the ${role}`,
        roles: [role],
        permissions: permissionsOf([role], { operator: true }),
        credential: { kind: 'token', id: 't' },
      };
    },
  });
  cmdb.routes(app);
  await app.ready();
  return {
    pg,
    app,
    cmdb,
    send: async (method, path, body, as = {}) => {
      const response = await app.inject({
        method,
        url: `/api/v1/cmdb${path}`,
        headers: { authorization: `Bearer ${as.tenantId ?? pg.tenantId}|${as.role ?? 'admin'}` },
        ...(body === undefined ? {} : { payload: body as object }),
      });
      return { status: response.statusCode, body: response.json() };
    },
    stop: async () => {
      await app.close();
      await pg.stop();
    },
  };
}
