import { z } from 'zod';
import { type App, pageOf, pageQuery, toPage } from '../../platform/index.ts';
import { requireCi } from '../lookups/ci.ts';
import { changeModel, type ModelChangeReport } from '../model/changeModel.ts';
import type { CmdbModel } from '../model/cmdbModel.ts';
import { ciTypeDefinition, modelChange, relationTypeDefinition } from '../model/definitions.ts';
import { readingAs } from '../model/redaction.ts';
import { STARTING_MODEL } from '../model/startingModel.ts';
import { currentModel, modelVersions, requireModelAt } from '../model/store.ts';
import { modelTasks } from '../model/tasks.ts';
import { takenBack } from '../takenBack.ts';
import type { CmdbRouteDeps } from './deps.ts';
import { misfit, modelChangeReport } from './modelShapes.ts';
import { ciRef } from './shapes.ts';

const tags = ['cmdb model'];
const read = { permission: 'cmdb:read' } as const;
const change = { permission: 'cmdb:model' } as const;
const builtIn = z.boolean().describe('whether it stands as the product brings it');

const modelShape = z.object({
  version: z.number().int().describe('0: as the product brings it'),
  ciTypes: z.array(
    ciTypeDefinition.extend({
      builtIn,
      lineage: z.array(z.string()).describe('itself, its parent, and so on; attributes of all of them are its own'),
    }),
  ),
  relationTypes: z.array(relationTypeDefinition.extend({ builtIn })),
});

export function modelRoutes(deps: CmdbRouteDeps): (app: App) => void {
  const { db } = deps;
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/model',
      config: read,
      schema: {
        tags,
        summary: 'CI types with their attributes, and relation types with their direction of impact',
        querystring: z.object({ version: z.coerce.number().int().min(0).optional().describe('the newest by default') }),
        response: { 200: modelShape },
      },
      handler: ({ principal, query }) =>
        readingAs(db, principal, async (tx) => {
          const { version } = query;
          return told(version === undefined ? await currentModel(tx) : await requireModelAt(tx, version));
        }),
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/model/versions',
      config: read,
      schema: {
        tags,
        summary: 'Changes of the model, newest first: who, why and what',
        querystring: pageQuery.extend({ cursor: z.coerce.number().int().min(1).optional() }),
        response: {
          200: pageOf(
            z.object({
              version: z.number().int(),
              graphVersion: z.bigint(),
              author: z.string(),
              reason: z.string(),
              at: z.date(),
              change: modelChange,
            }),
          ),
        },
      },
      handler: async ({ principal, query }) => {
        const page = { before: query.cursor, limit: query.limit + 1 };
        const rows = await readingAs(db, principal, (tx) => modelVersions(tx, page));
        return toPage(rows, query.limit, (last) => String(last.version));
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/model/tasks',
      config: read,
      schema: {
        tags,
        summary: 'CIs that do not fit the model since it was changed; one leaves the list when it is put right',
        querystring: pageQuery.extend({ ciId: ciRef.optional(), cursor: z.string().max(300).optional() }),
        response: { 200: pageOf(misfit.extend({ modelVersion: z.number().int(), openedAt: z.date() })) },
      },
      handler: async ({ principal, query }) => {
        const [attribute = '', ...key] = query.cursor?.split(' ') ?? [];
        const after = query.cursor === undefined ? undefined : { key: key.join(' '), attribute };
        const rows = await readingAs(db, principal, async (tx) => {
          const ciId = query.ciId === undefined ? undefined : (await requireCi(tx, query.ciId)).id;
          return modelTasks(tx, { ciId, after, limit: query.limit + 1 });
        });
        return toPage(rows, query.limit, (last) => `${last.attribute} ${last.key}`);
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/model/preview',
      config: change,
      schema: {
        tags,
        summary: 'What a change of the model would break; nothing is changed',
        body: modelChange,
        response: { 200: modelChangeReport },
      },
      handler: async ({ principal, body }) => {
        const request = { change: body, author: principal.name, reason: 'preview', onMisfit: 'tasks' } as const;
        return shown(await takenBack(db, principal.tenantId, (tx) => changeModel(deps, tx, request, false)));
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/model/changes',
      config: change,
      schema: {
        tags,
        summary: 'Change the model; what does not fit refuses the change or becomes a task',
        body: z.object({
          change: modelChange,
          reason: z.string().trim().min(1).max(500),
          onMisfit: z.enum(['refuse', 'tasks']).default('refuse'),
          expectedVersion: z.number().int().min(0).optional().describe('refused when the model is at another version'),
        }),
        response: { 200: modelChangeReport },
      },
      handler: ({ principal, body }) =>
        readingAs(db, principal, async (tx) => shown(await changeModel(deps, tx, { ...body, author: principal.name }))),
    });
  };
}

function told(model: CmdbModel): z.output<typeof modelShape> {
  const { ciTypes, relationTypes } = model.definition;
  const start = STARTING_MODEL.definition;
  return {
    version: model.version,
    ciTypes: ciTypes.map((type) => ({
      ...type,
      builtIn: start.ciTypes.includes(type),
      lineage: [...model.typeOf(type.name)!.lineage],
    })),
    relationTypes: relationTypes.map((type) => ({ ...type, builtIn: start.relationTypes.includes(type) })),
  };
}

function shown(report: ModelChangeReport): z.output<typeof modelChangeReport> {
  return { ...report, misfits: [...report.misfits], misfitRelations: [...report.misfitRelations] };
}
