import { z } from 'zod';
import type { App, Clock, Database, Jobs } from '../../platform/index.ts';
import { int64Text, isId, pageOf, pageQuery, toPage } from '../../platform/index.ts';
import { storeErrors } from '../store/errors.ts';
import { getReplay, listReplays, replayQuarantineJob, requestReplay } from './bulkReplay.ts';
import { ledgerByDevice, ledgerHours } from './ledgerHours.ts';
import { quarantineReasons } from './quarantineReasons.ts';
import { LANES, readSpoolReports } from './spoolReport.ts';

const HOUR_MS = 3_600_000;
const MOST_HOURS = 24 * 92;

const terms = {
  accepted: z.int(),
  stored: z.int(),
  duplicate: z.int(),
  pending: z.int().describe('Change of what waits to be stored'),
  quarantined: z.int(),
  expired: z.int(),
};

const spoolBody = z
  .object({
    spoolId: z.string(),
    lane: z.enum(LANES).default('live'),
    host: z.string(),
    reportedAt: z.date().describe('Older than half a minute: its process is gone or cannot reach the database'),
    diskBytes: z.int(),
    limitBytes: z.int(),
    full: z.boolean().describe('PUBACK is withheld; nothing is dropped'),
    fullReason: z.string().nullable(),
    waitingBytes: z.int().describe('Accepted, not yet in the stores'),
    feedWaitingBytes: z.int().describe('Accepted, not yet handed to analytics'),
    intakeBytesPerSecond: z.number().describe('Over the last minute'),
    drainBytesPerSecond: z.number().describe('Over the last minute'),
    hoursIfStoreStops: z.number().nullable().describe('How long the spool lasts at the present intake; null: none'),
    hoursUntilFull: z.number().nullable().describe('As things stand; null: it is not filling'),
    secondsUntilDrained: z.number().nullable().describe('As things stand; null: held, or falling behind'),
    heldSince: z.date().nullable().describe('Since when a store has refused'),
    heldReason: z.string().nullable(),
  })
  .meta({ id: 'SpoolReport' });

const reasonBody = z
  .object({
    reasonCode: z.string(),
    entries: z.int(),
    units: z.int(),
    devices: z.int(),
    firstReceivedAt: int64Text.describe('Nanoseconds since the epoch'),
    lastReceivedAt: int64Text.describe('Nanoseconds since the epoch'),
    example: z.object({ id: z.uuid(), device: z.string(), field: z.string().nullable(), reason: z.string() }),
  })
  .meta({ id: 'QuarantineReason' });

const replayBody = z
  .object({
    id: z.uuid(),
    reasonCode: z.string().nullable(),
    device: z.string().nullable(),
    requestedBy: z.string(),
    requestedAt: z.date(),
    finishedAt: z.date().nullable(),
    entries: z.int().describe('Entries that lay in quarantine when it was asked for'),
    done: z.int(),
    stored: z.int().describe('Units'),
    duplicate: z.int().describe('Units'),
    remaining: z.int().describe('Units that still cannot be stored'),
  })
  .meta({ id: 'QuarantineReplay' });

const spanQuery = z.object({
  from: z.coerce.date().optional().describe('Default: a day before `to`'),
  to: z.coerce.date().optional().describe('Default: now'),
});

export interface OperationsRoutesDeps {
  db: Database;
  clock: Clock;
  jobs: Pick<Jobs, 'enqueue'>;
}

