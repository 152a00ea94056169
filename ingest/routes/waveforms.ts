import { z } from 'zod';
import { type App, int64Text, pageOf, pageQuery, toPage } from '../../platform/index.ts';
import { samplesInUnit } from '../feed/items.ts';
import { storeErrors } from '../store/errors.ts';
import { pointKeyOf } from '../store/readings.ts';
import type { StoredWaveform, WaveformHeader, WaveformStore } from '../store/waveformStore.ts';
import { encodeBlock } from './blockFile.ts';
import { decodePosition, demandOrder, encodePosition, timeText } from './shapes.ts';

const time = int64Text.describe('Nanoseconds since the epoch');

const headerBody = z.object({
  ref: z.string(),
  series: z.string().describe('device/point'),
  time,
  arrivedAt: time,
  deviceTime: time.nullable(),
  samplingRateHz: z.number(),
  unit: z.string(),
  axis: z.string().nullable(),
  speedRpm: z.number().nullable(),
  loadPercent: z.number().nullable(),
  scale: z.number(),
  encoding: z.enum(['int16', 'float32']),
  count: z.int(),
  kept: z.boolean().describe('Kept past retention, because something is proved by it'),
});

const blockBody = headerBody.extend({ samples: z.array(z.number()).describe('In `unit`') });

function headerOf(header: WaveformHeader): z.output<typeof headerBody> {
  return {
    ref: header.ref,
    series: pointKeyOf(header),
    time: header.timeNs,
    arrivedAt: header.arrivalNs,
    deviceTime: header.deviceTimeNs,
    samplingRateHz: header.samplingRateHz,
    unit: header.unit,
    axis: header.axis,
    speedRpm: header.speedRpm,
    loadPercent: header.loadPercent,
    scale: header.scale,
    encoding: header.encoding,
    count: header.sampleCount,
    kept: header.kept,
  };
}

/** Listing and reading waveform blocks. */
export function waveformRoutes(deps: { waveforms: WaveformStore }): (app: App) => void {
  const { waveforms } = deps;
  const tags = ['waveforms'];
  const config = { permission: 'telemetry:read' } as const;
  const params = z.object({ ref: z.uuid() });
  const found = async (tenantId: string, ref: string): Promise<StoredWaveform> => {
    const block = await waveforms.get(tenantId, ref);
    if (!block) throw storeErrors.WAVEFORM_UNKNOWN({ ref });
    return block;
  };
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/waveforms',
      config,
      schema: {
        tags,
        summary: 'List waveform blocks, newest first',
        querystring: pageQuery.extend({
          device: z.string().max(200).optional(),
          point: z.string().max(200).optional(),
          from: timeText.default(0n),
          to: timeText.default(2n ** 63n - 1n),
        }),
        response: { 200: pageOf(headerBody) },
      },
      handler: async ({ principal, query: { device, point, from, to, limit, cursor } }) => {
        demandOrder(from, to);
        const position = cursor === undefined ? undefined : decodePosition(cursor);
        const rows = await waveforms.list(principal.tenantId, {
          fromNs: from,
          toNs: to,
          limit: limit + 1,
          ...(device === undefined ? {} : { device }),
          ...(point === undefined ? {} : { point }),
          ...(position ? { before: { timeNs: position.timeNs, ref: position.id } } : {}),
        });
        const page = toPage(rows, limit, (last) => encodePosition(last.timeNs, last.ref));
        return { items: page.items.map(headerOf), nextCursor: page.nextCursor };
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/waveforms/:ref',
      config,
      schema: {
        tags,
        summary: 'A waveform block with its samples in their unit',
        params,
        response: { 200: blockBody },
      },
      handler: async ({ principal, params: { ref } }) => {
        const block = await found(principal.tenantId, ref);
        return { ...headerOf(block), samples: Array.from(samplesInUnit(block.raw, block.encoding, block.scale)) };
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/waveforms/:ref/file',
      config,
      schema: {
        tags,
        summary: 'A waveform block in the binary form that devices send',
        params,
        produces: ['application/octet-stream'],
        response: { 200: z.custom<Buffer>((body) => Buffer.isBuffer(body)).describe('FLW1, header, samples') },
      },
      handler: async ({ principal, params: { ref } }, reply) => {
        const block = await found(principal.tenantId, ref);
        reply.header('content-disposition', `attachment; filename="${ref}.flw"`);
        return reply.type('application/octet-stream').send(encodeBlock(block));
      },
    });
  };
}
