import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Rig, startRig } from '../../test/fixtures/intakeRig.ts';
import { decodeWaveform } from '../decode/index.ts';
import { randomBlock } from './block.fixture.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ maxPacketBytes: 64 * 1024 });
});
afterAll(() => rig.stop());

test.each([1, 2] as const)(
  'a block of four packets’ size comes whole, each part acknowledged (QoS %i)',
  async (qos) => {
    const name = `shaker-${qos}`;
    const client = await rig.client(await rig.register({ name }));
    const { messages, samples } = randomBlock({}, 5, 200_000);
    // Telemetry in between: acknowledgements keep the order of the messages.
    const sent = messages.flatMap((message) => [
      client.publishAsync(`fl/1/acme/${name}/waveform`, message, { qos }),
      client.publishAsync(`fl/1/acme/${name}/telemetry`, '{"point":"t","value":1}', { qos }),
    ]);
    await Promise.all(sent);
    const deadline = performance.now() + 10_000;
    const mine = async () => (await rig.records()).filter((record) => record.deviceName === name);
    const block = async () => (await mine()).find(({ kind }) => kind === 'waveform');
    while (!(await block()) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    const decoding = decodeWaveform((await block())!.payload);
    expect(decoding.ok && Buffer.from(decoding.waveform.raw).equals(samples)).toBe(true);
    expect((await mine()).map(({ kind }) => kind).sort()).toEqual([...Array(5).fill('telemetry'), 'waveform']);
  },
);