/** What whoever runs the intake looks at, and what they can do about it. */
export function operationsRoutes({ db, clock, jobs }: OperationsRoutesDeps): (app: App) => void {
  const spanOf = (query: z.output<typeof spanQuery>) => {
    const toMs = query.to?.getTime() ?? clock.nowMs();
    const fromMs = query.from?.getTime() ?? toMs - 24 * HOUR_MS;
    if (fromMs >= toMs) throw storeErrors.RANGE_ORDER({}, { field: 'from' });
    if (toMs - fromMs > MOST_HOURS * HOUR_MS) throw storeErrors.LEDGER_SPAN({ days: 92 }, { field: 'from' });
    return { fromMs: Math.floor(fromMs / HOUR_MS) * HOUR_MS, toMs };
  };
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/operations/spools',
      config: { permission: 'system:read' },
      schema: {
        tags: ['operations'],
        summary: 'Each spool: how full, how fast, for how long',
        response: { 200: z.object({ items: z.array(spoolBody) }) },
      },
      handler: async () => ({ items: await readSpoolReports(db, clock) }),
    });

    app.route({
      method: 'GET',
      url: '/api/v1/ledger/hours',
      config: { permission: 'ledger:read' },
      schema: {
        tags: ['ledger'],
        summary: 'The ledger’s movements hour by hour, of the tenant or of one device',
        description: 'Written down every fifteen seconds; an hour in which nothing moved is left out.',
        querystring: spanQuery.extend({ device: z.string().max(200).optional() }),
        response: { 200: z.object({ items: z.array(z.object({ hour: z.date(), ...terms })) }) },
      },
      handler: async ({ principal, query }) => {
        const span = { ...spanOf(query), device: query.device };
        return { items: await db.tenant(principal.tenantId, (tx) => ledgerHours(tx, span)) };
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/ledger/devices',
      config: { permission: 'ledger:read' },
      schema: {
        tags: ['ledger'],
        summary: 'The ledger’s movements device by device, the busiest first',
        querystring: spanQuery.extend({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
        response: { 200: z.object({ items: z.array(z.object({ device: z.string(), ...terms })) }) },
      },
      handler: async ({ principal, query }) => {
        const span = { ...spanOf(query), limit: query.limit };
        return { items: await db.tenant(principal.tenantId, (tx) => ledgerByDevice(tx, span)) };
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/quarantine/reasons',
      config: { permission: 'quarantine:read' },
      schema: {
        tags: ['quarantine'],
        summary: 'What lies in quarantine, by reason, each with its newest example',
        response: { 200: z.object({ items: z.array(reasonBody) }) },
      },
      handler: async ({ principal }) => {
        const reasons = await db.tenant(principal.tenantId, quarantineReasons);
        return {
          items: reasons.map(({ firstReceivedNs, lastReceivedNs, ...reason }) => ({
            ...reason,
            firstReceivedAt: firstReceivedNs,
            lastReceivedAt: lastReceivedNs,
          })),
        };
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/quarantine/replays',
      config: { permission: 'quarantine:replay' },
      schema: {
        tags: ['quarantine'],
        summary: 'Decode again all that lies in quarantine for a reason, and store what can be stored now',
        description: 'Goes on in the background, oldest first; its progress is at `/api/v1/quarantine/replays/{id}`.',
        body: z.object({
          reasonCode: z.string().min(1).max(64).optional().describe('Only this reason; all when absent'),
          device: z.string().min(1).max(200).optional().describe('Only this device; all when absent'),
        }),
        response: { 202: replayBody },
      },
      handler: async ({ principal, body }, reply) => {
        const { tenantId, name } = principal;
        const wanted = {
          reasonCode: body.reasonCode ?? null,
          device: body.device ?? null,
          requestedBy: name,
          nowMs: clock.nowMs(),
        };
        const replay = await db.tenant(tenantId, (tx) => requestReplay(tx, wanted));
        await jobs.enqueue(replayQuarantineJob, { tenantId, replayId: replay.id }, { id: `replay-${replay.id}` });
        return reply.code(202).send(replay);
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/quarantine/replays',
      config: { permission: 'quarantine:read' },
      schema: {
        tags: ['quarantine'],
        summary: 'List replays, newest first',
        querystring: pageQuery,
        response: { 200: pageOf(replayBody) },
      },
      handler: async ({ principal, query: { limit, cursor } }) => {
        if (cursor !== undefined && !isId(cursor)) throw storeErrors.CURSOR_INVALID({}, { field: 'cursor' });
        const rows = await db.tenant(principal.tenantId, (tx) => listReplays(tx, cursor, limit + 1));
        return toPage(rows, limit, (last) => last.id);
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/quarantine/replays/:id',
      config: { permission: 'quarantine:read' },
      schema: {
        tags: ['quarantine'],
        summary: 'How far a replay has come',
        params: z.object({ id: z.uuid() }),
        response: { 200: replayBody },
      },
      handler: async ({ principal, params: { id } }) => {
        const replay = await db.tenant(principal.tenantId, (tx) => getReplay(tx, id));
        if (!replay) throw storeErrors.REPLAY_UNKNOWN({ id });
        return replay;
      },
    });
  };
}
