import { z } from 'zod';
import { type App, pageOf, pageQuery, type Tx, toPage } from '../../platform/index.ts';
import { requireCi } from '../lookups/ci.ts';
import { readingAs } from '../model/redaction.ts';
import type { CmdbRouteDeps } from '../routes/deps.ts';
import { ciParams, ciRef } from '../routes/shapes.ts';
import { lostMs } from './pastOutages.ts';

const tags = ['cmdb health'];
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

const ci = z.object({ ciId: z.uuid(), key: z.string(), name: z.string() });
const outage = z.object({
  id: z.uuid(),
  service: ci,
  cause: ci.nullable().describe('what failed and took it down; null when it was removed since, or may not be seen'),
  from: z.date(),
  to: z.date().nullable().describe('null: it goes on'),
});

/** When services were down, and what that comes to. */
export function outageRoutes({ db, clock }: CmdbRouteDeps): (app: App) => void {
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/outages',
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'When services were down by failures of their components, newest first; announced work is none',
        querystring: pageQuery.extend({
          cursor: z.uuid().optional(),
          service: ciRef.optional(),
          open: z.enum(['true', 'false']).optional().describe('only those that go on, or that are over'),
        }),
        response: { 200: pageOf(outage) },
      },
      handler: ({ principal, query }) =>
        readingAs(db, principal, async (tx) => {
          const serviceId = query.service === undefined ? null : (await requireCi(tx, query.service)).id;
          const { rows } = await tx.query<OutageRow>(
            `${OUTAGES} and ($2::uuid is null or o.service_id = $2) and ($3::boolean is null or (o.to_at is null) = $3)
               and ($4::uuid is null or o.id < $4)
             order by o.id desc limit $5`,
            [
              tx.tenantId,
              serviceId,
              query.open === undefined ? null : query.open === 'true',
              query.cursor,
              query.limit + 1,
            ],
          );
          return toPage(rows.map(shown), query.limit, (last) => last.id);
        }),
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/cis/:id/availability',
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'How much of the last days a service was up, by its recorded outages',
        params: ciParams,
        querystring: z.object({ days: z.coerce.number().min(1).max(366).default(30) }),
        response: {
          200: z.object({
            from: z.date(),
            to: z.date(),
            outages: z.number().int().describe('that fall into it, one that goes on among them'),
            minutesDown: z.number(),
            availabilityPercent: z.number(),
          }),
        },
      },
      handler: ({ principal, params, query }) =>
        readingAs(db, principal, async (tx) => {
          const { id } = await requireCi(tx, params.id);
          return availability(tx, id, clock.nowMs(), query.days);
        }),
    });
  };
}

async function availability(tx: Tx, serviceId: string, toMs: number, days: number) {
  const fromMs = toMs - days * DAY_MS;
  const { rows } = await tx.query<{ from: Date; to: Date | null }>(
    `select from_at as "from", to_at as "to" from cmdb_outage
      where tenant_id = $1 and service_id = $2 and from_at < $4 and (to_at is null or to_at > $3)`,
    [tx.tenantId, serviceId, new Date(fromMs), new Date(toMs)],
  );
  const spans = rows.map(({ from, to }) => ({ fromMs: from.getTime(), toMs: to?.getTime() ?? toMs }));
  const lost = lostMs(spans, fromMs, toMs);
  return {
    ...{ from: new Date(fromMs), to: new Date(toMs), outages: rows.length },
    minutesDown: Math.round((lost / MINUTE_MS) * 100) / 100,
    availabilityPercent: Math.round((1 - lost / (toMs - fromMs)) * 1e6) / 1e4,
  };
}

const OUTAGES = `
  select o.id, o.from_at as "from", o.to_at as "to", s.id as "serviceId", s.key as "serviceKey", s.name as "serviceName",
         c.id as "causeId", c.key as "causeKey", c.name as "causeName"
    from cmdb_outage o join cmdb_ci s on s.tenant_id = o.tenant_id and s.id = o.service_id
    left join cmdb_ci c on c.tenant_id = o.tenant_id and c.id = o.cause_id
   where o.tenant_id = $1`;

interface OutageRow {
  readonly id: string;
  readonly from: Date;
  readonly to: Date | null;
  readonly serviceId: string;
  readonly serviceKey: string;
  readonly serviceName: string;
  readonly causeId: string | null;
  readonly causeKey: string | null;
  readonly causeName: string | null;
}

function shown({ id, from, to, serviceId, serviceKey, serviceName, causeId, causeKey, causeName }: OutageRow) {
  const cause = causeId === null ? null : { ciId: causeId, key: causeKey!, name: causeName! };
  return { id, service: { ciId: serviceId, key: serviceKey, name: serviceName }, cause, from, to };
}
