import { z } from 'zod';
import { type App, int64Text, pageOf, pageQuery, toPage } from '../../platform/index.ts';
import { requireCi } from '../lookups/ci.ts';
import { readingAs } from '../model/redaction.ts';
import type { CmdbRouteDeps } from '../routes/deps.ts';
import { ciRef, listOf } from '../routes/shapes.ts';
import { calendarAnswer, knownRota, problemsOf, shiftAnswer, veilFor } from './answers.ts';
import { layerSchema, layersSchema } from './calendar.ts';
import { calendarCi, normalLayers, personId } from './normalLayers.ts';
import { shiftsFrom } from './shifts.ts';
import {
  addCalendar,
  addOverride,
  type ChangeBy,
  calendarChanges,
  listCalendars,
  overridesOf,
  putCalendar,
  readCalendar,
  removeCalendar,
  removeOverride,
} from './store.ts';
import { whoIsOnCall } from './whoIsOnCall.ts';

const tags = ['on-call'];
const CALENDARS = '/api/v1/cmdb/on-call/calendars';
const params = z.object({ calendarId: z.uuid() });
const instant = z.iso.datetime({ offset: true }).describe('ISO 8601 with offset');
const name = z.string().trim().min(1).max(120);
const reason = z.string().trim().min(1).max(500).nullable().default(null);

const overrideShape = z.object({
  ...{ id: z.uuid(), personId: z.string(), from: z.date(), to: z.date() },
  reason: z.string().nullable(),
});
const calendarShape = z
  .object({
    ...{ id: z.uuid(), ciId: z.uuid(), name: z.string(), layers: listOf(layerSchema), version: z.number().int() },
    ...{ updatedAt: z.date(), updatedBy: z.string() },
  })
  .meta({ id: 'OnCallCalendar' });
const person = z
  .object({ ciId: z.string(), name: z.string() })
  .describe('`restricted` where you may not see who it is');
const shiftShape = z.object({
  ...{ from: z.date(), to: z.date(), person: person.nullable() },
  layer: z.string().nullable(),
  overrideId: z.uuid().nullable(),
  missing: listOf(z.string()).describe('ids of people who would be on call and are no longer in the CMDB'),
  gap: z.string().nullable().describe('in words, when nobody is on call'),
});

