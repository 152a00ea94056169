import { type Clock, newId } from '../../platform/pure.ts';
import { blockParts, encodeWaveformBlock, Qos1Publisher } from '../mqtt/index.ts';
import type { DeviceAccess } from '../plant/index.ts';
import type { ReplayAsset } from './assets.ts';
import type { TelemetryRecord, WaveformRecord } from './record.ts';

/** How much of a replay has been acknowledged. */
export interface ReplayProgress {
  blocks: number;
  samples: number;
  recordsDone: number;
}

export interface PublishOptions {
  mqttUrl: string;
  access: DeviceAccess;
  /** Recorded seconds a second; absent: as fast as the broker acknowledges. */
  speed?: number;
  /** Send blocks of more sample bytes than this in parts. */
  partBytes?: number;
  clock: Clock;
  progress: ReplayProgress;
}

const SAMPLES_PER_MESSAGE = 200;
const UNDER_WAY = 16;

/**
 * Publishes one record at QoS 1, waiting for each PUBACK. The recording is dated so that it ends now: its data is
 * recent, and never in the future whatever the speed; each message says what time it is in the recording.
 */
export async function publishRecord(asset: ReplayAsset, options: PublishOptions): Promise<void> {
  const { clock, access } = options;
  const { record } = asset;
  const publisher = new Qos1Publisher({
    url: options.mqttUrl,
    clientId: access.username,
    username: access.username,
    password: access.password,
    clock,
  });
  await publisher.connect();
  try {
    const startedMs = clock.nowMs();
    const startNs = clock.nowNs() - BigInt(Math.ceil(record.durationSeconds * 1e9));
    const paced = options.speed !== undefined;
    const pace = async (offsetSeconds: number) => {
      if (options.speed === undefined) return;
      const dueMs = startedMs + (offsetSeconds / options.speed) * 1000;
      if (dueMs > clock.nowMs()) await clock.sleep(dueMs - clock.nowMs());
    };
    const timeNs = (offsetSeconds: number) => startNs + BigInt(Math.round(offsetSeconds * 1e9));
    const { partBytes, progress } = options;
    const send: Sending = { publisher, access, paced, pace, timeNs, boot: newId(), partBytes, progress };
    if (record.kind === 'waveform') await publishWaveforms(record, asset, send);
    else await publishRows(record, asset, send);
    options.progress.recordsDone++;
  } finally {
    await publisher.close();
  }
}

interface Sending {
  publisher: Qos1Publisher;
  access: DeviceAccess;
  /** Whether rows must leave at their time instead of in full messages. */
  paced: boolean;
  pace: (offsetSeconds: number) => Promise<void>;
  timeNs: (offsetSeconds: number) => bigint;
  boot: string;
  partBytes: number | undefined;
  progress: ReplayProgress;
}

async function publishWaveforms(record: WaveformRecord, { points }: ReplayAsset, send: Sending): Promise<void> {
  let seq = 0;
  for await (const { samples, offsetSeconds } of record.blocks()) {
    await send.pace(offsetSeconds + samples.length / record.samplingRateHz);
    const timeNs = send.timeNs(offsetSeconds);
    const block = encodeWaveformBlock({
      point: points[0]!.point,
      samplingRateHz: record.samplingRateHz,
      unit: record.unit,
      ...(record.speedRpm === undefined ? {} : { speedRpm: record.speedRpm }),
      encoding: 'float32',
      ...{ timeNs, simulatedNowNs: timeNs },
      boot: send.boot,
      seq: seq++,
      samples,
    });
    for (const part of send.partBytes === undefined ? [block] : blockParts(block, send.partBytes))
      await send.publisher.publish(`${send.access.topicPrefix}/waveform`, part);
    send.progress.blocks++;
  }
}

async function publishRows(record: TelemetryRecord, { points }: ReplayAsset, send: Sending): Promise<void> {
  let seq = 0;
  let batch: { point: string; value: number; time: string }[] = [];
  const unacknowledged = new Set<Promise<void>>();
  const flush = async () => {
    if (batch.length === 0) return;
    const simulatedNow = batch[0]!.time;
    const message = Buffer.from(JSON.stringify({ boot: send.boot, seq: seq++, simulatedNow, samples: batch }));
    const samples = batch.length;
    batch = [];
    // A few messages are under way together; the broker keeps their order.
    const sending = send.publisher.publish(`${send.access.topicPrefix}/telemetry`, message).then(() => {
      send.progress.samples += samples;
      unacknowledged.delete(sending);
    });
    unacknowledged.add(sending);
    if (unacknowledged.size >= UNDER_WAY) await Promise.race(unacknowledged);
  };
  let sentSeconds = 0;
  for (const { offsetSeconds, values } of record.rows) {
    if (batch.length >= SAMPLES_PER_MESSAGE || (send.paced && offsetSeconds > sentSeconds)) {
      await flush();
      await send.pace(offsetSeconds);
      sentSeconds = offsetSeconds;
    }
    const time = send.timeNs(offsetSeconds).toString();
    for (const { point, column } of points) {
      const value = values.get(column);
      if (value !== undefined) batch.push({ point, value, time });
    }
  }
  await flush();
  await Promise.all(unacknowledged);
}
