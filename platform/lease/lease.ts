import type { Clock } from '../clock/clock.ts';
import type { Database } from '../db/database.ts';
import { reasonOf } from '../errors/errors.ts';
import type { Logger } from '../log/log.ts';
import { loopService, type Service } from '../service.ts';

const HOLD_MS = 6_000;
const RENEW_EVERY_MS = 1_500;

export interface LeaseOptions {
  db: Database;
  clock: Clock;
  log: Logger;
  /** Of the task. */
  name: string;
  /** Of this process; the same after its restart, so that it need not wait for itself. */
  holder: string;
  /** Whether this process can do the task now. One that cannot stops renewing, so that another may. */
  isAble: () => boolean;
  /** The task is this process's from now on, or no more; one call at a time. */
  changed: (held: boolean) => Promise<void> | void;
  /** How long it stays with a process that does not renew it. */
  holdMs?: number;
  renewEveryMs?: number;
}

/** A task that one of several processes has at a time. */
export interface Lease extends Service {
  readonly held: boolean;
}

/**
 * A row in the database that runs out unless renewed: another process has the task within `holdMs` + `renewEveryMs` of its holder's
 * death. The database's clock measures it. Whoever has it keeps it while the database is away, for nobody else can take it
 * then; so after a holder was cut off from the database alone, two believe to have it until it is heard again (`renewEveryMs`).
 * What is done under a lease must bear that.
 */
export function createLease(options: LeaseOptions): Lease {
  const { db, clock, log, name, holder, isAble, holdMs = HOLD_MS, renewEveryMs = RENEW_EVERY_MS } = options;
  let held = false;

  const become = async (now: boolean) => {
    if (now === held) return;
    held = now;
    log.info({ lease: name, holder }, now ? 'this process has the task now' : 'another process has the task now');
    await options.changed(now);
  };

  const renew = async () => {
    if (!isAble()) return;
    const rowCount = await db.as('relay', async (sql) => {
      const result = await sql.query(
        `insert into lease (name, holder, until) values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
         on conflict (name) do update set holder = excluded.holder, until = excluded.until
           where lease.holder = excluded.holder or lease.until < clock_timestamp()`,
        [name, holder, holdMs],
      );
      return result.rowCount;
    });
    await become(rowCount === 1);
  };

  const tryRenew = async () => {
    try {
      await renew();
    } catch (error) {
      log.warn({ lease: name, reason: reasonOf(error) }, 'a task’s lease cannot be renewed now; it stays where it is');
    }
  };

  const loop = loopService(async (signal) => {
    while (!signal.aborted) {
      await clock.sleep(renewEveryMs, signal);
      if (!signal.aborted) await tryRenew();
    }
  });

  return {
    get held() {
      return held;
    },
    start: async () => {
      await tryRenew();
      await loop.start();
    },
    stop: async () => {
      await loop.stop();
      if (!held) return;
      held = false;
      await db
        .as('relay', (sql) => sql.query('delete from lease where name = $1 and holder = $2', [name, holder]))
        .catch((error: unknown) => log.warn({ lease: name, reason: reasonOf(error) }, 'a lease runs out by itself'));
    },
  };
}
