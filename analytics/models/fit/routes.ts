import { z } from 'zod';
import type { App, Clock, Database, Jobs } from '../../../platform/index.ts';
import { analyticsErrors } from '../../errors.ts';
import { readPoint } from '../../store/pointMemory.ts';
import { fitBody } from '../registry/shapes.ts';
import { fitPointJob } from './fitPoint.ts';
import { type Fit, orderFit, readFit } from './fits.ts';

/** Models that Faultline fits by itself: ordered, followed. */
export function fitRoutes(deps: {
  readonly db: Database;
  readonly clock: Clock;
  readonly jobs: Pick<Jobs, 'enqueue'>;
}) {
  const { db, clock, jobs } = deps;
  const tags = ['models'];
  // A nudge that is lost is made up for by whoever asks how far the fit is.
  const nudge = async (tenantId: string, { id, status }: Fit): Promise<void> => {
    if (status === 'finished' || status === 'failed') return;
    await jobs.enqueue(fitPointJob, { tenantId, fitId: id }, { id: `fit-${id}` }).catch(() => undefined);
  };
  return (app: App): void => {
    app.route({
      method: 'POST',
      url: '/api/v1/points/:device/:point/models',
      config: { permission: 'models:write' },
      schema: {
        tags,
        summary: 'Fit a model to a point’s own baseline, in the background; it begins in shadow at this point',
        params: z.object({ device: z.string().max(128), point: z.string().max(128) }),
        response: { 202: fitBody },
      },
      handler: async ({ principal, params: { device, point } }, reply) => {
        const pointKey = `${device}/${point}`;
        const fit = await db.tenant(principal.tenantId, async (tx) => {
          if (!(await readPoint(tx, pointKey))) throw analyticsErrors.ANALYTICS_POINT_UNKNOWN({ pointKey });
          return orderFit(tx, pointKey, principal.name, new Date(clock.nowMs()));
        });
        await nudge(principal.tenantId, fit);
        return reply.code(202).send(fit);
      },
    });
    app.route({
      method: 'GET',
      url: '/api/v1/model-fits/:id',
      config: { permission: 'models:read' },
      schema: {
        tags,
        summary: 'How far the fit of a model is',
        params: z.object({ id: z.uuid() }),
        response: { 200: fitBody },
      },
      handler: async ({ principal, params: { id } }) => {
        const fit = await db.tenant(principal.tenantId, (tx) => readFit(tx, id));
        if (!fit) throw analyticsErrors.ANALYTICS_FIT_UNKNOWN({ id });
        await nudge(principal.tenantId, fit);
        return fit;
      },
    });
  };
}
