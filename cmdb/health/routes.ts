import { z } from 'zod';
import { type App, type Principal, pageOf, pageQuery, type Tx, toPage } from '../../platform/index.ts';
import { requireCi } from '../lookups/ci.ts';
import { readingAs } from '../model/redaction.ts';
import type { CmdbRouteDeps } from '../routes/deps.ts';
import { ciRef } from '../routes/shapes.ts';
import { ALERT_SOURCES, type Alert, type AlertSource } from './alert.ts';
import { readHealth } from './illCis.ts';
import { ALERT_STATES, alertMappingSchema, readMapping, writeMapping } from './mapping.ts';
import { listAlerts } from './readAlerts.ts';
import { type AlertReport, receiveAlerts } from './receiveAlerts.ts';
import { rematch } from './rematch.ts';
import { prometheusAlerts, prometheusNotification } from './sources/prometheus.ts';
import { zabbixAlerts } from './sources/zabbix.ts';

const tags = ['cmdb health'];
const state = z.enum(['ok', 'degraded', 'down']);
const LARGEST_NOTIFICATION_BYTES = 8 * 1024 * 1024;

const report = z.object({
  received: z.number().int(),
  matched: z.number().int().describe('alerts that fire and whose CI is known'),
  unmatched: z
    .array(z.object({ title: z.string(), why: z.string() }))
    .describe('alerts that fire and whose CI is not; at most 20'),
  changed: z.array(z.object({ ciId: z.uuid(), key: z.string(), from: state, to: state })),
});

const alertShape = z.object({
  id: z.uuid(),
  source: z.enum(ALERT_SOURCES),
  firing: z.boolean(),
  state: z.enum(ALERT_STATES),
  severity: z.string(),
  title: z.string(),
  labels: z.record(z.string(), z.string()),
  url: z.string().nullable(),
  ciId: z.uuid().nullable(),
  match: z.string().describe('the label that named the CI, or why none was found'),
  startedAt: z.date(),
  endedAt: z.date().nullable(),
});

const sourceParams = z.object({ source: z.enum(ALERT_SOURCES) });

/** What monitoring systems send, and what is known of the CIs' health from it. */
export function healthRoutes(deps: CmdbRouteDeps): (app: App) => void {
  const { db, clock } = deps;
  const take = async (sender: Principal, source: AlertSource, alerts: readonly Alert[]) =>
    told(await db.tenant(sender.tenantId, (tx) => receiveAlerts(deps, tx, source, alerts, sender)));
  return (app) => {
    for (const source of ['alertmanager', 'grafana'] as const) {
      const name = source === 'grafana' ? 'Grafana alerting' : 'Prometheus Alertmanager';
      app.route({
        method: 'POST',
        url: `/api/v1/cmdb/alerts/${source}`,
        bodyLimit: LARGEST_NOTIFICATION_BYTES,
        config: { permission: 'alerts:write' },
        schema: {
          tags,
          summary: `Take a webhook notification of ${name}: the states of the CIs follow`,
          body: prometheusNotification,
          response: { 200: report },
        },
        handler: ({ principal, body }) => take(principal, source, prometheusAlerts(body)),
      });
    }

    // A scope of its own: only here are lines of JSON a body.
    app.register(async (inner) => {
      inner.removeAllContentTypeParsers();
      inner.addContentTypeParser('*', { parseAs: 'string', bodyLimit: LARGEST_NOTIFICATION_BYTES }, (_, body, done) =>
        done(null, body),
      );
      (inner as unknown as App).route({
        method: 'POST',
        url: '/api/v1/cmdb/alerts/zabbix',
        bodyLimit: LARGEST_NOTIFICATION_BYTES,
        config: { permission: 'alerts:write' },
        schema: {
          tags,
          summary: 'Take events of Zabbix: the states of the CIs follow',
          description:
            'Newline-delimited JSON of a connector that streams events (Zabbix 6.4 or newer), or one JSON message of the media type in docs/zabbix-media-type.yaml.',
          consumes: ['application/x-ndjson', 'application/json'],
          body: z.string().min(1),
          response: { 200: report },
        },
        handler: ({ principal, body }) => take(principal, 'zabbix', zabbixAlerts(body, clock.nowMs())),
      });
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/alerts',
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'List alerts of monitoring systems: those that fire, or those whose CI was not found',
        querystring: pageQuery.extend({
          cursor: z.uuid().optional(),
          ci: ciRef.optional(),
          firing: z.enum(['true', 'false']).optional(),
          matched: z.enum(['true', 'false']).optional(),
        }),
        response: { 200: pageOf(alertShape) },
      },
      handler: ({ principal, query }) =>
        readingAs(db, principal, async (tx) => {
          const rows = await listAlerts(tx, {
            ciId: query.ci === undefined ? undefined : (await requireCi(tx, query.ci)).id,
            firing: flag(query.firing),
            matched: flag(query.matched),
            after: query.cursor,
            limit: query.limit + 1,
          });
          return toPage(rows, query.limit, (last) => last.id);
        }),
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/health',
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'CIs that are not well by their alerts, the longest ill first',
        response: {
          200: z.object({
            version: z.string(),
            cis: z.array(
              z.object({
                ciId: z.uuid(),
                key: z.string(),
                name: z.string(),
                type: z.string(),
                state: z.enum(['degraded', 'down']),
                failureId: z.uuid(),
                since: z.date(),
              }),
            ),
          }),
        },
      },
      handler: async ({ principal }) => {
        const { version, ill } = await readingAs(db, principal, readHealth);
        return { version: String(version), cis: ill };
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/alert-mappings/:source',
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'How alerts of a source find their CI, and what their severities mean',
        params: sourceParams,
        response: { 200: alertMappingSchema },
      },
      handler: ({ principal, params }) => readingAs(db, principal, (tx) => readMapping(tx, params.source)),
    });

    app.route({
      method: 'PUT',
      url: '/api/v1/cmdb/alert-mappings/:source',
      config: { permission: 'cmdb:write' },
      schema: {
        tags,
        summary: 'Say how alerts of a source find their CI; those that fire are judged again',
        params: sourceParams,
        body: alertMappingSchema,
        response: { 200: report },
      },
      handler: async ({ principal, params, body }) => {
        const at = new Date(clock.nowMs());
        const result = await readingAs(db, principal, async (tx: Tx) => {
          await writeMapping(tx, params.source, body, principal.name, at);
          return rematch(deps, tx, params.source);
        });
        return told(result);
      },
    });
  };
}

const flag = (text: 'true' | 'false' | undefined) => (text === undefined ? undefined : text === 'true');

/** The schema's lists are mutable by type. */
const told = ({ unmatched, changed, ...counts }: AlertReport) => ({
  ...counts,
  unmatched: [...unmatched],
  changed: [...changed],
});
