import { type Clock, type Database, type Logger, loopService, type Service, type Sql } from '../../platform/index.ts';
import { lockCursors, moveCursors, openCursors } from '../cursors.ts';
import { Holding, type HoldState } from '../holding.ts';
import type { Spool } from '../spool/index.ts';
import type { Stretch, Stretches } from '../stretches.ts';
import { Wake } from '../wake.ts';
import { FeedBody, fedBlock } from './items.ts';
import { Places } from './partition.ts';

/**
 * After a stretch smaller than this, more is let gather before the next: a single message is fed at once, a trickle of them
 * not each in a transaction of its own.
 */
const SMALL_STRETCH_BYTES = 64 * 1024;
const GATHER_MS = 50;

/** A partition of a tenant that has something new. */
export interface FeedTarget {
  tenantId: string;
  partition: number;
}

export interface FeederDeps {
  spool: Spool;
  db: Database;
  /** Shared by the readers of this spool. */
  stretches: Stretches;
  partitions: number;
  clock: Clock;
  log: Logger;
  /** Tells analytics; a nudge lost is made up for by the sweep. */
  nudge(targets: readonly FeedTarget[]): Promise<void>;
  /** Resolves when the feed's table has room. */
  room(signal: AbortSignal): Promise<void>;
  onFed(position: number): void;
}

export interface Feeder extends Service {
  readonly hold: Readonly<HoldState>;
  position(): number;
}

/**
 * Hands the spool to analytics, by a cursor of its own: what the stores can or cannot do does not concern it. A group of
 * records becomes one durable batch for each partition, committed with the cursor; then analytics is nudged.
 */
export function createFeeder(deps: FeederDeps): Feeder {
  const { spool, db } = deps;
  const holding = new Holding('feeding analytics', deps.clock, deps.log);
  const wake = new Wake();
  const places = new Places(deps.partitions);
  let position = -1;

  const step = async (signal: AbortSignal): Promise<void> => {
    await deps.room(signal);
    if (position < 0) {
      position = await db.as('shipper', async (tx) => {
        await openCursors(tx, spool.id);
        return (await lockCursors(tx, spool.id, ['feed'])).feed;
      });
    }
    const batch = await deps.stretches.at(position);
    if (!batch) return wake.heard(signal);
    const groups = groupByTarget(batch, places);
    position = await db.as('shipper', async (tx) => {
      const { feed } = await lockCursors(tx, spool.id, ['feed']);
      if (feed !== batch.from) return feed;
      await insertBatches(tx, spool.id, batch, groups, deps.clock.nowMs());
      await moveCursors(tx, spool.id, { feed: batch.to });
      return batch.to;
    });
    deps.onFed(position);
    // Not awaited: a queue that is slow or down must not hold the feed up, the rows are safe.
    if (groups.length > 0)
      deps
        .nudge(groups)
        .catch((error: unknown) => deps.log.warn({ reason: String(error) }, 'analytics could not be nudged'));
    if (batch.to - batch.from < SMALL_STRETCH_BYTES) await deps.clock.sleep(GATHER_MS, signal);
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    const unsubscribe = spool.onDurable(() => wake.ring());
    while (!signal.aborted) {
      try {
        await step(signal);
        holding.succeeded();
      } catch (error) {
        position = -1;
        await holding.failed(error, signal);
      }
    }
    unsubscribe();
  };

  return {
    hold: holding.state,
    position: () => position,
    ...loopService(run),
  };
}

interface TargetGroup extends FeedTarget {
  body: FeedBody;
}

function groupByTarget({ messages, units }: Stretch, places: Places): TargetGroup[] {
  const byTenant = new Map<string, TargetGroup[]>();
  const bodyOf = (tenantId: string, partition: number): FeedBody => {
    let groups = byTenant.get(tenantId);
    if (!groups) {
      groups = [];
      byTenant.set(tenantId, groups);
    }
    groups[partition] ??= { tenantId, partition, body: new FeedBody() };
    return groups[partition].body;
  };
  const { columns, blocks } = units;
  const placeOf = (message: number, point: string) => {
    const { tenantId, deviceName } = messages.origin(message);
    const { pointKey, partition } = places.of(tenantId, deviceName, point);
    return { pointKey, body: bodyOf(tenantId, partition) };
  };
  // In the order of the messages, so that each point's units come in the order in which they were taken.
  let block = 0;
  for (let at = 0; at <= columns.length; at++) {
    const message = at < columns.length ? columns.messages[at]! : Number.POSITIVE_INFINITY;
    for (; block < blocks.length && blocks[block]!.message < message; block++) {
      const { message: whence, unit } = blocks[block]!;
      const { pointKey, body } = placeOf(whence, unit.point);
      body.addBlock(fedBlock(pointKey, unit));
    }
    if (at === columns.length) break;
    const { pointKey, body } = placeOf(message, columns.points[at]!);
    body.addReading(pointKey, columns.view(at));
  }
  return [...byTenant.values()].flatMap((groups) => groups.filter((group) => group !== undefined));
}

async function insertBatches(
  tx: Sql,
  spoolId: string,
  batch: Stretch,
  groups: readonly TargetGroup[],
  writtenMs: number,
): Promise<void> {
  // Bodies go as parameters of their own: a bytea is then sent as it is, within an array as text twice its size.
  for (let start = 0; start < groups.length; start += 100) {
    const some = groups.slice(start, start + 100);
    const values: unknown[] = [spoolId, batch.from, batch.to, writtenMs];
    const rows = some.map((group) => {
      const at = values.push(group.tenantId, group.partition, group.body.items, group.body.encode());
      return `($${at - 3}::uuid, $${at - 2}::smallint, $1::text, $2::bigint, $3::bigint, $${at - 1}::integer, $4::bigint, $${at}::bytea)`;
    });
    await tx.query(
      `insert into ingest_feed (tenant_id, partition, spool_id, from_offset, to_offset, items, written_ms, body) values ${rows.join(', ')}`,
      values,
    );
  }
}
