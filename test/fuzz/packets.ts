import { once } from 'node:events';
import type { IssuedCredential, NewDevice } from '../../ingest/devices/index.ts';
import { connectPacket, publishPacket, type Rig } from '../fixtures/intakeRig.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';
import type { Target } from './vectors.ts';

export interface PacketTally {
  packets: number;
  connections: number;
  /** Messages that a healthy device had acknowledged in between: the process lives. */
  proofs: number;
}

const PACKETS_A_CONNECTION = 40;

/** Packets of a connection: publishes of every format and control packets, each of them mutated, or whole. */
function streamOf(credential: IssuedCredential, targets: readonly Target[], random: Random): Buffer[] {
  const device = credential.username.split('/')[1]!;
  const packets: Buffer[] = [];
  for (let index = 0; index < PACKETS_A_CONNECTION; index++) {
    const { format, valid } = random.pick(targets);
    const level = format.name.startsWith('mapped:') ? '' : `/${format.name}`;
    const topic = `fl/1/acme/${device}/${format.kind}${level}`;
    const payload = mutate(random.pick(valid), valid, random);
    const whole = random.chance(12)
      ? random.pick([
          Buffer.from([0xc0, 0]),
          Buffer.from([0xe0, 0]),
          connectPacket(credential),
          Buffer.from([0x62, 2, 0, 1]),
        ])
      : publishPacket(topic, payload, random.below(3) as 0 | 1 | 2, 1 + random.below(65_535), random.chance(5));
    // Most stay packets, or the connection ends at the first.
    packets.push(random.chance(15) ? mutate(whole, packets.length > 0 ? packets : [whole], random) : whole);
  }
  return packets;
}

/** Sends mutated packets through real sockets, and shows after each connection that a healthy device is served. */
export async function fuzzPackets(
  rig: Rig,
  targets: readonly Target[],
  count: number,
  random: Random,
  tally: PacketTally,
): Promise<void> {
  const device = async (name: string, more: Partial<NewDevice> = {}) => rig.register({ name, ...more });
  const fuzzed = await device(`fuzzed-${random.below(1e9)}`);
  const healthy = await rig.client(await device(`healthy-${random.below(1e9)}`));
  const topic = `fl/1/acme/${healthy.options.username!.split('/')[1]}/telemetry`;
  for (let sent = 0; sent < count; sent += PACKETS_A_CONNECTION) {
    const raw = await rig.rawSocket();
    const packets = streamOf(fuzzed, targets, random);
    raw.socket.write(random.chance(20) ? mutate(connectPacket(fuzzed), packets, random) : connectPacket(fuzzed));
    raw.socket.end(Buffer.concat(packets));
    raw.socket.resume();
    await Promise.race([once(raw.socket, 'close'), new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
    raw.socket.destroy();
    tally.packets += packets.length;
    tally.connections++;
    if (tally.connections % 25 === 0) {
      await healthy.publishAsync(topic, '{"point":"alive","value":1}', { qos: 1 });
      tally.proofs++;
      await rig.spool.trim(rig.spool.latestDurableOffset());
    }
  }
  await healthy.publishAsync(topic, '{"point":"alive","value":1}', { qos: 1 });
  tally.proofs++;
}
