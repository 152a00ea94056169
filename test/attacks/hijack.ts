import { setTimeout as pause } from 'node:timers/promises';
import { connectPacket, publishPacket, type RawClient } from '../fixtures/rawClient.ts';

interface Device {
  name: string;
  username: string;
  secret: string;
}

/** Signs in with raw packets. */
async function signIn(open: () => Promise<RawClient>, device: Device, clientId: string): Promise<RawClient> {
  const raw = await open();
  raw.socket.write(connectPacket(device, { clientId }));
  const code = (await raw.bytes(4))[3];
  if (code !== 0) throw new Error(`CONNACK ${code}`);
  return raw;
}

/** One device takes another's client id. @returns whether both still have their messages acknowledged */
export async function stealClientId(
  open: () => Promise<RawClient>,
  tenantSlug: string,
  owner: Device,
  thief: Device,
): Promise<boolean> {
  const connected = [await signIn(open, owner, 'shared'), await signIn(open, thief, 'shared')];
  const acknowledged: boolean[] = [];
  for (const [index, { name }] of [owner, thief].entries()) {
    const { socket, bytes } = connected[index]!;
    socket.write(publishPacket(`fl/1/${tenantSlug}/${name}/telemetry`, '{"point":"stolen","value":1}', 1, 1));
    const answer = await Promise.race([bytes(8).catch(() => null), pause(5_000, null, { ref: false })]);
    acknowledged.push(answer?.subarray(4).equals(Buffer.from([0x40, 2, 0, 1])) === true);
  }
  for (const { socket } of connected) socket.destroy();
  return acknowledged.every(Boolean);
}

/** A will on another device's topic. @returns the return code of CONNACK; the connection is then closed */
export async function foreignWill(
  open: () => Promise<RawClient>,
  tenantSlug: string,
  testator: Device,
  victim: Pick<Device, 'name'>,
): Promise<number> {
  const topic = `fl/1/${tenantSlug}/${victim.name}/telemetry`;
  const payload = Buffer.from('{"point":"willed","value":1}');
  const raw = await open();
  raw.socket.write(connectPacket(testator, { will: { topic, payload, qos: 1, retain: false } }));
  const code = (await raw.bytes(4))[3]!;
  await raw.closed;
  return code;
}
