import { z } from 'zod';
import { type App, int64Text, toPage } from '../../platform/index.ts';
import { storeErrors } from '../store/errors.ts';
import { AGGREGATES, type StoredReading, type TelemetryStore } from '../store/telemetryStore.ts';
import { readThinned } from '../thin/readThinned.ts';
import { windowsIn } from '../thin/window.ts';
import { decodePosition, demandOrder, durationText, encodePosition, oneOrMore, seriesOf, timeText } from './shapes.ts';

const MAX_THINNED_SERIES = 50;
const MAX_POINTS = 10_000;
/** Of all series of one answer together. */
const MAX_ANSWER_POINTS = 100_000;

const seriesText = z.string().min(3).max(300).describe('device/point');
const time = int64Text.describe('Nanoseconds since the epoch');

const readingBody = z
  .object({
    time,
    value: z.number(),
    unit: z.string().nullable(),
    arrivedAt: time,
    deviceTime: time.nullable().describe('The sender’s own time, uncorrected; null when it gave none'),
    sentAt: time.nullable(),
    future: z.boolean().describe('Ahead of its arrival by more than the tolerated skew'),
    corrected: z.boolean().describe('Moved by the clock skew that sentAt showed'),
  })
  .meta({ id: 'StoredReading' });

const pageBody = z
  .object({ items: z.array(readingBody), nextCursor: z.string().nullable() })
  .meta({ id: 'ReadingsAsStored' });

const thinnedBody = z
  .object({
    series: z.array(
      z.object({
        series: seriesText,
        window: time
          .nullable()
          .describe(
            'Length in nanoseconds of the stretches summed up by the store; null when every reading was looked at',
          ),
        points: z.array(
          z.object({
            time,
            value: z.number(),
            count: z.int().optional().describe('How many readings an aggregate stands for'),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'ThinnedSeries' });

const query = z
  .object({
    series: oneOrMore(seriesText, MAX_THINNED_SERIES),
    from: timeText,
    to: timeText,
    limit: z.coerce.number().int().min(1).max(10_000).default(1000).describe('Of a page of readings as stored'),
    cursor: z.string().max(200).optional(),
    maxPoints: z.coerce.number().int().min(10).max(MAX_POINTS).optional().describe('Most points of each series'),
    resolution: durationText.optional().describe('One stretch for each, such as 10s; or give maxPoints'),
    method: z
      .enum(['minmax', 'lttb', ...AGGREGATES])
      .default('minmax')
      .describe('minmax and lttb give readings as they are; the others one number for each stretch, under its start'),
  })
  .superRefine(({ series, maxPoints, resolution, cursor }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (maxPoints !== undefined && resolution !== undefined)
      refuse('resolution', 'give maxPoints or resolution, not both');
    const thinned = maxPoints !== undefined || resolution !== undefined;
    if (thinned && cursor !== undefined)
      refuse('cursor', 'belongs to readings as stored, without maxPoints or resolution');
    if (!thinned && series.length > 1) refuse('series', 'give maxPoints or resolution to read several series at once');
  });

function readingOf(reading: StoredReading): z.output<typeof readingBody> {
  const { timeNs, value, unit, arrivalNs, deviceTimeNs, sentAtNs, future, corrected } = reading;
  const times = { time: timeNs, arrivedAt: arrivalNs, deviceTime: deviceTimeNs, sentAt: sentAtNs };
  return { ...times, value, unit, future, corrected };
}

/** Points that a request asks for, from either way of saying it. A stretch has two extremes, and a line two ends. */
function pointsOf(request: z.output<typeof query>): number {
  if (request.maxPoints !== undefined) return request.maxPoints;
  const stretches = windowsIn(request.from, request.to, request.resolution!);
  const points = request.method === 'minmax' ? 2 * stretches + 2 : Math.max(stretches, 10);
  if (points > MAX_POINTS)
    throw storeErrors.RANGE_WINDOW({ windows: stretches.toString(), most: MAX_POINTS }, { field: 'resolution' });
  return points;
}

/** Readings of a span: as stored, page by page, or thinned to what a person can look at. */
export function rangeRoute(deps: { telemetry: TelemetryStore }): (app: App) => void {
  const { telemetry } = deps;
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/telemetry/range',
      config: { permission: 'telemetry:read' },
      schema: {
        tags: ['telemetry'],
        summary: 'Readings of a span of time, oldest first: as stored, or thinned',
        description:
          'Without `maxPoints` and `resolution`: the readings of one series as they are stored, page by page. With either: one or several series, each thinned to its extremes (`minmax`), to the points that keep the shape of its line (`lttb`), or to one aggregate for each stretch of time.',
        querystring: query,
        response: { 200: z.union([pageBody, thinnedBody]) },
      },
      handler: async ({ principal, query: request }) => {
        const { series, from, to, limit, cursor, method } = request;
        demandOrder(from, to);
        if (request.maxPoints === undefined && request.resolution === undefined) {
          const position = cursor === undefined ? undefined : decodePosition(cursor);
          const rows = await telemetry.range(principal.tenantId, seriesOf(series[0]!), from, to, {
            limit: limit + 1,
            ...(position ? { after: { timeNs: position.timeNs, identity: position.id } } : {}),
          });
          const page = toPage(rows, limit, (last) => encodePosition(last.timeNs, last.identity));
          return { items: page.items.map(readingOf), nextCursor: page.nextCursor };
        }
        const asked = series.map((text) => ({ text, key: seriesOf(text) }));
        const maxPoints = pointsOf(request);
        if (maxPoints * series.length > MAX_ANSWER_POINTS)
          throw storeErrors.RANGE_POINTS(
            { points: maxPoints * series.length, most: MAX_ANSWER_POINTS },
            { field: 'series' },
          );
        const answer: z.output<typeof thinnedBody> = { series: [] };
        const shape = {
          ...{ fromNs: from, toNs: to, method, maxPoints },
          ...(request.resolution === undefined ? {} : { windowNs: request.resolution }),
        };
        for (const { text, key } of asked) {
          const { points, windowNs } = await readThinned(telemetry, principal.tenantId, key, shape);
          answer.series.push({
            series: text,
            window: windowNs,
            points: points.map(({ timeNs, ...point }) => ({ time: timeNs, ...point })),
          });
        }
        return answer;
      },
    });
  };
}
