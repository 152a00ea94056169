import mqtt from 'mqtt';
import { expect, test, vi } from 'vitest';
import { remoteBrokerContract } from '../../../test/contracts/remoteBroker.ts';
import { absent } from '../../../test/engines/absent.ts';
import { HIVEMQ_PUBLISHER, HOW_TO_GET_HIVEMQ, hiveMqIsHere, startHiveMq } from '../../../test/engines/hivemq.ts';
import { startRig } from '../../../test/fixtures/intakeRig.ts';
import { mapTopics } from '../../../test/fixtures/vendorTopics.ts';

const here = hiveMqIsHere() || absent('HiveMQ', HOW_TO_GET_HIVEMQ);
const WITHIN = { timeout: 60_000 };

if (here)
  remoteBrokerContract({
    name: 'HiveMQ',
    start: (ours) => startHiveMq({ users: [ours] }),
    keepsSharedOverItsDeath: true,
    handsOverAMembersPart: true,
  });

test.runIf(here)(
  'a broker that tells who published, whatever a device says: topics that name none',
  {
    timeout: 240_000,
  },
  async () => {
    const ours = { name: 'faultline', password: 'ours' };
    const broker = await startHiveMq({ users: [ours], devicesPublish: ['line/4/values'] });
    const rig = await startRig({ config: { MQTT_URL: broker.url(ours), MQTT_PUBLISHER_PROPERTY: HIVEMQ_PUBLISHER } });
    try {
      await mapTopics(rig, 'plc', ['line/4/values']);
      const device = async (name: string) => {
        const { username, secret } = await rig.register({ name, type: 'plc' });
        broker.addUsers([{ name: username, password: secret }]);
        return mqtt.connectAsync(broker.url({ name: username, password: secret }), { protocolVersion: 5 });
      };
      const [first, second] = [await device('plc-4'), await device('plc-5')];
      await expect.poll(() => rig.metrics.metrics(), WITHIN).toMatch(/^faultline_ingest_remote_vendor_filters 1$/m);
      await vi.waitFor(() => rig.intake.ready(), WITHIN);
      const publish = (client: mqtt.MqttClient, x: number, publisher?: string) =>
        client.publishAsync('line/4/values', JSON.stringify({ values: { x } }), {
          qos: 1,
          properties: publisher === undefined ? {} : { userProperties: { [HIVEMQ_PUBLISHER]: publisher } },
        });
      const takenOf = async (x: number) =>
        (await rig.records())
          .filter(({ payload }) => Buffer.from(payload).toString() === JSON.stringify({ values: { x } }))
          .map(({ deviceName }) => deviceName);
      // Again until the subscription is granted.
      await vi.waitFor(async () => {
        await publish(first, 1);
        expect(await takenOf(1)).toContain('plc-4');
      }, WITHIN);
      await publish(second, 2, 'acme/plc-4');
      await expect.poll(() => takenOf(2), WITHIN).toEqual(['plc-5']);
      expect(new Set(await takenOf(1))).toEqual(new Set(['plc-4']));
      await Promise.all([first.endAsync(), second.endAsync()]);
    } finally {
      await rig.stop();
      await broker.stop();
    }
  },
);
