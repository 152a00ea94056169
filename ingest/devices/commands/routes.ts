import { z } from 'zod';
import { type App, type Clock, type Database, pageOf, pageQuery, type Tx, toPage } from '../../../platform/index.ts';
import { type Actor, auditOf } from '../audit/audit.ts';
import { actorOf, historyBody, historyQuery } from '../audit/routes.ts';
import { COMMAND_STATES, CONFIRMATIONS, commandKind, type DeviceCommand } from './command.ts';
import { listRules, putRule } from './rules.ts';
import { decideCommand, getCommand, listCommands, type NewCommand } from './store.ts';

const LONGEST_MS = 7 * 86_400_000;

const commandBody = z.object({
  id: z.uuid(),
  device: z.string(),
  kind: z.string(),
  body: z.record(z.string(), z.unknown()),
  state: z.enum(COMMAND_STATES),
  confirmation: z.enum(CONFIRMATIONS).describe('Who had to confirm'),
  proposedAt: z.date(),
  proposedBy: z.string(),
  decidedAt: z.date().nullable(),
  decidedBy: z.string().nullable(),
  note: z.string().nullable(),
  expiresAt: z.date(),
  sentAt: z.date().nullable(),
  sends: z.number(),
  receivedAt: z.date().nullable(),
  answeredAt: z.date().nullable(),
  answer: z.record(z.string(), z.unknown()).nullable(),
});
const expiresInMs = z.number().int().min(1_000).max(LONGEST_MS);
const proposal = z.strictObject({
  kind: commandKind,
  body: z.record(z.string().min(1).max(128), z.unknown()).default({}).describe('At most 16 KiB'),
  expiresInMs: expiresInMs.optional().describe('Not sent any more after this; default: the rule of its kind'),
});
const ruleBody = z.object({
  kind: commandKind,
  confirmation: z.enum(CONFIRMATIONS).describe('none, anyone with commands:confirm, or another than the proposer'),
  expiresInMs,
});
const idParams = z.object({ id: z.uuid() });
const tags = ['device commands'];

export interface CommandRoutesDeps {
  db: Database;
  clock: Clock;
  propose(tx: Tx, device: string, command: NewCommand, by: Actor): Promise<DeviceCommand>;
  /** Told within the transaction that confirms a command. */
  confirmed(tx: Tx, id: string): void;
}

/** Commands to devices: proposed, confirmed, sent, answered; who did what is in each one's history. */
export function commandRoutes(deps: CommandRoutesDeps): (app: App) => void {
  return (app) => {
    readingRoutes(app, deps);
    decidingRoutes(app, deps);
    ruleRoutes(app, deps);
  };
}

function readingRoutes(app: App, { db }: CommandRoutesDeps): void {
  app.route({
    method: 'GET',
    url: '/api/v1/device-commands',
    config: { permission: 'devices:read' },
    schema: {
      tags,
      summary: 'List commands, newest first',
      querystring: pageQuery.extend({
        cursor: z.uuid().optional(),
        device: z.string().min(1).max(63).optional().describe('Id or name'),
        state: z.enum(COMMAND_STATES).optional(),
        kind: commandKind.optional(),
      }),
      response: { 200: pageOf(commandBody) },
    },
    handler: async ({ principal, query: { limit, ...filter } }) => {
      const rows = await db.tenant(principal.tenantId, (tx) => listCommands(tx, { ...filter, limit: limit + 1 }));
      return toPage(rows, limit, ({ id }) => id);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/device-commands/:id',
    config: { permission: 'devices:read' },
    schema: { tags, summary: 'Get a command', params: idParams, response: { 200: commandBody } },
    handler: async ({ principal, params: { id } }) => db.tenant(principal.tenantId, (tx) => getCommand(tx, id)),
  });

  app.route({
    method: 'GET',
    url: '/api/v1/device-commands/:id/history',
    config: { permission: 'devices:read' },
    schema: {
      tags,
      summary: 'Each step of a command: who, when, from where; newest first',
      params: idParams,
      querystring: historyQuery,
      response: { 200: historyBody },
    },
    handler: async ({ principal, params: { id }, query: { limit, cursor } }) => {
      const rows = await db.tenant(principal.tenantId, async (tx) =>
        auditOf(tx, (await getCommand(tx, id)).id, { limit: limit + 1, cursor }),
      );
      return toPage(rows, limit, (entry) => entry.id);
    },
  });
}

function decidingRoutes(app: App, { db, clock, propose, confirmed }: CommandRoutesDeps): void {
  app.route({
    method: 'POST',
    url: '/api/v1/devices/:device/commands',
    config: { permission: 'devices:write' },
    schema: {
      tags,
      summary: 'Propose a command to a device',
      description:
        'The device gets the fields of `body` with `id`, `command` and `expiresAt` on fl/1/{tenant}/{device}/command, ' +
        'again after a reconnection until it answers {"id", "status": "received" | "done" | "failed", …} on …/answer.',
      params: z.object({ device: z.string().min(1).max(63).describe('Id or name') }),
      body: proposal,
      response: { 201: commandBody },
    },
    handler: async (request, reply) => {
      const { principal, params, body } = request;
      const command = await db.tenant(principal.tenantId, (tx) => propose(tx, params.device, body, actorOf(request)));
      return reply.code(201).send(command);
    },
  });

  for (const [verb, to, permission, summary] of [
    ['confirm', 'confirmed', 'commands:confirm', 'Confirm a command: it is sent'],
    ['reject', 'rejected', 'commands:confirm', 'Reject a proposed command'],
    ['cancel', 'cancelled', 'devices:write', 'Cancel a command that has not been sent'],
  ] as const) {
    app.route({
      method: 'POST',
      url: `/api/v1/device-commands/:id/${verb}`,
      config: { permission },
      schema: {
        tags,
        summary,
        params: idParams,
        body: z.strictObject({ note: z.string().trim().min(1).max(2_000).optional() }),
        response: { 200: commandBody },
      },
      handler: async (request) => {
        const { principal, params, body } = request;
        return db.tenant(principal.tenantId, async (tx) => {
          const decision = { to, note: body.note };
          const command = await decideCommand(tx, params.id, decision, actorOf(request), clock.nowMs());
          if (to === 'confirmed') confirmed(tx, command.id);
          return command;
        });
      },
    });
  }
}

function ruleRoutes(app: App, { db }: CommandRoutesDeps): void {
  app.route({
    method: 'GET',
    url: '/api/v1/command-rules',
    config: { permission: 'devices:read' },
    schema: {
      tags,
      summary: 'List what kinds of commands need before they are sent',
      description: 'A kind without a rule needs the confirmation of another person and expires after ten minutes.',
      response: { 200: z.object({ items: z.array(ruleBody) }) },
    },
    handler: async ({ principal }) => ({ items: await db.tenant(principal.tenantId, listRules) }),
  });

  app.route({
    method: 'PUT',
    url: '/api/v1/command-rules/:kind',
    config: { permission: 'commands:confirm' },
    schema: {
      tags,
      summary: 'Say what a kind of command needs before it is sent',
      description: 'Kept by those who confirm, so that a proposer cannot do without them.',
      params: z.object({ kind: commandKind }),
      body: ruleBody.omit({ kind: true }).strict(),
      response: { 200: ruleBody },
    },
    handler: async (request) => {
      const rule = { kind: request.params.kind, ...request.body };
      request.log.info({ by: request.principal.userId, ...rule }, 'rule of a command changed');
      await db.tenant(request.principal.tenantId, (tx) => putRule(tx, rule));
      return rule;
    },
  });
}
