import { z } from 'zod';
import { type App, type Clock, type Database, int64Text, pageOf, pageQuery, toPage } from '../../platform/index.ts';
import { actorOf } from '../devices/audit/routes.ts';
import { mappingDefinition } from './definition.ts';
import { mappingErrors } from './errors.ts';
import { addVersion, createMapping, getMapping, getVersion, listMappings, listVersions } from './store.ts';
import { tryMapping } from './try.ts';

const MAX_SAMPLE_CHARACTERS = 512 * 1024;
/** What of a trial is answered with. */
const MAX_UNITS_SHOWN = 500;

const mappingBody = z.object({
  id: z.uuid(),
  name: z.string(),
  latestVersion: z.int(),
  latestVersionId: z.uuid().describe('What a device type names as its mappingVersionId'),
  createdAt: z.date(),
  createdBy: z.string(),
});

const versionBody = z.object({
  id: z.uuid(),
  mappingId: z.uuid(),
  version: z.int(),
  createdAt: z.date(),
  createdBy: z.string(),
});

const failureBody = z.object({
  code: z.string(),
  field: z.string().describe('Where it is wrong: a place in the sample, or a path of the mapping'),
  reason: z.string().describe('What is wrong, and what to do'),
});

const trialBody = z.object({
  failure: failureBody.nullable().describe('Why the message as a whole would go to quarantine'),
  units: z.array(
    z.object({
      index: z.int(),
      place: z.string().describe('Where in the sample the value stands'),
      sample: z
        .object({
          point: z.string(),
          value: z.number(),
          unit: z.string().nullable(),
          time: int64Text.nullable().describe('Nanoseconds since the epoch; null: the arrival stands for it'),
          sentAt: int64Text.nullable(),
          boot: z.string().nullable(),
          seq: int64Text.nullable(),
        })
        .nullable(),
      failure: failureBody.extend({ entry: z.string() }).nullable(),
    }),
  ),
  unitCount: z.int().describe(`All units; at most ${MAX_UNITS_SHOWN} are shown`),
  rejectedCount: z.int(),
  topicMatches: z.boolean().nullable().describe('Whether one of the mapping’s topics takes the topic given'),
});

const tags = ['payload mappings'];
const url = '/api/v1/mappings';
const params = z.object({ id: z.uuid() });

/** Mappings of vendors' payloads: tried on a sample, saved in versions that never change. */
export function mappingRoutes({ db, clock }: { db: Database; clock: Clock }): (app: App) => void {
  return (app) => {
    app.route({
      method: 'GET',
      url,
      config: { permission: 'devices:read' },
      schema: {
        tags,
        summary: 'List the payload mappings',
        querystring: pageQuery,
        response: { 200: pageOf(mappingBody) },
      },
      handler: async ({ principal, query: { limit, cursor } }) => {
        const rows = await db.tenant(principal.tenantId, (tx) => listMappings(tx, { limit: limit + 1, cursor }));
        return toPage(rows, limit, ({ name }) => name);
      },
    });

    app.route({
      method: 'POST',
      url: `${url}/try`,
      config: { permission: 'devices:write' },
      schema: {
        tags,
        summary: 'Try a mapping on a sample',
        description: 'For each unit the reading that it would become, or what is wrong with it. Nothing is kept.',
        body: z.strictObject({
          definition: mappingDefinition,
          text: z.string().max(MAX_SAMPLE_CHARACTERS).optional().describe('The sample, if it is text'),
          base64: z.base64().max(MAX_SAMPLE_CHARACTERS).optional().describe('The sample, if it is binary'),
          topic: z.string().max(512).optional().describe('The vendor’s topic it comes on'),
        }),
        response: { 200: trialBody },
      },
      handler: async ({ body: { definition, text, base64, topic } }) => {
        if ((text === undefined) === (base64 === undefined)) throw mappingErrors.MAPPING_SAMPLE({}, { field: 'text' });
        const payload = text === undefined ? Buffer.from(base64!, 'base64') : Buffer.from(text);
        const trial = tryMapping(definition, payload, { arrivalNs: clock.nowNs(), vendorTopic: topic ?? null });
        return {
          failure: trial.failure,
          units: trial.units.slice(0, MAX_UNITS_SHOWN).map(({ sample, ...unit }) => ({
            ...unit,
            sample: sample && {
              ...{ point: sample.point, value: sample.value, unit: sample.unit, time: sample.timeNs },
              ...{ sentAt: sample.sentAtNs, boot: sample.boot, seq: sample.seq },
            },
          })),
          unitCount: trial.units.length,
          rejectedCount: trial.units.filter(({ failure }) => failure !== null).length,
          topicMatches: trial.topicMatches,
        };
      },
    });

    app.route({
      method: 'POST',
      url,
      config: { permission: 'devices:write' },
      schema: {
        tags,
        summary: 'Save a payload mapping with its first version',
        body: z.strictObject({ name: z.string().trim().min(1).max(128), definition: mappingDefinition }),
        response: { 201: mappingBody },
      },
      handler: async (request, reply) => {
        const { name, definition } = request.body;
        const version = { definition, by: actorOf(request).name, nowMs: clock.nowMs() };
        const saved = await db.tenant(request.principal.tenantId, (tx) => createMapping(tx, name, version));
        return reply.code(201).send(saved);
      },
    });

    app.route({
      method: 'GET',
      url: `${url}/:id`,
      config: { permission: 'devices:read' },
      schema: {
        tags,
        summary: 'Get a payload mapping and its versions, newest first',
        params,
        response: { 200: mappingBody.extend({ versions: z.array(versionBody) }) },
      },
      handler: async ({ principal, params: { id } }) =>
        db.tenant(principal.tenantId, async (tx) => ({
          ...(await getMapping(tx, id)),
          versions: await listVersions(tx, id),
        })),
    });

    app.route({
      method: 'POST',
      url: `${url}/:id/versions`,
      config: { permission: 'devices:write' },
      schema: {
        tags,
        summary: 'Add a version to a payload mapping',
        description: 'Device types keep the version they name until they name this one.',
        params,
        body: z.strictObject({ definition: mappingDefinition }),
        response: { 201: versionBody },
      },
      handler: async (request, reply) => {
        const version = { definition: request.body.definition, by: actorOf(request).name, nowMs: clock.nowMs() };
        const added = await db.tenant(request.principal.tenantId, (tx) => addVersion(tx, request.params.id, version));
        return reply.code(201).send(added);
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/mapping-versions/:id',
      config: { permission: 'devices:read' },
      schema: {
        tags,
        summary: 'Get one version of a payload mapping with its definition',
        params,
        response: { 200: versionBody.extend({ definition: z.unknown() }) },
      },
      handler: async ({ principal, params: { id } }) => db.tenant(principal.tenantId, (tx) => getVersion(tx, id)),
    });
  };
}