/** Calendars of who is on call, and who that is: now, at a time, and next. */
export function onCallRoutes({ db, clock }: CmdbRouteDeps): (app: App) => void {
  const changed = (author: string, why: string | null): ChangeBy => ({
    ...{ author, reason: why, at: new Date(clock.nowMs()) },
  });
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/on-call',
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'Who is on call for a CI, now or at a time: by its own calendars, else by those of its owning team',
        querystring: z.object({ ciId: ciRef, when: instant.optional() }),
        response: {
          200: z.object({
            at: z.date(),
            items: z.array(
              z.object({
                calendar: z.object({ id: z.uuid(), name: z.string(), ciId: z.uuid() }),
                via: z.enum(['own', 'team']),
                ...{ person: person.nullable(), until: z.date(), missing: listOf(z.string()) },
              }),
            ),
            notice: z.string().nullable().describe('why nobody is on call, in words'),
          }),
        },
      },
      handler: async ({ principal, query }) => {
        const atMs = query.when === undefined ? clock.nowMs() : Date.parse(query.when);
        const { key, visible } = await readingAs(db, principal, async (tx) => {
          const ci = await requireCi(tx, query.ciId);
          const standings = (await whoIsOnCall(tx, [ci.id], atMs)).get(ci.id) ?? [];
          return { key: ci.key, visible: standings.map(({ calendar, via }) => ({ calendar, via })) };
        });
        const items = await Promise.all(
          visible.map(async ({ calendar, via }) => {
            const { layers, overrides } = await readingAs(db, principal, async (tx) => ({
              layers: (await readCalendar(tx, calendar.id)).layers,
              overrides: (await overridesOf(tx, [calendar.id], new Date(atMs))).get(calendar.id) ?? [],
            }));
            const rota = await knownRota(db, principal, { layers }, overrides);
            const shift = shiftAnswer(rota, shiftsFrom(rota, atMs, 1)[0]!);
            return { calendar, via, person: shift.person, until: shift.to, missing: shift.missing };
          }),
        );
        return { at: new Date(atMs), items, notice: noticeOf(key, items) };
      },
    });

    app.route({
      method: 'GET',
      url: CALENDARS,
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'List on-call calendars',
        querystring: pageQuery.extend({ cursor: z.uuid().optional(), ciId: ciRef.optional() }),
        response: { 200: pageOf(calendarShape) },
      },
      handler: ({ principal, query: { ciId, cursor, limit } }) =>
        readingAs(db, principal, async (tx) => {
          const of = ciId === undefined ? undefined : (await requireCi(tx, ciId)).id;
          const rows = await listCalendars(tx, { ciId: of, after: cursor, limit: limit + 1 });
          const veil = await veilFor(tx, principal);
          return toPage(
            rows.map((row) => calendarAnswer(veil, row)),
            limit,
            (last) => last.id,
          );
        }),
    });

    app.route({
      method: 'POST',
      url: CALENDARS,
      config: { permission: 'cmdb:write' },
      schema: {
        tags,
        summary: 'Make an on-call calendar for a service, or for a team that owns services',
        body: z.object({ ciId: ciRef, name, layers: layersSchema, reason }),
        response: { 201: calendarShape },
      },
      handler: async ({ principal, body }, reply) => {
        const calendar = await readingAs(db, principal, async (tx) => {
          const ciId = await calendarCi(tx, body.ciId);
          const layers = await normalLayers(tx, body.layers);
          return addCalendar(tx, { ciId, name: body.name, layers }, changed(principal.name, body.reason));
        });
        return reply.code(201).send(calendar);
      },
    });

    app.route({
      method: 'GET',
      url: `${CALENDARS}/:calendarId`,
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'One on-call calendar, its overrides that are not over, and what is wrong with it',
        params,
        response: {
          200: calendarShape
            .extend({ overrides: z.array(overrideShape), problems: z.array(z.string()) })
            .meta({ id: 'OnCallCalendarDetail' }),
        },
      },
      handler: async ({ principal, params: { calendarId: id } }) => {
        const calendar = await readWhole(principal, id);
        const rota = await knownRota(db, principal, calendar, calendar.overrides);
        const overrides = calendar.overrides.map((one) => ({ ...one, personId: rota.veil.id(one.personId) }));
        return { ...calendarAnswer(rota.veil, calendar), overrides, problems: problemsOf(rota) };
      },
    });

    app.route({
      method: 'PUT',
      url: `${CALENDARS}/:calendarId`,
      config: { permission: 'cmdb:write' },
      schema: {
        tags,
        summary: 'Write the next version of an on-call calendar; its overrides stay',
        params,
        body: z.object({
          version: z.number().int().min(1).describe('the version that you have read'),
          ...{ name, layers: layersSchema, reason },
        }),
        response: { 200: calendarShape },
      },
      handler: ({ principal, params: { calendarId: id }, body: { reason: why, ...next } }) =>
        readingAs(db, principal, async (tx) => {
          const layers = await normalLayers(tx, next.layers);
          return putCalendar(tx, id, { ...next, layers }, changed(principal.name, why));
        }),
    });

    app.route({
      method: 'DELETE',
      url: `${CALENDARS}/:calendarId`,
      config: { permission: 'cmdb:write' },
      schema: {
        tags,
        summary: 'Remove an on-call calendar; its history stays',
        params,
        response: { 200: z.object({ removed: z.literal(true) }) },
      },
      handler: async ({ principal, params: { calendarId: id } }) => {
        await readingAs(db, principal, (tx) => removeCalendar(tx, id, changed(principal.name, null)));
        return { removed: true as const };
      },
    });

    app.route({
      method: 'GET',
      url: `${CALENDARS}/:calendarId/shifts`,
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'The next shifts of an on-call calendar, gaps among them',
        params,
        querystring: z.object({
          after: instant.optional(),
          count: z.coerce.number().int().min(1).max(100).default(10),
        }),
        response: { 200: z.object({ items: z.array(shiftShape) }) },
      },
      handler: async ({ principal, params: { calendarId: id }, query: { after, count } }) => {
        const fromMs = after === undefined ? clock.nowMs() : Date.parse(after);
        const calendar = await readWhole(principal, id, fromMs);
        const rota = await knownRota(db, principal, calendar, calendar.overrides);
        return { items: shiftsFrom(rota, fromMs, count).map((shift) => shiftAnswer(rota, shift)) };
      },
    });

    app.route({
      method: 'GET',
      url: `${CALENDARS}/:calendarId/history`,
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'Every change of an on-call calendar and its overrides, newest first',
        params,
        querystring: pageQuery.extend({ cursor: z.coerce.bigint().optional() }),
        response: {
          200: pageOf(
            z.object({
              ...{ seq: int64Text, what: z.enum(['calendar', 'override']), before: z.unknown(), after: z.unknown() },
              ...{ author: z.string(), reason: z.string().nullable(), at: z.date() },
            }),
          ),
        },
      },
      handler: ({ principal, params: { calendarId: id }, query: { cursor, limit } }) =>
        readingAs(db, principal, async (tx) => {
          const changes = await calendarChanges(tx, id, { before: cursor, limit: limit + 1 });
          const veil = await veilFor(tx, principal);
          const rows = changes.map((one) => ({ ...one, before: veil.value(one.before), after: veil.value(one.after) }));
          return toPage(rows, limit, (last) => String(last.seq));
        }),
    });

    app.route({
      method: 'POST',
      url: `${CALENDARS}/:calendarId/overrides`,
      config: { permission: 'cmdb:write' },
      schema: {
        tags,
        summary: 'Let somebody stand in from when to when, whatever the layers say; of several, the newest counts',
        params,
        body: z.object({ personId: ciRef, from: instant, to: instant, reason }),
        response: { 201: overrideShape },
      },
      handler: async ({ principal, params: { calendarId: id }, body }, reply) => {
        const override = await readingAs(db, principal, async (tx) => {
          const person = await personId(tx, body.personId, 'personId');
          const span = { personId: person, from: new Date(body.from), to: new Date(body.to) };
          return addOverride(tx, id, span, changed(principal.name, body.reason));
        });
        return reply.code(201).send(override);
      },
    });

    app.route({
      method: 'DELETE',
      url: `${CALENDARS}/:calendarId/overrides/:overrideId`,
      config: { permission: 'cmdb:write' },
      schema: {
        tags,
        summary: 'Take an override back',
        params: params.extend({ overrideId: z.uuid() }),
        response: { 200: z.object({ removed: z.literal(true) }) },
      },
      handler: async ({ principal, params: { calendarId: id, overrideId } }) => {
        await readingAs(db, principal, (tx) => removeOverride(tx, id, overrideId, changed(principal.name, null)));
        return { removed: true as const };
      },
    });
  };

  function readWhole(principal: Parameters<typeof knownRota>[1], id: string, fromMs = clock.nowMs()) {
    return readingAs(db, principal, async (tx) => {
      const calendar = await readCalendar(tx, id);
      return { ...calendar, overrides: (await overridesOf(tx, [id], new Date(fromMs))).get(id) ?? [] };
    });
  }
}

/** Says why nobody is on call; null when somebody is. */
function noticeOf(key: string, items: readonly { person: unknown; until: Date }[]): string | null {
  if (items.length === 0) return `${key} has no on-call calendar, nor has a team that owns it.`;
  if (items.some((item) => item.person !== null)) return null;
  const until = Math.min(...items.map((item) => item.until.getTime()));
  return `nobody is on call for ${key} until ${new Date(until).toISOString()} at least`;
}
