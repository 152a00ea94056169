import type { Clock, Consumer, EventType, Outbox } from '../../../../platform/index.ts';
import type { TieKind } from '../../tie.ts';
import { GraphMirrorDue } from '../followConsumers.ts';
import { markDue } from './due.ts';

const BATCH = 500;

/** News of another part after which Neo4j is to be brought up to date. */
export interface TieNews<T> {
  /** Names the durable delivery rows, and so never changes. */
  readonly name: string;
  readonly event: EventType<T>;
  readonly kind: TieKind;
  readonly id: (payload: T) => string;
}

/** Takes down what has changed; whoever follows the graph reads what it has become. */
export function tieConsumer<T>(deps: { outbox: Outbox; clock: Clock }, news: TieNews<T>): Consumer<T> {
  const { outbox, clock } = deps;
  return {
    name: `cmdb.neo4j-${news.name}`,
    event: news.event,
    batchSize: BATCH,
    handle: async (tx, events) => {
      const ids = events.map(({ payload }) => news.id(payload));
      await markDue(tx, news.kind, ids, new Date(clock.nowMs()));
      await outbox.publish(tx, GraphMirrorDue, {});
    },
  };
}
