import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { type App, type Database, int64Text, isId, pageOf, pageQuery, toPage } from '../../platform/index.ts';
import type { IngestStores } from '../ingestStores.ts';
import { getQuarantined, listQuarantine, type QuarantineEntry } from '../quarantine/quarantine.ts';
import { storeErrors } from '../store/errors.ts';

/** What of a payload is shown; a replay uses all of it. */
const SHOWN_BYTES = 64 * 1024;

const entryBody = z.object({
  id: z.string(),
  device: z.string(),
  kind: z.enum(['telemetry', 'waveform']),
  topic: z.string().describe('The last levels of the topic; a vendor’s topic whole'),
  format: z.string().describe('The payload format it was taken in under'),
  reasonCode: z.string(),
  field: z.string().nullable().describe('The offending field, when one can be named'),
  reason: z.string(),
  unitIndexes: z.array(z.int()).nullable().describe('Positions in the message; null: the message as a whole'),
  units: z.int().describe('Units still in quarantine; 0 once all could be stored'),
  payloadBytes: z.int(),
  receivedAt: int64Text.describe('Nanoseconds since the epoch'),
  replayedAt: z.string().nullable(),
});

const detailBody = entryBody.extend({
  payloadText: z.string().nullable().describe('The payload’s beginning, when it is text'),
  payloadBase64: z.string().describe('The payload’s beginning'),
  payloadCut: z.boolean().describe('The payload goes on'),
});

const replayBody = z.object({
  stored: z.int(),
  duplicate: z.int(),
  remaining: z.int().describe('Units that are still quarantined'),
  reason: z.string().nullable().describe('Why they are'),
});

function entryOf(entry: QuarantineEntry): z.output<typeof entryBody> {
  const { deviceId: _deviceId, receivedNs, replayedAt, ...rest } = entry;
  return { ...rest, receivedAt: receivedNs, replayedAt: replayedAt?.toISOString() ?? null };
}

/** What could not be stored: seeing why, and trying again. */
export function quarantineRoutes(deps: { db: Database; stores: Pick<IngestStores, 'replay'> }): (app: App) => void {
  const tags = ['quarantine'];
  const params = z.object({ id: z.uuid() });
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/quarantine',
      config: { permission: 'quarantine:read' },
      schema: {
        tags,
        summary: 'List quarantined messages, newest first',
        querystring: pageQuery.extend({
          reason: z.string().max(64).optional().describe('Only this reason code'),
          device: z.string().max(200).optional(),
          settled: z.stringbool().default(false).describe('Also entries all of whose units could be stored'),
        }),
        response: { 200: pageOf(entryBody) },
      },
      handler: async ({ principal, query: { reason, device, settled, limit, cursor } }) => {
        if (cursor !== undefined && !isId(cursor)) throw storeErrors.CURSOR_INVALID({}, { field: 'cursor' });
        const filter = { reasonCode: reason, device, settled, before: cursor, limit: limit + 1 };
        const rows = await deps.db.tenant(principal.tenantId, (tx) => listQuarantine(tx, filter));
        const page = toPage(rows, limit, (last) => last.id);
        return { items: page.items.map(entryOf), nextCursor: page.nextCursor };
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/quarantine/:id',
      config: { permission: 'quarantine:read' },
      schema: { tags, summary: 'Get a quarantined message with its payload', params, response: { 200: detailBody } },
      handler: async ({ principal, params: { id } }) => {
        const { tenantId } = principal;
        const entry = await deps.db.tenant(tenantId, (tx) => getQuarantined(tx, tenantId, id, false));
        if (!entry) throw storeErrors.QUARANTINE_UNKNOWN({ id });
        const { payload, receipt: _receipt, repeated: _repeated, vendorTopic: _vendorTopic, ...rest } = entry;
        const shown = Buffer.from(payload.subarray(0, SHOWN_BYTES));
        return {
          ...entryOf(rest),
          payloadText: isUtf8(payload) ? shown.toString() : null,
          payloadBase64: shown.toString('base64'),
          payloadCut: shown.byteLength < entry.payloadBytes,
        };
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/quarantine/:id/replay',
      config: { permission: 'quarantine:replay' },
      schema: {
        tags,
        summary: 'Decode a quarantined message again and store what can be stored now',
        params,
        response: { 200: replayBody },
      },
      handler: async ({ principal, params: { id } }) => deps.stores.replay(principal.tenantId, id),
    });
  };
}
