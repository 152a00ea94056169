import { Qos1Publisher } from '../../simulators/mqtt/index.ts';
import type { FaultRig } from './faultCase.ts';
import type { Loaded } from './loaded.ts';

/** Publishes what a case composes itself, as one of the registered devices, at QoS 1. */
export interface Sender {
  /** Resolves when all of them have been acknowledged, in any order. */
  all(payloads: readonly (Buffer | string)[], leaf?: string): Promise<void>;
}

/** Connects the device with this name, which `loaded` registered. */
export async function senderOf(rig: FaultRig, run: Loaded, name: string): Promise<Sender> {
  const device = run.devices.find((one) => one.name === name)!;
  const publisher = new Qos1Publisher({
    url: run.platform.mqttUrl,
    clientId: device.username,
    username: device.username,
    password: device.password,
    window: 512,
  });
  rig.atEnd(() => publisher.close());
  await publisher.connect();
  const prefix = device.topic.slice(0, -'telemetry'.length);
  return {
    all: async (payloads, leaf = 'telemetry') => {
      const open = new Set<Promise<void>>();
      for (const payload of payloads) {
        await publisher.room();
        const sent = publisher.publish(prefix + leaf, Buffer.from(payload as string));
        open.add(sent);
        void sent.then(() => open.delete(sent));
      }
      await Promise.all(open);
    },
  };
}

/** A stored reading as the API tells it. */
export interface ToldReading {
  time: string;
  value: number;
  unit: string | null;
  deviceTime: string | null;
  future: boolean;
  corrected: boolean;
}

/** Everything that is stored of one series, oldest first. */
export function readingsOf(run: Loaded, series: string): Promise<ToldReading[]> {
  const query = new URLSearchParams({ series, from: '0', to: String(2n ** 62n), limit: '10000' });
  return run.api.list<ToldReading>(`/api/v1/telemetry/range?${query}`);
}
