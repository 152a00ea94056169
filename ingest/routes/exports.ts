import { Readable } from 'node:stream';
import { z } from 'zod';
import {
  type App,
  type Clock,
  type Database,
  int64Text,
  type Jobs,
  newId,
  pageOf,
  pageQuery,
  toPage,
} from '../../platform/index.ts';
import { EXPORT_LIFE_MS, exportJob } from '../export/exporter.ts';
import {
  cancelExport,
  countExports,
  EXPORT_FORMATS,
  EXPORT_STATUSES,
  getExport,
  insertExport,
  listExports,
  type TelemetryExport,
} from '../export/exports.ts';
import { readParts } from '../export/parts.ts';
import { storeErrors } from '../store/errors.ts';
import { pointKeyOf } from '../store/readings.ts';
import type { TelemetryStore } from '../store/telemetryStore.ts';
import { demandOrder, seriesOf, timeText } from './shapes.ts';

const MAX_SERIES = 5_000;
/** Of one tenant at a time; they expire after a day. */
const MAX_EXPORTS = 50;
const BODY_BYTES = 4 * 1024 * 1024;

const time = int64Text.describe('Nanoseconds since the epoch');
const exportBody = z
  .object({
    id: z.uuid(),
    format: z.enum(EXPORT_FORMATS),
    series: z.array(z.string()),
    from: time,
    to: time,
    status: z.enum(EXPORT_STATUSES),
    requestedBy: z.string(),
    createdAt: z.date(),
    startedAt: z.date().nullable(),
    finishedAt: z.date().nullable(),
    expiresAt: z.date().describe('Then it is removed'),
    percent: z.number().describe('Of the span of all series together'),
    rows: z.int(),
    bytes: z.int(),
    etaSeconds: z.number().nullable().describe('Until it is finished, at the pace so far; null while that is unknown'),
    reason: z.string().nullable().describe('Why it failed'),
  })
  .meta({ id: 'TelemetryExport' });

const params = z.object({ id: z.uuid() });
const MEDIA = { csv: 'text/csv; charset=utf-8; header=present', parquet: 'application/vnd.apache.parquet' } as const;

