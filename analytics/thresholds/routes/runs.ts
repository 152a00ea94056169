import { z } from 'zod';
import { type App, type Jobs, newId, pageOf, pageQuery, toPage } from '../../../platform/index.ts';
import type { ThresholdDeps } from '../deps.ts';
import { thresholdErrors } from '../errors.ts';
import { ABANDONED_MS, thresholdRunJob } from '../runs.ts';
import { planReplay } from '../simulate/plan.ts';
import { editsKeyOf, simulationRequest } from '../simulate/request.ts';
import { simulationResult } from '../simulate/result.ts';
import { replayHere } from '../simulate/runner.ts';
import { simulate } from '../simulate/simulate.ts';
import { claimRun, insertRun, listRuns, type Run, readRun, settleRun } from '../store/runs.ts';
import { labelsResult, runHead, tags } from './shapes.ts';

/** Up to so many observations are replayed while the caller waits: some tenths of a second. */
const ANSWERED_AT_ONCE = 4_000;
/** A run that nobody has taken up for so long is asked for again: its job may be lost. */
const FORGOTTEN_MS = 10_000;

const simulationRun = runHead.extend({ request: simulationRequest, result: simulationResult.nullable() });
const labelsRun = runHead.extend({ result: labelsResult.nullable() });

export type RunRouteDeps = ThresholdDeps & { readonly jobs: Pick<Jobs, 'enqueue'> };

/** Simulations, and proposals from labels: asked for, looked at while they go on, and kept. */
export function runRoutes(deps: RunRouteDeps) {
  const { db, clock, jobs } = deps;
  const enqueue = (tenantId: string, runId: string) =>
    jobs.enqueue(thresholdRunJob, { tenantId, runId }, { id: `thresholds-${runId}` });

  const begin = async (
    tenantId: string,
    run: Pick<Run, 'kind' | 'author' | 'request' | 'editsKey'>,
  ): Promise<string> => {
    const id = newId();
    await db.tenant(tenantId, (tx) => insertRun(tx, { ...run, id }, clock.nowMs()));
    return id;
  };

  const read = async (tenantId: string, id: string, kind: Run['kind']): Promise<Run> => {
    const run = await db.tenant(tenantId, (tx) => readRun(tx, id));
    if (run?.kind !== kind) throw thresholdErrors.THRESHOLD_RUN_UNKNOWN({ id });
    const silentMs = clock.nowMs() - run.touchedAt.getTime();
    const isLeft =
      run.status === 'waiting' ? silentMs > FORGOTTEN_MS : run.status === 'running' && silentMs > ABANDONED_MS;
    if (isLeft) await enqueue(tenantId, id);
    return run;
  };

  return (app: App): void => {
    app.route({
      method: 'POST',
      url: '/api/v1/thresholds/simulate',
      config: { permission: 'thresholds:write' },
      schema: {
        tags,
        summary: 'Replay history under proposed values: how often, when, what is caught or missed, how much earlier',
        body: simulationRequest,
        response: { 200: simulationRun, 202: simulationRun },
      },
      handler: async ({ principal, body }, reply) => {
        const { tenantId, name } = principal;
        // The end is fixed now, so that a job that comes later answers the question that was asked.
        const request = { ...body, toMs: body.toMs ?? clock.nowMs() + 1 };
        const plan = await planReplay(deps, tenantId, request);
        const editsKey = editsKeyOf(request.edits);
        const id = await begin(tenantId, { kind: 'simulation', author: name, request, editsKey });
        if (plan.observations > ANSWERED_AT_ONCE) {
          await enqueue(tenantId, id);
          const run = await read(tenantId, id, 'simulation');
          return reply
            .code(202)
            .header('location', `/api/v1/thresholds/simulations/${id}`)
            .send(run as never);
        }
        const attempt = newId();
        const now = () => new Date(clock.nowMs());
        await db.tenant(tenantId, (tx) => claimRun(tx, id, attempt, now(), now()));
        const end = { status: 'finished' as const, reason: null, now: now() };
        try {
          const result = await simulate(deps, tenantId, request, replayHere);
          await db.tenant(tenantId, (tx) => settleRun(tx, id, attempt, { ...end, result }));
        } catch (error) {
          const failed = { ...end, status: 'failed' as const, result: null, reason: String(error) };
          await db.tenant(tenantId, (tx) => settleRun(tx, id, attempt, failed));
          throw error;
        }
        return reply.code(200).send((await read(tenantId, id, 'simulation')) as never);
      },
    });
    app.route({
      method: 'GET',
      url: '/api/v1/thresholds/simulations',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'Simulations and runs over labels, newest first, without their results',
        querystring: pageQuery.extend({ cursor: z.uuid().optional() }),
        response: { 200: pageOf(runHead) },
      },
      handler: async ({ principal, query: { limit, cursor } }) => {
        const rows = await db.tenant(principal.tenantId, (tx) => listRuns(tx, limit, cursor));
        return toPage(rows, limit, (last) => last.id);
      },
    });
    app.route({
      method: 'GET',
      url: '/api/v1/thresholds/simulations/:id',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'One simulation: how far it is, and its result',
        params: z.object({ id: z.uuid() }),
        response: { 200: simulationRun },
      },
      handler: async ({ principal, params }) => (await read(principal.tenantId, params.id, 'simulation')) as never,
    });
    app.route({
      method: 'POST',
      url: '/api/v1/thresholds/proposals',
      config: { permission: 'thresholds:write' },
      schema: {
        tags,
        summary: 'Work out proposals from labelled history, in the background',
        body: z.object({ closeAfterHours: z.number().min(0.01).max(2160).default(72) }).prefault({}),
        response: { 202: labelsRun },
      },
      handler: async ({ principal, body }, reply) => {
        const { tenantId, name: author } = principal;
        const id = await begin(tenantId, { kind: 'labels', author, request: body, editsKey: null });
        await enqueue(tenantId, id);
        const location = `/api/v1/thresholds/proposals/${id}`;
        return reply
          .code(202)
          .header('location', location)
          .send((await read(tenantId, id, 'labels')) as never);
      },
    });
    app.route({
      method: 'GET',
      url: '/api/v1/thresholds/proposals/:id',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'What labels say, scope by scope, and which changes were proposed',
        params: z.object({ id: z.uuid() }),
        response: { 200: labelsRun },
      },
      handler: async ({ principal, params }) => (await read(principal.tenantId, params.id, 'labels')) as never,
    });
  };
}
