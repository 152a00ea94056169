import { z } from 'zod';
import {
  type App,
  type Clock,
  type Database,
  defineErrors,
  type Logger,
  pageOf,
  pageQuery,
  type Sql,
  toPage,
} from '../../platform/index.ts';
import { REPORTED_WITHIN_MS } from './quotas.ts';

const quotaErrors = defineErrors({
  QUOTA_TENANT: {
    status: 404,
    message: (p: { tenant: string }) => `There is no tenant ${p.tenant}; GET /api/v1/tenants lists them.`,
  },
});

const rate = z.number().positive().max(1e9);
const limits = z.object({
  maxConnections: z.number().int().min(0).max(10_000_000).nullable().describe('Open MQTT connections; null: no limit'),
  messagesPerSecond: rate.nullable().describe('Telemetry and waveform messages taken in; null: no limit'),
  bytesPerSecond: rate.nullable().describe('Payload bytes taken in; null: no limit'),
});
const quotaBody = z.object({
  tenant: z.string().describe('Slug'),
  limits,
  usage: z.object({
    connections: z.number(),
    messagesPerSecond: z.number(),
    bytesPerSecond: z.number(),
    refusedConnections: z.number().describe('Since each intake started'),
    slowed: z.number().describe('How often a connection had to wait for its rate, since each intake started'),
  }),
});
const tags = ['quotas'];

interface Row {
  slug: string;
  max_connections: number | null;
  messages_per_second: number | null;
  bytes_per_second: number | null;
  connections: number;
  messages: number;
  bytes: number;
  refused: number;
  slowed: number;
}

const SELECT = `
  select t.slug, q.max_connections, q.messages_per_second, q.bytes_per_second, u.*
    from tenant t left join tenant_quota q on q.tenant_id = t.id
    cross join lateral (
      select coalesce(sum(connections), 0)::int as connections, coalesce(sum(messages_per_second), 0) as messages,
             coalesce(sum(bytes_per_second), 0) as bytes, coalesce(sum(refused_connections), 0)::float8 as refused,
             coalesce(sum(slowed), 0)::float8 as slowed
        from tenant_usage u where u.tenant_id = t.id and u.reported_at > $1) u`;

/** What tenants may use and use now. */
export function quotaRoutes(deps: { db: Database; clock: Clock; log: Logger }): (app: App) => void {
  const { db, clock, log } = deps;
  const since = (): Date => new Date(clock.nowMs() - REPORTED_WITHIN_MS);
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/quotas',
      config: { permission: 'system:read' },
      schema: {
        tags,
        summary: 'List every tenant’s quota and what it uses now',
        querystring: pageQuery,
        response: { 200: pageOf(quotaBody) },
      },
      handler: async ({ query: { limit, cursor } }) => {
        const rows = await db.as('auth', (sql) => list(sql, since(), { limit: limit + 1, cursor: cursor ?? '' }));
        return toPage(rows.map(bodyOf), limit, ({ tenant }) => tenant);
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/quota',
      config: { permission: 'devices:read' },
      schema: { tags, summary: 'Get the own tenant’s quota and what it uses now', response: { 200: quotaBody } },
      handler: async ({ principal }) =>
        db.tenant(principal.tenantId, async (tx) => {
          const { rows } = await tx.query<Row>(`${SELECT} where t.id = current_tenant()`, [since()]);
          return bodyOf(rows[0]!);
        }),
    });

    app.route({
      method: 'PUT',
      url: '/api/v1/tenants/:tenant/quota',
      config: { permission: 'tenants:write' },
      schema: {
        tags,
        summary: 'Set a tenant’s quota',
        description: 'In force at every intake within about a second. Connections that are open stay open.',
        params: z.object({ tenant: z.string().min(1).max(63).describe('Slug') }),
        body: z.strictObject(limits.shape),
        response: { 200: quotaBody },
      },
      handler: async ({ principal, params: { tenant }, body }) => {
        const id = await tenantId(db, tenant);
        const row = await db.tenant(id, async (tx) => {
          await tx.query(
            `insert into tenant_quota
               (tenant_id, max_connections, messages_per_second, bytes_per_second, updated_by, updated_at)
             values (current_tenant(), $1, $2, $3, $4, $5)
             on conflict (tenant_id) do update set max_connections = excluded.max_connections,
               messages_per_second = excluded.messages_per_second, bytes_per_second = excluded.bytes_per_second,
               updated_by = excluded.updated_by, updated_at = excluded.updated_at`,
            [
              ...[body.maxConnections, body.messagesPerSecond, body.bytesPerSecond],
              ...[principal.userId, new Date(clock.nowMs())],
            ],
          );
          const { rows } = await tx.query<Row>(`${SELECT} where t.id = current_tenant()`, [since()]);
          return rows[0]!;
        });
        log.info({ by: principal.userId, tenant, ...body }, 'tenant quota set');
        return bodyOf(row);
      },
    });
  };
}

async function list(sql: Sql, since: Date, page: { limit: number; cursor: string }): Promise<Row[]> {
  const { rows } = await sql.query<Row>(`${SELECT} where t.slug > $2 order by t.slug limit $3`, [
    since,
    page.cursor,
    page.limit,
  ]);
  return rows;
}

/** @throws QUOTA_TENANT */
async function tenantId(db: Database, slug: string): Promise<string> {
  const { rows } = await db.as('auth', (sql) =>
    sql.query<{ id: string }>('select id from tenant where slug = $1', [slug]),
  );
  if (!rows[0]) throw quotaErrors.QUOTA_TENANT({ tenant: slug }, { field: 'tenant' });
  return rows[0].id;
}

function bodyOf(row: Row): z.output<typeof quotaBody> {
  return {
    tenant: row.slug,
    limits: {
      maxConnections: row.max_connections,
      messagesPerSecond: row.messages_per_second,
      bytesPerSecond: row.bytes_per_second,
    },
    usage: {
      connections: row.connections,
      messagesPerSecond: row.messages,
      bytesPerSecond: row.bytes,
      refusedConnections: row.refused,
      slowed: row.slowed,
    },
  };
}
