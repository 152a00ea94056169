import { z } from 'zod';
import type { App } from '../../platform/index.ts';
import { analyticsErrors } from '../errors.ts';
import { maintenanceAt } from '../facts/machineFacts.ts';
import { pointVerdict } from '../pointVerdict.ts';
import { anomalyLife, remainingLifeSchema } from '../prognosis/anomalyLife.ts';
import { readAnomaly } from '../store/anomalies.ts';
import { readTrend } from '../store/featureHistory.ts';
import { readPoint } from '../store/pointMemory.ts';
import type { RouteDeps } from './deps.ts';

const byDevicePoint = z.object({ device: z.string().max(128), point: z.string().max(128) });

const pointStatus = z.object({
  pointKey: z.string(),
  kind: z.enum(['waveform', 'reading']),
  asset: z.object({ id: z.uuid(), name: z.string(), machineName: z.string() }).nullable(),
  /** The last judgement, "cannot tell" and gates included. */
  verdict: pointVerdict,
  baseline: z.object({
    regimes: z.array(z.object({ regime: z.string(), values: z.int() })),
    frozen: z.boolean(),
    /** Grows with false alarms: multiplies the deviation at which a feature speaks. */
    caution: z.number(),
  }),
  /** Of the anomaly that the point has open; withheld while it has none. */
  remainingLife: remainingLifeSchema,
  maintenance: z.object({ fromMs: z.number(), toMs: z.number(), note: z.string().optional() }).nullable(),
});

const tags = ['points'];

/** What analytics thinks of a point, and the course of its features. */
export function pointRoutes({ db, clock, facts }: RouteDeps) {
  return (app: App): void => {
    app.route({
      method: 'GET',
      url: '/api/v1/points/:device/:point/status',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'Last verdict, baseline and gates of a point',
        params: byDevicePoint,
        response: { 200: pointStatus },
      },
      handler: async ({ principal, params }) => {
        const pointKey = `${params.device}/${params.point}`;
        const { memory, life } = await db.tenant(principal.tenantId, async (tx) => {
          const memory = await readPoint(tx, pointKey);
          const openId = memory?.detector.open?.anomalyId;
          return { memory, life: await anomalyLife(tx, openId ? await readAnomaly(tx, openId) : null) };
        });
        if (!memory?.verdict) throw analyticsErrors.ANALYTICS_POINT_UNKNOWN({ pointKey });
        const known = await facts.facts(principal.tenantId, pointKey);
        const { detector } = memory;
        return {
          pointKey,
          kind: memory.kind,
          asset: known && { id: known.assetId, name: known.assetName, machineName: known.machineName },
          verdict: memory.verdict,
          baseline: {
            regimes: detector.regimes.map(({ key, features }) => ({
              regime: key,
              values: Math.max(0, ...Object.values(features).map((feature) => feature.offered)),
            })),
            frozen: detector.open !== null,
            caution: detector.caution,
          },
          remainingLife: life,
          maintenance: maintenanceAt(known, clock.nowMs()),
        };
      },
    });
    app.route({
      method: 'GET',
      url: '/api/v1/points/:device/:point/features/:feature',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'The course of one feature of a point, oldest first',
        params: byDevicePoint.extend({ feature: z.string().max(64) }),
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(512).default(512) }),
        response: { 200: z.object({ items: z.array(z.object({ atMs: z.number(), value: z.number() })) }) },
      },
      handler: async ({ principal, params, query }) => {
        const pointKey = `${params.device}/${params.point}`;
        const items = await db.tenant(principal.tenantId, (tx) => readTrend(tx, pointKey, params.feature, query.limit));
        return { items };
      },
    });
  };
}
