import { z } from 'zod';
import { type App, int64Text, toPage } from '../../platform/index.ts';
import { storeErrors } from '../store/errors.ts';
import { pointKeyOf } from '../store/readings.ts';
import { AGGREGATES, type LatestReading, type StoredReading, type TelemetryStore } from '../store/telemetryStore.ts';
import { decodePosition, demandOrder, durationText, encodePosition, seriesOf, timeText } from './shapes.ts';

const MAX_WINDOWS = 10_000;
const MAX_SERIES = 500;

const seriesText = z.string().min(3).max(300).describe('device/point');
const time = int64Text.describe('Nanoseconds since the epoch');

const readingBody = z.object({
  time,
  value: z.number(),
  unit: z.string().nullable(),
  arrivedAt: time,
  deviceTime: time.nullable().describe('The sender’s own time, uncorrected; null when it gave none'),
  sentAt: time.nullable(),
  future: z.boolean().describe('Ahead of its arrival by more than the tolerated skew'),
  corrected: z.boolean().describe('Moved by the clock skew that sentAt showed'),
});

const windowBody = z.object({ time: time.describe('Start of the window'), value: z.number(), count: z.int() });
const latestBody = z.object({
  series: seriesText,
  time,
  value: z.number(),
  unit: z.string().nullable(),
  arrivedAt: time,
});

function readingOf(reading: StoredReading): z.output<typeof readingBody> {
  const { timeNs, value, unit, arrivalNs, deviceTimeNs, sentAtNs, future, corrected } = reading;
  return {
    time: timeNs,
    value,
    unit,
    arrivedAt: arrivalNs,
    deviceTime: deviceTimeNs,
    sentAt: sentAtNs,
    future,
    corrected,
  };
}

function latestOf(reading: LatestReading): z.output<typeof latestBody> {
  const { timeNs, value, unit, arrivalNs } = reading;
  return { series: pointKeyOf(reading), time: timeNs, value, unit, arrivedAt: arrivalNs };
}

/** Reading what has been stored. */
export function telemetryRoutes(deps: { telemetry: TelemetryStore }): (app: App) => void {
  const { telemetry } = deps;
  const tags = ['telemetry'];
  const config = { permission: 'telemetry:read' } as const;
  const span = { from: timeText, to: timeText };
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/telemetry/range',
      config,
      schema: {
        tags,
        summary: 'The readings of a series in a span of time, oldest first',
        querystring: z.object({
          series: seriesText,
          ...span,
          limit: z.coerce.number().int().min(1).max(10_000).default(1000),
          cursor: z.string().max(200).optional(),
        }),
        response: { 200: z.object({ items: z.array(readingBody), nextCursor: z.string().nullable() }) },
      },
      handler: async ({ principal, query: { series, from, to, limit, cursor } }) => {
        demandOrder(from, to);
        const position = cursor === undefined ? undefined : decodePosition(cursor);
        const rows = await telemetry.range(principal.tenantId, seriesOf(series), from, to, {
          limit: limit + 1,
          ...(position ? { after: { timeNs: position.timeNs, identity: position.id } } : {}),
        });
        const page = toPage(rows, limit, (last) => encodePosition(last.timeNs, last.identity));
        return { items: page.items.map(readingOf), nextCursor: page.nextCursor };
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/telemetry/windows',
      config,
      schema: {
        tags,
        summary: 'A series in a span of time, one value for each window that holds readings',
        querystring: z.object({
          series: seriesText,
          ...span,
          window: durationText,
          aggregate: z.enum(AGGREGATES).default('mean'),
        }),
        response: { 200: z.object({ items: z.array(windowBody) }) },
      },
      handler: async ({ principal, query: { series, from, to, window, aggregate } }) => {
        demandOrder(from, to);
        const windows = (to - from) / window + 1n;
        if (windows > MAX_WINDOWS)
          throw storeErrors.RANGE_WINDOW({ windows: windows.toString(), most: MAX_WINDOWS }, { field: 'window' });
        const found = await telemetry.windows(principal.tenantId, seriesOf(series), from, to, {
          windowNs: window,
          aggregate,
          limit: MAX_WINDOWS + 1,
        });
        return { items: found.map(({ timeNs, value, count }) => ({ time: timeNs, value, count })) };
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/telemetry/latest',
      config,
      schema: {
        tags,
        summary: 'The newest reading of each series asked for, or of each series of a device',
        querystring: z.object({
          series: z
            .union([seriesText.transform((one) => [one]), z.array(seriesText).max(MAX_SERIES)])
            .optional()
            .describe('May be given several times'),
          device: z.string().max(200).optional(),
        }),
        response: { 200: z.object({ items: z.array(latestBody) }) },
      },
      handler: async ({ principal, query: { series, device } }) => {
        const found =
          series === undefined
            ? await telemetry.series(principal.tenantId, device)
            : await telemetry.latest(principal.tenantId, series.map(seriesOf));
        return { items: found.map(latestOf) };
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/telemetry/count',
      config,
      schema: {
        tags,
        summary: 'How many readings are stored, by device, counted now',
        querystring: z.object({
          device: z.string().max(200).optional(),
          point: z.string().max(200).optional(),
          from: timeText.optional(),
          to: timeText.optional(),
        }),
        response: {
          200: z.object({ count: z.int(), items: z.array(z.object({ device: z.string(), count: z.int() })) }),
        },
      },
      handler: async ({ principal, query: { device, point, from, to } }) => {
        const items = await telemetry.count(principal.tenantId, {
          ...(device === undefined ? {} : { device }),
          ...(point === undefined ? {} : { point }),
          ...(from === undefined ? {} : { fromNs: from }),
          ...(to === undefined ? {} : { toNs: to }),
        });
        return { count: items.reduce((sum, item) => sum + item.count, 0), items };
      },
    });
  };
}
