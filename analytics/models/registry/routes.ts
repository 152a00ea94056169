import { z } from 'zod';
import type { App, Clock, Database } from '../../../platform/index.ts';
import { analyticsErrors } from '../../errors.ts';
import { readAgreement } from '../agreement/agreement.ts';
import { readDrift } from '../drift/monitor.ts';
import { modelLimits } from '../validation/report.ts';
import { changeStage, rollBack } from './changeStage.ts';
import { listModels, type RegisteredModel, readModel, readModelData } from './models.ts';
import { readPlacements, readSteps } from './placements.ts';
import { registerModel } from './register.ts';
import { agreementBody, bodyOf, driftBody, driftOf, modelBody, stepBody, stepOf } from './shapes.ts';
import { scope, stage } from './stages.ts';
import { readUpload } from './upload.ts';

const tags = ['models'];
const params = z.object({ id: z.uuid() });
/** The file, and room for the contract and the form's own lines. */
const UPLOAD_BYTES = modelLimits.fileBytes + 1024 * 1024;
const reason = z.string().min(3).max(1000).describe('Why; kept with your name');
const steps = z.object({ steps: z.array(stepBody) });

/** The registry: models with their contracts, stages and history. */
export function modelRoutes({ db, clock }: { readonly db: Database; readonly clock: Clock }) {
  const found = async (tenantId: string, id: string): Promise<RegisteredModel> => {
    const model = await db.tenant(tenantId, (tx) => readModel(tx, id));
    if (!model) throw analyticsErrors.ANALYTICS_MODEL_UNKNOWN({ id });
    return model;
  };
  const shown = (tenantId: string, model: RegisteredModel) =>
    db.tenant(tenantId, async (tx) => bodyOf(model, await readPlacements(tx)));

  return (app: App): void => {
    app.route({
      method: 'GET',
      url: '/api/v1/models',
      config: { permission: 'models:read' },
      schema: {
        tags,
        summary: 'Every model with its contract and its stages: those of the product, then your own, newest first',
        response: { 200: z.object({ items: z.array(modelBody) }) },
      },
      handler: ({ principal }) =>
        db.tenant(principal.tenantId, async (tx) => {
          const placements = await readPlacements(tx);
          return { items: (await listModels(tx)).map((model) => bodyOf(model, placements)) };
        }),
    });
    app.route({
      method: 'GET',
      url: '/api/v1/models/:id',
      config: { permission: 'models:read' },
      schema: { tags, summary: 'One model', params, response: { 200: modelBody } },
      handler: async ({ principal, params: { id } }) => shown(principal.tenantId, await found(principal.tenantId, id)),
    });
    app.route({
      method: 'GET',
      url: '/api/v1/models/:id/file',
      exposeHeadRoute: false,
      config: { permission: 'models:read' },
      schema: {
        tags,
        summary: 'The model as ONNX',
        params,
        produces: ['application/octet-stream'],
        response: { 200: z.custom<Uint8Array>((body) => body instanceof Uint8Array).describe('ONNX') },
      },
      handler: async ({ principal, params: { id } }, reply) => {
        const { name, version } = (await found(principal.tenantId, id)).contract;
        const data = await db.tenant(principal.tenantId, (tx) => readModelData(tx, id));
        return reply
          .type('application/octet-stream')
          .header('content-disposition', `attachment; filename="${name}-${version}.onnx"`)
          .send(data!);
      },
    });
    app.route({
      method: 'GET',
      url: '/api/v1/models/:id/history',
      config: { permission: 'models:read' },
      schema: {
        tags,
        summary: 'Every change of a model’s stage, newest first, with author and reason',
        params,
        response: { 200: z.object({ items: z.array(stepBody) }) },
      },
      handler: async ({ principal, params: { id } }) => {
        await found(principal.tenantId, id);
        const taken = await db.tenant(principal.tenantId, (tx) => readSteps(tx, id));
        return { items: taken.map(stepOf) };
      },
    });
    app.route({
      method: 'GET',
      url: '/api/v1/models/:id/drift',
      config: { permission: 'models:read' },
      schema: {
        tags,
        summary: 'How far a model’s inputs and output have moved from its training or its first rows; null: never run',
        params,
        response: { 200: z.object({ drift: driftBody.nullable() }) },
      },
      handler: async ({ principal, params: { id } }) => {
        const model = await found(principal.tenantId, id);
        const report = await db.tenant(principal.tenantId, (tx) => readDrift(tx, id));
        return { drift: report && driftOf(model, report) };
      },
    });
    app.route({
      method: 'GET',
      url: '/api/v1/models/:id/agreement',
      config: { permission: 'models:read' },
      schema: {
        tags,
        summary: 'How often a model would have spoken while a fault was open, over what the points remember',
        description:
          'A block counts as spoken of where the value lies further above the point’s own calm past than detectors allow.',
        params,
        response: { 200: agreementBody },
      },
      handler: async ({ principal, params: { id } }) => {
        const { contract } = await found(principal.tenantId, id);
        return db.tenant(principal.tenantId, (tx) => readAgreement(tx, contract));
      },
    });
    app.route({
      method: 'POST',
      url: '/api/v1/models/:id/stage',
      config: { permission: 'models:write' },
      schema: {
        tags,
        summary: 'Move a model from shadow to live, to retired, or back to shadow, in one scope',
        description: 'A version that goes live retires the version of the same name that was live in this scope.',
        params,
        body: z.object({ stage, scope: scope.default({ kind: 'all' }), reason }),
        response: { 200: steps },
      },
      handler: async ({ principal, params: { id }, body }) => {
        const at = new Date(clock.nowMs());
        const change = { modelId: id, scope: body.scope, author: principal.name, reason: body.reason, at };
        const taken = await db.tenant(principal.tenantId, (tx) => changeStage(tx, change, body.stage));
        return { steps: taken.map(stepOf) };
      },
    });
    app.route({
      method: 'POST',
      url: '/api/v1/models/:id/rollback',
      config: { permission: 'models:write' },
      schema: {
        tags,
        summary: 'Take back that a version went live: it is retired, and the one it replaced is live again',
        params,
        body: z.object({ scope: scope.default({ kind: 'all' }), reason }),
        response: { 200: steps },
      },
      handler: async ({ principal, params: { id }, body }) => {
        const at = new Date(clock.nowMs());
        const change = { modelId: id, scope: body.scope, author: principal.name, reason: body.reason, at };
        const taken = await db.tenant(principal.tenantId, (tx) => rollBack(tx, change));
        return { steps: taken.map(stepOf) };
      },
    });
    // A scope of its own, since this is the only route that reads such a body.
    app.register(async (inner) => {
      inner.addContentTypeParser(
        'multipart/form-data',
        { parseAs: 'buffer', bodyLimit: UPLOAD_BYTES },
        (_, body, done) => done(null, body),
      );
      (inner as unknown as App).route({
        method: 'POST',
        url: '/api/v1/models',
        bodyLimit: UPLOAD_BYTES,
        config: { permission: 'models:write' },
        schema: {
          tags,
          summary: 'Upload an ONNX model with its contract; it is validated and begins in shadow',
          description:
            'Parts: contract (JSON), model (the .onnx file), and if wanted scope (JSON) and reason. The model is run on probe rows in a process of its own before it is taken.',
          consumes: ['multipart/form-data'],
          body: z.custom<Buffer>((body) => Buffer.isBuffer(body), 'send multipart/form-data with contract and model'),
          response: { 201: modelBody },
        },
        handler: async ({ principal, body, headers }, reply) => {
          const upload = await readUpload(body, headers['content-type'] ?? '');
          const made = { ...upload, origin: 'uploaded', author: principal.name } as const;
          const model = await registerModel({ db, clock }, principal.tenantId, made);
          return reply.code(201).send(await shown(principal.tenantId, model));
        },
      });
    });
  };
}
