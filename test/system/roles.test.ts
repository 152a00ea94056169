import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Api } from '../../simulators/attach/index.ts';
import { type MachineDesign, recordWaveform } from '../../simulators/machines/index.ts';
import { encodeWaveformBlock, Qos1Publisher } from '../../simulators/mqtt/index.ts';
import { absent } from '../engines/absent.ts';
import { type TestDatabase, testDatabase } from '../engines/postgres.ts';
import { HOW_TO_GET_REDIS, type RedisEngine, redisIsHere, startRedis } from '../engines/redis.ts';
import { oneProcess, PASSWORD } from './composed.ts';

type Process = Awaited<ReturnType<typeof oneProcess>>;

const bearing = { n: 9, ballDiameter: 11.906, pitchDiameter: 60, contactDeg: 0 };
const design: MachineDesign = {
  seed: 'far from the rest',
  ratedRpm: 1480,
  powerKw: 30,
  bearings: { DE: bearing, NDE: bearing },
  lineHz: 50,
  resonancesHz: [2600, 4100],
  residualUnbalanceMmS: 0.5,
  noiseG: 0.04,
};

const withRedis = redisIsHere() || absent('Redis', HOW_TO_GET_REDIS);
let pg: TestDatabase;
let redis: RedisEngine | undefined;
let field: Process;
let office: Process;
beforeAll(async () => {
  pg = await testDatabase([]);
  redis = withRedis ? await startRedis() : undefined;
  const env: Record<string, string> = redis ? { REDIS_URL: redis.url } : {};
  [field, office] = await Promise.all([
    oneProcess(pg, env, ['ingest', 'analytics']),
    oneProcess(pg, env, ['api', 'cmdb', 'ticketing', 'notify']),
  ]);
});
afterAll(async () => {
  await Promise.all([field?.stop(), office?.stop()]);
  await redis?.stop();
  await pg?.stop();
});

test('two processes started at once share one database and one queue: a waveform taken in by the one becomes an order of the other', async () => {
  expect(office.mqttUrl).toBeNull();
  const api = new Api(office.httpUrl);
  await api.signIn('admin', PASSWORD);
  const device = await api.post<{ username: string; secret: string }>('/api/v1/devices', { name: 'pump-9' });
  await api.post('/api/v1/cmdb/import', {
    cis: [
      { key: 'pump-9', type: 'equipment', name: 'Pump 9', attributes: { ratedRpm: 1480, powerKw: 30 } },
      { key: 'pump-9.bearing', type: 'component', name: 'Bearing', attributes: { bearing } },
      { key: 'pump-9/de', type: 'measuring_point', name: 'DE' },
    ],
    relations: [
      { from: 'pump-9.bearing', type: 'PART_OF', to: 'pump-9' },
      { from: 'pump-9/de', type: 'MONITORS', to: 'pump-9.bearing' },
    ],
  });
  const publisher = new Qos1Publisher({
    url: field.mqttUrl!,
    clientId: 'p',
    username: device.username,
    password: device.secret,
  });
  await publisher.connect();
  const condition = {
    speedRpm: 1480,
    loadPercent: 90,
    defects: [{ kind: 'outer', bearing: 'DE', severity: 0.4 } as const],
  };
  const startMs = Date.now() - 60_000;
  for (let take = 0; take < 8; take++) {
    const acquisition = { samplingRateHz: 12_800, sampleCount: 16_384, take };
    const { samples } = recordWaveform(design, { bearing: 'DE', axis: 'radial' }, condition, acquisition);
    const timeNs = BigInt(startMs + take * 2000) * 1_000_000n;
    const block = {
      point: 'de',
      samplingRateHz: 12_800,
      unit: 'g',
      speedRpm: 1480,
      encoding: 'int16',
      timeNs,
      samples,
    } as const;
    await new Promise<void>(
      (done) => void publisher.offer('fl/1/default/pump-9/waveform', encodeWaveformBlock(block), done),
    );
  }
  await publisher.close();
  const orders = await vi.waitFor(
    async () => {
      const found = await api.list<{ number: string; state: string; anomalies?: unknown }>('/api/v1/work-orders');
      expect(found).toHaveLength(1);
      return found;
    },
    { timeout: 30_000, interval: 200 },
  );
  const [anomaly] = await api.list<{ fault: string; status: string }>('/api/v1/anomalies');
  expect(anomaly).toMatchObject({ fault: 'outer', status: 'confirmed' });
  // Nobody can be asked: the order waits in the dispatcher's queue.
  expect(orders[0]).toMatchObject({ number: 'WO-000001', state: 'new' });

  // What the office revokes ends in the field within seconds.
  await api.post('/api/v1/devices/pump-9/revoke', {});
  await vi.waitFor(
    async () => {
      const late = new Qos1Publisher({
        url: field.mqttUrl!,
        clientId: 'p',
        username: device.username,
        password: device.secret,
      });
      const refused = await late.connect().then(
        () => false,
        () => true,
      );
      await late.close();
      expect(refused).toBe(true);
    },
    { timeout: 10_000, interval: 300 },
  );
});
