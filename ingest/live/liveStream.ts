import type { Recheck } from '../../platform/index.ts';
import {
  type Clock,
  type Database,
  type Logger,
  loopService,
  newId,
  type Principal,
  reasonOf,
  type Service,
} from '../../platform/index.ts';
import { Wake } from '../wake.ts';
import { KEEP_S } from './announced.ts';
import { type LiveSeries, unpackLive } from './items.ts';
import type { LiveFilter } from './pattern.ts';
import { type LiveTransport, Watcher } from './watcher.ts';

const LOOK_EVERY_MS = 200;
/** A batch holds up to eight thousand readings: what is read at once stays small. */
const BATCHES_A_LOOK = 10;
/** Somewhat sooner than batches go. */
const MISSED_AFTER_MS = 0.8 * KEEP_S * 1000;
const RENEW_EVERY_MS = 5_000;
const WANTED_FOR_S = 15;
const RECHECK_EVERY_MS = 2_000;
export const HEARTBEAT_MS = 15_000;
/** A watcher who takes nothing for so long is gone, or as good as gone. */
const STALLED_MS = 60_000;
const MAX_WATCHERS = 2_000;

export interface LiveStreamDeps {
  db: Database;
  clock: Clock;
  log: Logger;
  /** Which credentials still hold, and what they allow. */
  recheck: Recheck;
}

/** Readings as they are stored, for any number of watchers; one reader of the database, whatever their number. */
export interface LiveStream extends Service {
  /** Null when this process has all the watchers that it can have. */
  watch(principal: Principal, filter: LiveFilter, transport: LiveTransport): Watcher | null;
  /** The watcher's transport takes again. */
  resume(watcher: Watcher): void;
  leave(watcher: Watcher): void;
  watchers(): number;
  /** Readings that wait for the slowest watcher. */
  mostWaiting(): number;
}

interface Watched {
  watchers: Set<Watcher>;
  /** Batches already taken, with when; those of before the first look are taken as read. */
  seen: Map<bigint, number> | null;
  renewedAtMs: number;
  /** When everything there was had last been read. */
  caughtUpAtMs: number;
}

/**
 * Follows the batches that `announced` leaves, for the tenants that are watched. Batches are known by number and not by
 * "greater than the last": two writers commit in another order than they number.
 */
export function createLiveStream({ db, clock, log, recheck }: LiveStreamDeps): LiveStream {
  const reader = newId();
  const tenants = new Map<string, Watched>();
  let checkedAtMs = 0;
  let beatAtMs = 0;
  let count = 0;
  const wake = new Wake();

  const look = async (tenantId: string, watched: Watched): Promise<boolean> => {
    const renew = clock.nowMs() - watched.renewedAtMs >= RENEW_EVERY_MS;
    const rows = await db.tenant(tenantId, async (tx) => {
      if (renew) {
        await tx.query(
          `insert into ingest_live_wanted (tenant_id, reader, until)
           values (current_tenant(), $1, clock_timestamp() + make_interval(secs => $2))
           on conflict (tenant_id, reader) do update set until = excluded.until`,
          [reader, WANTED_FOR_S],
        );
        await tx.query('delete from ingest_live_wanted where until < clock_timestamp()');
      }
      const fresh = `from ingest_live where written_at > clock_timestamp() - make_interval(secs => $1)`;
      if (watched.seen === null)
        return (await tx.query<{ seq: bigint; body?: Buffer }>(`select seq ${fresh}`, [KEEP_S])).rows;
      return (
        await tx.query<{ seq: bigint; body?: Buffer }>(
          `select seq, body ${fresh} and seq <> all($2::int8[]) order by seq limit $3`,
          [KEEP_S, [...watched.seen.keys()], BATCHES_A_LOOK],
        )
      ).rows;
    });
    const nowMs = clock.nowMs();
    if (renew) watched.renewedAtMs = nowMs;
    watched.seen ??= new Map();
    for (const { seq, body } of rows) {
      watched.seen.set(seq, nowMs);
      if (body) offer(watched, unpackLive(body), nowMs);
    }
    // Far beyond the age at which the query leaves them out, so that no batch comes twice.
    for (const [seq, atMs] of watched.seen) if (nowMs - atMs > 4_000 * KEEP_S) watched.seen.delete(seq);
    const more = rows.length === BATCHES_A_LOOK;
    // A batch can have gone unread only if there was no look that read all, for as long as batches are kept.
    const missed = nowMs - watched.caughtUpAtMs > MISSED_AFTER_MS;
    if (missed) for (const watcher of watched.watchers) watcher.gap(nowMs);
    if (missed || !more) watched.caughtUpAtMs = nowMs;
    return more;
  };

  const offer = (watched: Watched, batch: LiveSeries[], nowMs: number): void => {
    for (const watcher of watched.watchers) watcher.offer(batch, nowMs);
  };

  const all = (): Watcher[] => [...tenants.values()].flatMap(({ watchers }) => [...watchers]);

  const tend = async (): Promise<void> => {
    const nowMs = clock.nowMs();
    if (nowMs - beatAtMs >= HEARTBEAT_MS) {
      beatAtMs = nowMs;
      for (const watcher of all()) watcher.beat();
    }
    for (const watcher of all()) {
      if (watcher.stalledSinceMs !== null && nowMs - watcher.stalledSinceMs > STALLED_MS) watcher.end('stalled');
    }
    if (nowMs - checkedAtMs < RECHECK_EVERY_MS) return;
    const watching = all();
    const standing = await recheck(watching.map((watcher) => watcher.principal.credential));
    checkedAtMs = nowMs;
    for (const watcher of watching) {
      if (!standing.get(watcher.principal.credential.id)?.has('telemetry:read')) watcher.end('revoked');
    }
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      let more = false;
      try {
        await tend();
        for (const [tenantId, watched] of tenants) more = (await look(tenantId, watched)) || more;
      } catch (error) {
        log.warn({ reason: reasonOf(error) }, 'the live stream could not be read; it is tried again');
        more = false;
      }
      if (count === 0) await wake.heard(signal);
      else if (!more) await clock.sleep(LOOK_EVERY_MS, signal);
    }
    for (const watcher of all()) watcher.end('stopping');
  };
  const loop = loopService(run);

  return {
    ...loop,
    watchers: () => count,
    mostWaiting: () => Math.max(0, ...all().map((watcher) => watcher.waiting)),
    watch: (principal, filter, transport) => {
      if (count >= MAX_WATCHERS) return null;
      const watcher = new Watcher(principal, filter, transport);
      const watched = tenants.get(principal.tenantId) ?? {
        ...{
          watchers: new Set<Watcher>(),
          seen: null,
          renewedAtMs: Number.NEGATIVE_INFINITY,
          caughtUpAtMs: clock.nowMs(),
        },
      };
      watched.watchers.add(watcher);
      tenants.set(principal.tenantId, watched);
      count++;
      wake.ring();
      watcher.hello(HEARTBEAT_MS);
      return watcher;
    },
    resume: (watcher) => watcher.resume(clock.nowMs()),
    leave: (watcher) => {
      const watched = tenants.get(watcher.principal.tenantId);
      if (!watched?.watchers.delete(watcher)) return;
      count--;
      if (watched.watchers.size === 0) tenants.delete(watcher.principal.tenantId);
    },
  };
}
