import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, start } from '../../main.ts';
import { createLog, loadConfig, type ProcessRole, ROLES, systemClock } from '../../platform/index.ts';
import { Api } from '../../simulators/attach/index.ts';
import { type TestDatabase, testDatabase } from '../engines/postgres.ts';

export const PASSWORD = 'the password of system tests';

/** The whole composition in this process, on a database and a folder of its own. */
export interface Composed extends Running {
  folder: string;
  /** What a program beside it needs in its environment to work on the same database. */
  env: Record<string, string>;
  /** Signed in as the first administrator. */
  api: Api;
  asOwner<Row>(sql: string, values?: unknown[]): Promise<Row[]>;
}

export async function composed(env: Record<string, string> = {}): Promise<Composed> {
  const pg = await testDatabase([]);
  const process = await oneProcess(pg, env, ROLES);
  const api = new Api(process.httpUrl);
  await api.signIn('admin', PASSWORD);
  return {
    ...process,
    api,
    env: { DATABASE_URL: pg.ownerUrl, FAULTLINE_SECRET_KEY: pg.secretKey, DATA_DIR: process.folder, ...env },
    asOwner: pg.asOwner,
    stop: async () => {
      await process.stop();
      await pg.stop();
    },
  };
}

/** One process of an installation, with the roles given, on a folder of its own. */
export async function oneProcess(
  pg: TestDatabase,
  env: Record<string, string>,
  roles: readonly ProcessRole[],
): Promise<Running & { folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-system-'));
  const config = loadConfig({
    ...{ DATABASE_URL: pg.ownerUrl, FAULTLINE_SECRET_KEY: pg.secretKey, DATA_DIR: folder },
    ...{ HTTP_PORT: '0', MQTT_PORT: '0', FAULTLINE_ADMIN_PASSWORD: PASSWORD },
    ...env,
  });
  const running = await start(config, {
    roles: new Set(roles),
    log: createLog(process.env.TEST_LOG ?? 'silent'),
    clock: systemClock(),
    fatal: (reason) => {
      throw new Error(reason);
    },
  });
  return {
    ...running,
    folder,
    stop: async () => {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
