import { z } from 'zod';
import { type App, pageOf, pageQuery, toPage } from '../../platform/index.ts';
import { deleteTechnician, listTechnicians, putTechnician, readTechnician } from '../technicians/technicians.ts';
import type { RouteDeps } from './deps.ts';
import { text } from './shapes.ts';

const tags = ['technicians'];
const params = z.object({ userId: z.uuid() });

const profileBody = z.object({
  skills: z
    .record(text(60), z.number().int().min(1).max(5))
    .refine((skills) => Object.keys(skills).length <= 100, { error: 'at most 100 skills' })
    .describe('Skill → level from 1 to 5'),
  maxLoad: z.number().int().min(1).max(10_000).describe('Most open orders at a time'),
  place: text(200).nullable().default(null).describe('CMDB key of the line, building or site where they work'),
  phone: text(40).nullable().default(null),
  active: z.boolean().default(true).describe('False while they are not to be sent'),
});

const technicianBody = z
  .object({
    userId: z.uuid(),
    name: z.string(),
    email: z.string().nullable(),
    locale: z.string(),
    skills: z.record(z.string(), z.number()),
    maxLoad: z.number(),
    place: z.string().nullable(),
    phone: z.string().nullable(),
    active: z.boolean(),
    openOrders: z.number(),
  })
  .meta({ id: 'Technician' });

/** The profiles by which orders are dispatched. Accounts and roles are kept under /api/v1/users. */
export function technicianRoutes({ db }: RouteDeps): (app: App) => void {
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/technicians',
      config: { permission: 'orders:dispatch' },
      schema: {
        tags,
        summary: 'List technicians with their skills and loads',
        querystring: pageQuery.extend({ cursor: z.uuid().optional() }),
        response: { 200: pageOf(technicianBody) },
      },
      handler: async ({ principal, query: { limit, cursor } }) => {
        const rows = await db.tenant(principal.tenantId, (tx) => listTechnicians(tx, { limit: limit + 1, cursor }));
        return toPage(rows, limit, (technician) => technician.userId);
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/technicians/:userId',
      config: { permission: 'orders:dispatch' },
      schema: { tags, summary: 'One technician', params, response: { 200: technicianBody } },
      handler: async ({ principal, params: { userId } }) =>
        db.tenant(principal.tenantId, (tx) => readTechnician(tx, userId)),
    });

    app.route({
      method: 'PUT',
      url: '/api/v1/technicians/:userId',
      config: { permission: 'orders:dispatch' },
      schema: {
        tags,
        summary: 'Write the profile of a user with the role technician',
        params,
        body: profileBody,
        response: { 200: technicianBody },
      },
      handler: async ({ principal, params: { userId }, body }) =>
        db.tenant(principal.tenantId, (tx) => putTechnician(tx, userId, body)),
    });

    app.route({
      method: 'DELETE',
      url: '/api/v1/technicians/:userId',
      config: { permission: 'users:write' },
      schema: {
        tags,
        summary: 'Remove a profile; refused while the technician holds open orders',
        params,
        response: { 204: z.undefined().describe('Done') },
      },
      handler: async ({ principal, params: { userId } }, reply) => {
        await db.tenant(principal.tenantId, (tx) => deleteTechnician(tx, userId));
        return reply.code(204).send();
      },
    });
  };
}