/** Exports of stored readings: asked for, followed, downloaded, cancelled. */
export function exportRoutes(deps: {
  db: Database;
  clock: Clock;
  jobs: Pick<Jobs, 'enqueue'>;
  telemetry: TelemetryStore;
}): (app: App) => void {
  const { db, clock } = deps;
  const tags = ['telemetry'];
  const config = { permission: 'telemetry:read' } as const;
  const found = async (tenantId: string, id: string): Promise<TelemetryExport> => {
    const made = await db.tenant(tenantId, (tx) => getExport(tx, id));
    if (!made) throw storeErrors.EXPORT_UNKNOWN({ id });
    return made;
  };
  const bodyOf = (made: TelemetryExport): z.output<typeof exportBody> => {
    const { fromNs, toNs, rows, bytes, attempt: _attempt, ...rest } = made;
    return {
      ...rest,
      from: fromNs,
      to: toNs,
      rows: Number(rows),
      bytes: Number(bytes),
      etaSeconds: etaOf(made, clock),
    };
  };
  return (app) => {
    app.route({
      method: 'POST',
      url: '/api/v1/telemetry/exports',
      config,
      bodyLimit: BODY_BYTES,
      schema: {
        tags,
        summary: 'Export series of a span to CSV or Parquet, in the background',
        description:
          'Series one after the other, each in the order of time. In CSV, texts that a spreadsheet would take for a formula begin with an apostrophe.',
        body: z
          .object({
            format: z.enum(EXPORT_FORMATS),
            series: z.array(z.string().min(3).max(300)).max(MAX_SERIES).default([]).describe('device/point'),
            devices: z.array(z.string().min(1).max(200)).max(200).default([]).describe('All series of these devices'),
            from: timeText,
            to: timeText,
          })
          .refine(({ series, devices }) => series.length + devices.length > 0, {
            path: ['series'],
            error: 'name at least one series or one device',
          }),
        response: { 202: exportBody },
      },
      handler: async ({ principal, body: { format, series, devices, from, to } }, reply) => {
        demandOrder(from, to);
        const asked = new Set(series);
        for (const text of asked) seriesOf(text);
        for (const device of devices)
          for (const one of await deps.telemetry.series(principal.tenantId, device)) asked.add(pointKeyOf(one));
        if (asked.size > MAX_SERIES) throw storeErrors.EXPORT_SERIES({ series: asked.size, most: MAX_SERIES });
        const now = new Date(clock.nowMs());
        const made = await db.tenant(principal.tenantId, async (tx) => {
          if ((await countExports(tx)) >= MAX_EXPORTS) throw storeErrors.EXPORT_MANY({ most: MAX_EXPORTS });
          return insertExport(tx, {
            ...{ id: newId(), format, series: [...asked].sort(), fromNs: from, toNs: to },
            ...{ requestedBy: principal.name, now, expiresAt: new Date(now.getTime() + EXPORT_LIFE_MS) },
          });
        });
        // A nudge that is lost is made up for by the exporter's sweep.
        await deps.jobs
          .enqueue(exportJob, { tenantId: principal.tenantId, exportId: made.id }, { id: `export-${made.id}` })
          .catch(() => undefined);
        return reply.code(202).send(bodyOf(made));
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/telemetry/exports',
      config,
      schema: { tags, summary: 'Exports, newest first', querystring: pageQuery, response: { 200: pageOf(exportBody) } },
      handler: async ({ principal, query: { limit, cursor } }) => {
        const before = cursor === undefined ? null : cursor;
        if (before !== null && !z.uuid().safeParse(before).success)
          throw storeErrors.CURSOR_INVALID({}, { field: 'cursor' });
        const rows = await db.tenant(principal.tenantId, (tx) => listExports(tx, { limit: limit + 1, before }));
        const page = toPage(rows, limit, (last) => last.id);
        return { items: page.items.map(bodyOf), nextCursor: page.nextCursor };
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/telemetry/exports/:id',
      config,
      schema: { tags, summary: 'How far an export is', params, response: { 200: exportBody } },
      handler: async ({ principal, params: { id } }) => bodyOf(await found(principal.tenantId, id)),
    });

    app.route({
      method: 'GET',
      url: '/api/v1/telemetry/exports/:id/file',
      exposeHeadRoute: false,
      config,
      schema: {
        tags,
        summary: 'What a finished export has made',
        params,
        produces: Object.values(MEDIA),
        response: { 200: z.custom<Readable>((body) => body instanceof Readable).describe('CSV or Parquet') },
      },
      handler: async ({ principal, params: { id } }, reply) => {
        const made = await found(principal.tenantId, id);
        if (made.status !== 'finished') throw storeErrors.EXPORT_UNFINISHED({ id, status: made.status });
        const parts = readParts(db, { tenantId: principal.tenantId, exportId: id, attempt: made.attempt! });
        reply
          .type(MEDIA[made.format])
          .header('content-length', made.bytes.toString())
          .header('content-disposition', `attachment; filename="telemetry-${id}.${made.format}"`);
        return reply.send(Readable.from(parts, { objectMode: false }));
      },
    });

    app.route({
      method: 'DELETE',
      url: '/api/v1/telemetry/exports/:id',
      config,
      schema: {
        tags,
        summary: 'Cancel an export, or remove what it has made',
        params,
        response: { 200: exportBody },
      },
      handler: async ({ principal, params: { id } }) => {
        await db.tenant(principal.tenantId, (tx) => cancelExport(tx, id, new Date(clock.nowMs())));
        return bodyOf(await found(principal.tenantId, id));
      },
    });
  };
}

function etaOf({ status, startedAt, percent }: TelemetryExport, clock: Clock): number | null {
  if (status === 'finished') return 0;
  if (status !== 'running' || !startedAt || percent <= 0) return null;
  const elapsedS = (clock.nowMs() - startedAt.getTime()) / 1000;
  return Math.round((elapsedS / percent) * (100 - percent) * 10) / 10;
}
