import { type Clock, newId, systemClock } from '../../platform/pure.ts';
import { Random } from '../machines/index.ts';
import { Qos1Publisher } from '../mqtt/index.ts';
import type { PubackJournal } from './journal.ts';

/** A device as the platform registered it. */
export interface LoadDevice {
  /** The name that appears in topics and in the journal. */
  name: string;
  /** `fl/1/{tenant}/{name}/telemetry`. */
  topic: string;
  username: string;
  password: string;
}

export interface LoadOptions {
  mqttUrl: string;
  devices: readonly LoadDevice[];
  journal: PubackJournal;
  /** Messages a second over all devices; absent: as fast as they are acknowledged. */
  ratePerSecond?: number;
  /** Ends after so many messages; absent: runs until `stop`. */
  messages?: number;
  samplesPerMessage?: number;
  /** Unacknowledged messages of one device. */
  window?: number;
  seed?: string;
  clock?: Clock;
}

export interface LoadResult {
  sent: number;
  acknowledged: number;
  reconnects: number;
  elapsedMs: number;
}

/** A load that runs. */
export interface RunningLoad {
  readonly sent: number;
  readonly acknowledged: number;
  /** Sends nothing more, waits until all is acknowledged (at most `drainMs`), closes. */
  stop(drainMs?: number): Promise<LoadResult>;
  /** Resolves when the wanted number of messages has been acknowledged and everything is closed. */
  done: Promise<LoadResult>;
}

interface Lane {
  device: LoadDevice;
  publisher: Qos1Publisher;
  boot: string;
  seq: number;
  /** Device time of its last message: each has a time of its own, however fast they follow one another. */
  lastNs: bigint;
  random: Random;
}

const TICK_MS = 5;
/** Flat out, a lane sends at most so many messages before the others and the PUBACKs get their turn. */
const BURST = 64;

/**
 * Publishes telemetry of many devices at QoS 1 and takes down every PUBACK. Broken connections heal with jitter, and
 * what was unacknowledged goes out again under its old identity (boot, sequence), so nothing may be stored twice.
 */
export async function startLoad(options: LoadOptions): Promise<RunningLoad> {
  const { devices, mqttUrl, journal, samplesPerMessage = 1, seed = 'load', clock = systemClock() } = options;
  const target = options.messages ?? Number.POSITIVE_INFINITY;
  const startedMs = clock.nowMs();
  let sent = 0;
  let acknowledged = 0;
  let stopping = false;

  const lanes: Lane[] = devices.map((device) => ({
    device,
    boot: newId(),
    seq: 0,
    lastNs: 0n,
    random: new Random(seed, device.name),
    publisher: new Qos1Publisher({
      url: mqttUrl,
      clientId: device.username,
      username: device.username,
      password: device.password,
      window: options.window ?? 256,
      clock,
    }),
  }));
  await Promise.all(lanes.map(({ publisher }) => publisher.connect()));

  const sendOne = (lane: Lane): boolean => {
    if (lane.publisher.unacknowledged >= (options.window ?? 256)) return false;
    const seq = lane.seq++;
    const nowNs = clock.nowNs();
    lane.lastNs = nowNs > lane.lastNs ? nowNs : lane.lastNs + 1n;
    const timeNs = lane.lastNs.toString();
    const values = Array.from({ length: samplesPerMessage }, () => Math.round(lane.random.between(-1e6, 1e6)) / 1000);
    const samples = values.map((value, index) => `{"point":"load-${index}","value":${value}}`).join(',');
    const text = `{"boot":"${lane.boot}","seq":${seq},"time":"${timeNs}","samples":[${samples}]}`;
    sent++;
    return lane.publisher.offer(lane.device.topic, Buffer.from(text), () => {
      acknowledged++;
      journal.append({ device: lane.device.name, boot: lane.boot, seq, timeNs, values });
    });
  };

  let nextLane = 0;
  /** Sends up to `wanted` messages round the lanes; returns how many found room. */
  const sendSome = (wanted: number): number => {
    let done = 0;
    for (let full = 0; done < wanted && full < lanes.length && sent < target; ) {
      const lane = lanes[nextLane]!;
      nextLane = (nextLane + 1) % lanes.length;
      if (sendOne(lane)) {
        done++;
        full = 0;
      } else full++;
    }
    return done;
  };

  const pump = async () => {
    let owed = 0;
    let lastMs = clock.nowMs();
    while (!stopping && sent < target) {
      if (options.ratePerSecond === undefined) {
        const done = sendSome(BURST * lanes.length);
        // PUBACKs arrive between turns of the event loop: wait for one turn, or for time when every window is full.
        await (done > 0 ? new Promise((resolve) => setImmediate(resolve)) : clock.sleep(1));
        continue;
      }
      await clock.sleep(TICK_MS);
      const nowMs = clock.nowMs();
      owed += ((nowMs - lastMs) * options.ratePerSecond) / 1000;
      lastMs = nowMs;
      owed -= sendSome(Math.floor(owed));
      // A broker that was away for a while does not get the missed messages in one burst: a sensor has no such store.
      owed = Math.min(owed, options.ratePerSecond);
    }
  };

  const finish = async (drainMs: number): Promise<LoadResult> => {
    stopping = true;
    const deadlineMs = clock.nowMs() + drainMs;
    while (acknowledged < sent && clock.nowMs() < deadlineMs) await clock.sleep(TICK_MS);
    journal.flush();
    const reconnects = lanes.reduce((sum, { publisher }) => sum + publisher.connections - 1, 0);
    await Promise.all(lanes.map(({ publisher }) => publisher.close()));
    return { sent, acknowledged, reconnects, elapsedMs: clock.nowMs() - startedMs };
  };

  const pumping = pump();
  let finishing: Promise<LoadResult> | undefined;
  const finishOnce = (drainMs: number) => {
    finishing ??= pumping.then(() => finish(drainMs));
    return finishing;
  };
  return {
    get sent() {
      return sent;
    },
    get acknowledged() {
      return acknowledged;
    },
    done: pumping.then(() => finishOnce(60_000)),
    stop: (drainMs = 60_000) => {
      stopping = true;
      return finishOnce(drainMs);
    },
  };
}
