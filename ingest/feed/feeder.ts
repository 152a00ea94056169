import { type Clock, type Database, type Logger, loopService, reasonOf, type Service } from '../../platform/index.ts';
import { lockCursors, moveCursors, openCursors } from '../cursors.ts';
import { Holding, type HoldState } from '../holding.ts';
import type { Spool } from '../spool/index.ts';
import type { Stretch, Stretches } from '../stretches.ts';
import { Wake } from '../wake.ts';
import { FeedBody, fedBlock } from './items.ts';
import { type FeedTarget, Places } from './partition.ts';
import { overtaken, type PutBatch, putBatches, type TargetGroup } from './put.ts';

/**
 * After a stretch smaller than this, more is let gather before the next: a single message is fed at once, a trickle of them
 * not each in a transaction of its own.
 */
const SMALL_STRETCH_BYTES = 64 * 1024;
const GATHER_MS = 50;

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
    let put: PutBatch[] = [];
    position = await db.as('shipper', async (tx) => {
      const { feed } = await lockCursors(tx, spool.id, ['feed']);
      if (feed !== batch.from) return feed;
      const { from, to } = batch;
      put = await putBatches(tx, { spoolId: spool.id, from, to }, groups, deps.clock.nowMs());
      await moveCursors(tx, spool.id, { feed: to });
      return to;
    });
    deps.onFed(position);
    // Not awaited: a queue that is slow or down must not hold the feed up, the rows are safe.
    if (put.length > 0)
      tell(put).catch((error: unknown) => deps.log.warn({ reason: reasonOf(error) }, 'analytics could not be nudged'));
    if (batch.to - batch.from < SMALL_STRETCH_BYTES) await deps.clock.sleep(GATHER_MS, signal);
  };

  /** Where older batches wait somebody has been told already: a nudge would be one too many. */
  const tell = async (put: readonly PutBatch[]): Promise<void> => {
    const first = put.filter(({ behind }) => !behind);
    const behind = put.filter((batch) => batch.behind);
    if (first.length > 0) await deps.nudge(first);
    if (behind.length === 0) return;
    const left = await db.as('shipper', (tx) => overtaken(tx, behind));
    if (left.length > 0) await deps.nudge(left);
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
