import type { Clock } from './clock/clock.ts';
import type { Config } from './config/schema.ts';
import { type Database, openDatabase } from './db/database.ts';
import { lockDirectory } from './db/embedded/directoryLock.ts';
import { installationSecrets } from './db/embedded/secrets.ts';
import { startEmbedded } from './db/embedded/server.ts';
import { type Migration, migrate } from './db/migrate.ts';
import { jobsOnPostgres, jobsOnRedis, migrateQueues } from './jobs/bullmq.ts';
import type { Jobs } from './jobs/jobs.ts';
import type { Logger } from './log/log.ts';

/** The ground under every part: the database migrated and open, the job registry made. */
export interface Ground {
  db: Database;
  jobs: Jobs;
  secretKey: string;
  close(): Promise<void>;
}

/**
 * Opens the engines that the configuration names. What was opened before a failure is
 * closed again.
 *
 * @param fatal called when the embedded database cannot be kept running
 */
export async function openGround(
  config: Config,
  deps: { clock: Clock; log: Logger; migrations: readonly Migration[]; fatal: (reason: string) => void },
): Promise<Ground> {
  const { clock, log } = deps;
  const opened: (() => Promise<unknown> | unknown)[] = [];
  const close = async () => {
    for (const undo of opened.splice(0).reverse()) await undo();
  };
  try {
    const secretKey = config.FAULTLINE_SECRET_KEY ?? installationSecrets(config.DATA_DIR).secretKey;
    let ownerUrl = config.DATABASE_URL;
    if (ownerUrl === undefined) {
      const lock = lockDirectory(config.DATA_DIR); // an embedded server has one owner; other stores guard themselves
      opened.push(() => lock.release());
      const server = await startEmbedded(config.DATA_DIR);
      opened.push(() => server.stop());
      server.onEvent(({ kind, reason }) => {
        log.error(
          { reason },
          kind === 'restarting'
            ? 'the embedded PostgreSQL ended; starting it again'
            : 'the embedded PostgreSQL is lost',
        );
        if (kind === 'gave-up') deps.fatal(`the embedded PostgreSQL keeps ending: ${reason}`);
      });
      ownerUrl = server.url;
      log.info({ directory: server.dataDirectory }, 'embedded PostgreSQL is up');
    }
    const applied = await migrate(ownerUrl, secretKey, deps.migrations);
    if (applied.length > 0) log.info({ applied: applied.length }, 'the database is at the newest schema');
    const onIdleError = (error: Error) => log.warn({ reason: error.message }, 'a database connection was lost');
    const database = { ownerUrl, secretKey, clock, onIdleError };
    const db = openDatabase(database);
    opened.push(() => db.close());
    if (config.REDIS_URL === undefined) await migrateQueues(ownerUrl);
    const jobs = config.REDIS_URL === undefined ? jobsOnPostgres(database, log) : jobsOnRedis(config.REDIS_URL, log);
    opened.push(() => jobs.stop());
    return { db, jobs, secretKey, close };
  } catch (error) {
    await close();
    throw error;
  }
}
