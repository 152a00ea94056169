import { z } from 'zod';
import {
  type AnyConsumer,
  type Clock,
  defineEvent,
  type Logger,
  type Outbox,
  reasonOf,
  type Tx,
} from '../../../platform/index.ts';
import { GraphChanged } from '../../events.ts';
import type { GraphMirror } from './mirror.ts';
import { dueState } from './ties/due.ts';

/** Neo4j did not take a change; it is to be offered again when this is due. */
export const GraphMirrorDue = defineEvent('GraphMirrorDue', z.object({}));

const RETRY_AFTER_MS = 5_000;
/** One following serves every change up to the newest, so many events are one piece of work. */
const BATCH = 500;

/** How far a tenant's Neo4j is behind, as it is shown. */
export interface MirrorState {
  /** The version that stands in Neo4j; null before the first one does. */
  readonly mirrored: bigint | null;
  readonly followedAt: Date | null;
  /** Why it does not follow, in words; null while it does. */
  readonly problem: string | null;
}

/** The same, with the orders and anomalies whose change it has not taken yet. */
export interface MirrorLag extends MirrorState {
  readonly tiesBehind: number;
  /** When the first of them changed. */
  readonly tiesSince: Date | null;
}

/**
 * Follow the graph by its events. A Neo4j that does not answer is no failure of the event, which says nothing that the
 * record does not say: the state tells of it, and a later event tries again, for as long as it takes.
 */
export function followConsumers(deps: {
  mirror: GraphMirror;
  outbox: Outbox;
  clock: Clock;
  log: Logger;
}): AnyConsumer[] {
  const { mirror, outbox, clock, log } = deps;
  const follow = async (tx: Tx): Promise<void> => {
    try {
      const version = await mirror.follow(tx.tenantId);
      await saveState(tx, { mirrored: version, followedAt: new Date(clock.nowMs()), problem: null });
    } catch (error) {
      const problem = reasonOf(error).slice(0, 500);
      log.warn({ tenantId: tx.tenantId, reason: problem }, 'Neo4j does not follow the dependency graph');
      await saveState(tx, { mirrored: null, followedAt: null, problem });
      await outbox.publish(tx, GraphMirrorDue, {}, { dueAtMs: clock.nowMs() + RETRY_AFTER_MS });
    }
  };
  const common = { batchSize: BATCH, concurrency: 1, handle: follow };
  return [
    { name: 'cmdb.neo4j-follow', event: GraphChanged, ...common },
    { name: 'cmdb.neo4j-follow-again', event: GraphMirrorDue, ...common },
  ];
}

/** What is null keeps its value, but for the problem. */
async function saveState(tx: Tx, { mirrored, followedAt, problem }: MirrorState): Promise<void> {
  await tx.query(
    `insert into cmdb_mirror as m (tenant_id, mirrored_version, followed_at, problem) values ($1, $2, $3, $4)
     on conflict (tenant_id) do update set
       mirrored_version = greatest(m.mirrored_version, excluded.mirrored_version),
       followed_at = coalesce(excluded.followed_at, m.followed_at), problem = excluded.problem`,
    [tx.tenantId, mirrored, followedAt, problem],
  );
}

export async function readMirrorState(tx: Tx): Promise<MirrorLag> {
  const { rows } = await tx.query<MirrorState>(
    `select mirrored_version as mirrored, followed_at as "followedAt", problem from cmdb_mirror where tenant_id = $1`,
    [tx.tenantId],
  );
  const state = rows[0] ?? { mirrored: null, followedAt: null, problem: null };
  return { ...state, ...(await dueState(tx)) };
}
