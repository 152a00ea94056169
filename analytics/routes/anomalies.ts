import { z } from 'zod';
import { type App, pageOf, pageQuery, type Tx, toPage } from '../../platform/index.ts';
import { closeWithLabel } from '../anomalies/label.ts';
import { analyticsErrors } from '../errors.ts';
import { bilingual } from '../evidence/bilingual.ts';
import { anomalyLevel, evidenceCard, faultName, severityZone } from '../evidence/card.ts';
import { drawEvidence } from '../evidence/svg/draw.ts';
import { anomalyLife, remainingLifeSchema } from '../prognosis/anomalyLife.ts';
import type { RemainingLife } from '../prognosis/point/remainingLife.ts';
import { type Anomaly, listAnomalies, pointsOf, readAnomaly, readCard } from '../store/anomalies.ts';
import type { RouteDeps } from './deps.ts';

const status = z.enum(['suspected', 'confirmed', 'closed']);
const label = z.enum(['confirmed', 'false_alarm', 'other_cause']);
const byId = z.object({ id: z.uuid() });

const anomalySchema = z.object({
  id: z.uuid(),
  faultKey: z.string(),
  pointKey: z.string(),
  pointId: z.uuid().nullable(),
  assetId: z.uuid().nullable(),
  assetName: z.string(),
  machineId: z.uuid().nullable(),
  fault: faultName,
  basis: evidenceCard.shape.basis,
  level: anomalyLevel,
  status,
  severityZone: severityZone.nullable(),
  confidence: z.number(),
  strength: z.number(),
  summary: bilingual,
  firstSeenMs: z.number(),
  confirmedMs: z.number().nullable(),
  escalatedMs: z.number().nullable(),
  closedMs: z.number().nullable(),
  closedBy: z.string().nullable(),
  closedReason: z.enum(['labelled', 'faded', 'recovered']).nullable(),
  label: label.nullable(),
  lastWaveformMs: z.number(),
});
const anomalyDetail = anomalySchema.extend({
  remainingLife: remainingLifeSchema,
  points: z.array(z.object({ pointKey: z.string(), part: z.enum(['origin', 'corroborates']) })),
});

const tags = ['anomalies'];

/** `closed` is told, in its transaction, of an anomaly that a person has closed. */
export interface AnomalyRouteDeps extends RouteDeps {
  readonly closed: (tx: Tx, anomalyId: string) => Promise<void>;
}

/** Anomalies: list, look, see the evidence, close with a label. */
export function anomalyRoutes({ db, clock, closed: announce }: AnomalyRouteDeps) {
  const detail = (
    tenantId: string,
    id: string,
  ): Promise<Anomaly & { points: Awaited<ReturnType<typeof pointsOf>>; remainingLife: RemainingLife }> =>
    db.tenant(tenantId, async (tx) => {
      const anomaly = await readAnomaly(tx, id);
      if (!anomaly) throw analyticsErrors.ANALYTICS_ANOMALY_UNKNOWN({ id });
      return { ...anomaly, points: await pointsOf(tx, id), remainingLife: await anomalyLife(tx, anomaly) };
    });
  const cardOf = (tenantId: string, id: string) =>
    db.tenant(tenantId, async (tx) => {
      const card = await readCard(tx, id);
      if (card) return card;
      if (await readAnomaly(tx, id)) throw analyticsErrors.ANALYTICS_NO_EVIDENCE({ id });
      throw analyticsErrors.ANALYTICS_ANOMALY_UNKNOWN({ id });
    });

  return (app: App): void => {
    app.route({
      method: 'GET',
      url: '/api/v1/anomalies',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'List anomalies, newest first',
        querystring: pageQuery.extend({
          status: status.optional(),
          pointKey: z.string().max(300).optional(),
          assetId: z.uuid().optional(),
          faded: z.stringbool().default(false).describe('also suspicions that faded without being confirmed'),
          cursor: z.uuid().optional().describe('nextCursor of the page before'),
        }),
        response: { 200: pageOf(anomalySchema) },
      },
      handler: async ({ principal, query: { cursor, limit, ...filter } }) => {
        const rows = await db.tenant(principal.tenantId, (tx) =>
          listAnomalies(tx, { ...filter, limit, before: cursor }),
        );
        return toPage(rows, limit, (last) => last.id);
      },
    });
    app.route({
      method: 'GET',
      url: '/api/v1/anomalies/:id',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'One anomaly with the points that show it',
        params: byId,
        response: { 200: anomalyDetail },
      },
      handler: ({ principal, params }) => detail(principal.tenantId, params.id),
    });
    app.route({
      method: 'GET',
      url: '/api/v1/anomalies/:id/evidence',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'The evidence card of a confirmed anomaly',
        params: byId,
        response: { 200: evidenceCard },
      },
      handler: ({ principal, params }) => cardOf(principal.tenantId, params.id),
    });
    app.route({
      method: 'GET',
      url: '/api/v1/anomalies/:id/evidence.svg',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'The evidence card as a picture',
        produces: ['image/svg+xml'],
        params: byId,
        querystring: z.object({
          words: z.enum(['en', 'zh', 'both']).default('both').describe('languages of its sentences'),
        }),
        response: { 200: z.string() },
      },
      handler: async ({ principal, params, query }, reply) => {
        const svg = drawEvidence(await cardOf(principal.tenantId, params.id), query.words);
        return reply.header('cache-control', 'private, max-age=60').type('image/svg+xml; charset=utf-8').send(svg);
      },
    });
    app.route({
      method: 'POST',
      url: '/api/v1/anomalies/:id/close',
      config: { permission: 'anomalies:write' },
      schema: {
        tags,
        summary: 'Close an anomaly with what was found; its points learn their normal afresh',
        params: byId,
        body: z.object({ label }),
        response: { 200: anomalyDetail },
      },
      handler: async ({ principal, params: { id }, body }) => {
        const closed = await db.tenant(principal.tenantId, async (tx) => {
          const wasOpen = await closeWithLabel(clock, tx, id, body.label, principal.name);
          if (wasOpen) await announce(tx, id);
          return wasOpen;
        });
        if (!closed) throw analyticsErrors.ANALYTICS_ANOMALY_CLOSED({ id });
        return detail(principal.tenantId, id);
      },
    });
  };
}
