import { z } from 'zod';
import { type App, pageOf, pageQuery, toPage } from '../../platform/index.ts';
import { decideStop, listStopCommands, STOP_STATES } from '../response/stopCommand.ts';
import { actorOf, inTenant, type RouteDeps } from './deps.ts';
import { idParams, stopCommandBody, text } from './shapes.ts';

const tags = ['stop commands'];

/** Proposals to stop a line. Nothing stops before a person has confirmed it. */
export function stopCommandRoutes(deps: RouteDeps): (app: App) => void {
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/stop-commands',
      config: { permission: 'commands:confirm' },
      schema: {
        tags,
        summary: 'List stop proposals, newest first',
        querystring: pageQuery.extend({ cursor: z.uuid().optional(), state: z.enum(STOP_STATES).optional() }),
        response: { 200: pageOf(stopCommandBody) },
      },
      handler: async ({ principal, query: { limit, ...filter } }) => {
        const rows = await deps.db.tenant(principal.tenantId, (tx) =>
          listStopCommands(tx, { ...filter, limit: limit + 1 }),
        );
        return toPage(rows, limit, (command) => command.id);
      },
    });

    for (const verb of ['confirm', 'reject'] as const) {
      app.route({
        method: 'POST',
        url: `/api/v1/stop-commands/:id/${verb}`,
        config: { permission: 'commands:confirm' },
        schema: {
          tags,
          summary: { confirm: 'Confirm: the line is to be stopped', reject: 'Reject the proposal' }[verb],
          params: idParams,
          body: z.object({
            note: text(2_000).optional(),
            device: text(200).optional().describe('The device that obeys, where the CMDB names none'),
          }),
          response: { 200: stopCommandBody },
        },
        handler: async ({ principal, params, body }) => {
          const decision = { confirm: verb === 'confirm', note: body.note, device: body.device };
          return inTenant(deps, principal, (unit) => decideStop(unit, params.id, decision, actorOf(principal)));
        },
      });
    }
  };
}
