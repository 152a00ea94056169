import { z } from 'zod';
import { type App, int64Text } from '../../platform/index.ts';
import { storeErrors } from '../store/errors.ts';
import { pointKeyOf } from '../store/readings.ts';
import { AGGREGATES, type LatestReading, type TelemetryStore } from '../store/telemetryStore.ts';
import { rangeRoute } from './range.ts';
import { demandOrder, durationText, oneOrMore, seriesOf, timeText } from './shapes.ts';

const MAX_WINDOWS = 10_000;
const MAX_SERIES = 500;
const MAX_SERIES_POSTED = 10_000;
/** Ten thousand names of ordinary length. */
const POSTED_BYTES = 4 * 1024 * 1024;

const seriesText = z.string().min(3).max(300).describe('device/point');
const time = int64Text.describe('Nanoseconds since the epoch');

const windowBody = z.object({ time: time.describe('Start of the window'), value: z.number(), count: z.int() });
const latestBody = z.object({
  series: seriesText,
  time,
  value: z.number(),
  unit: z.string().nullable(),
  arrivedAt: time,
});

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
    rangeRoute({ telemetry })(app);

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
          series: oneOrMore(seriesText, MAX_SERIES).optional(),
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
      method: 'POST',
      url: '/api/v1/telemetry/latest',
      config,
      bodyLimit: POSTED_BYTES,
      schema: {
        tags,
        summary: 'The newest reading of each of up to ten thousand series',
        description: 'In the order asked for; a series that has no reading, or is not yours, is left out.',
        body: z.object({ series: z.array(seriesText).min(1).max(MAX_SERIES_POSTED) }),
        response: { 200: z.object({ items: z.array(latestBody) }) },
      },
      handler: async ({ principal, body: { series } }) => {
        const found = await telemetry.latest(principal.tenantId, series.map(seriesOf));
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
