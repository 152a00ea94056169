import {
  AnomalyCleared,
  AnomalyClosed,
  AnomalyConfirmed,
  AnomalyEscalated,
  AnomalyMoved,
  type OpenAnomalyFacts,
  openAnomalies,
} from './analytics/index.ts';
import type { Tie, Tied, TieNews } from './cmdb/index.ts';
import type { EventType } from './platform/index.ts';
import {
  type OpenOrderFacts,
  openOrders,
  WorkOrderOpened,
  WorkOrderRevised,
  WorkOrderStateChanged,
} from './ticketing/index.ts';

function orderTie({ id, assetId, assetName, summary, ...order }: OpenOrderFacts): Tie {
  const { number, kind, state, priority, fault, level } = order;
  const { createdAt: openedAt, responseDueAt, resolutionDueAt } = order;
  return {
    ...{ id, ciId: assetId },
    properties: {
      ...{ number, kind, state, priority, fault, level, assetName, summary: summary.en, summaryZh: summary.zh },
      ...{ openedAt, responseDueAt, resolutionDueAt },
    },
  };
}

function anomalyTie({ id, assetId, summary, firstSeenMs, confirmedMs, ...anomaly }: OpenAnomalyFacts): Tie {
  const { pointKey, assetName, fault, level, severityZone, confidence } = anomaly;
  return {
    ...{ id, ciId: assetId },
    properties: {
      ...{ pointKey, assetName, fault, level, severityZone, confidence, summary: summary.en, summaryZh: summary.zh },
      firstSeenAt: new Date(firstSeenMs),
      confirmedAt: confirmedMs === null ? null : new Date(confirmedMs),
    },
  };
}

const orderNews = <T extends { orderId: string }>(name: string, event: EventType<T>): TieNews<T> => ({
  ...{ name, event, kind: 'work_order' },
  id: ({ orderId }) => orderId,
});
const anomalyNews = <T extends { anomalyId: string }>(name: string, event: EventType<T>): TieNews<T> => ({
  ...{ name, event, kind: 'anomaly' },
  id: ({ anomalyId }) => anomalyId,
});

/** The open work orders and anomalies that stand at CIs in Neo4j, and the news by which they change. */
export const tiedToCis: Tied = {
  sources: [
    { kind: 'work_order', open: async (tx, ids) => (await openOrders(tx, ids)).map(orderTie) },
    { kind: 'anomaly', open: async (tx, ids) => (await openAnomalies(tx, ids)).map(anomalyTie) },
  ],
  news: [
    orderNews('order-opened', WorkOrderOpened),
    orderNews('order-moved', WorkOrderStateChanged),
    orderNews('order-revised', WorkOrderRevised),
    anomalyNews('anomaly-confirmed', AnomalyConfirmed),
    anomalyNews('anomaly-escalated', AnomalyEscalated),
    anomalyNews('anomaly-cleared', AnomalyCleared),
    anomalyNews('anomaly-closed', AnomalyClosed),
    anomalyNews('anomaly-moved', AnomalyMoved),
  ],
};
