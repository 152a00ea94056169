import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../platform/index.ts';
import { drained } from '../../simulators/attach/index.ts';
import type { Defect } from '../../simulators/machines/index.ts';
import { type DeviceAccess, PlantFeed, plantCmdb, plantMachines, type Visit } from '../../simulators/plant/index.ts';
import { type Composed, composed } from './composed.ts';

/** Rounds in good order, an hour of the plant's time apart, and rounds in which things happen. */
const HEALTHY = 14;
const EVENTFUL = 8;
const HOUR_NS = 3_600_000_000_000n;

/** Rounds over which a film gets thin: what rises at once is a change of the process or of the sensor's mounting. */
const THINNING = 36;

const bearing = (kind: 'outer' | 'inner' | 'ball' | 'cage', severity: number): Defect => ({
  kind,
  bearing: 'DE',
  severity,
});
const shaft = (
  kind: 'unbalance' | 'misalignment' | 'looseness' | 'gear' | 'lubrication',
  severity: number,
): Defect => ({
  kind,
  severity,
});

/** What fails where; each on a machine of its own. */
const FAULTS: Readonly<Record<string, Defect>> = {
  'pm-f201': bearing('outer', 0.35),
  'pm-f202': bearing('inner', 0.35),
  'sp-p101a': bearing('ball', 0.5),
  'sp-r102': bearing('cage', 0.5),
  'ut-p301a': shaft('unbalance', 0.6),
  'fn-m401': shaft('misalignment', 0.6),
  'sp-c101': shaft('looseness', 0.7),
  'pm-g201': shaft('gear', 0.7),
  'ut-k301b': shaft('lubrication', 0.8),
};

/** What is wrong with a machine so many rounds after the healthy ones; a film gets thin little by little. */
function defectsAt(device: string, eventful: number): Defect[] {
  const defect = FAULTS[device];
  if (!defect || eventful < 0) return [];
  const share = defect.kind === 'lubrication' ? Math.min(1, (eventful + 1) / (THINNING - 6)) : 1;
  return [{ ...defect, severity: share * defect.severity }];
}

type Change = (eventful: number) => Partial<Visit>;
/** What is no fault: the process, and the measurement. */
const CHANGES: Readonly<Record<string, Change>> = {
  'ut-p301b': (n) => (n >= 0 ? { speedShare: 0.8 } : {}),
  'ut-p301c': (n) => (n >= 0 ? { loadPercent: 42 } : {}),
  'sp-p111a': (n) => (n === 0 || n === 1 ? { speedShare: 0 } : {}),
  'pm-m201': (n) => (n >= -1 && n < EVENTFUL - 2 ? { sensors: { temperature: 'stuck' } } : {}),
  'ut-k301a': (n) => (n >= 0 ? { sensors: { 'de-h': 'wrong-unit' } } : {}),
};

interface Anomaly {
  id: string;
  pointKey: string;
  fault: string;
  status: string;
  closedReason: string | null;
}
interface WorkOrder {
  id: string;
  kind: string;
  state: string;
  priority: string;
  fault: string;
  faultKey: string;
  assetName: string;
}

let system: Composed;
let anomalies: Anomaly[];
let orders: WorkOrder[];
const of = (device: string) => anomalies.filter(({ pointKey }) => pointKey.startsWith(`${device}/`));

beforeAll(async () => {
  system = await composed();
  const { api } = system;
  await api.post('/api/v1/cmdb/import', plantCmdb());
  const devices = [...Object.keys(FAULTS), ...Object.keys(CHANGES)];
  const { items } = await api.post<{ items: { name: string; username: string; secret: string }[] }>(
    '/api/v1/devices/batch',
    { devices: devices.map((name) => ({ name })) },
  );
  const access = new Map(
    items.map(({ name, username, secret }): [string, DeviceAccess] => [
      name,
      { username, password: secret, topicPrefix: `fl/1/default/${name}` },
    ]),
  );
  const machines = plantMachines('live').filter(({ device }) => devices.includes(device));
  const feed = new PlantFeed(system.mqttUrl!, access, 'live');
  await feed.connect();
  const clock = systemClock();
  const startNs = clock.nowNs() - BigInt(HEALTHY + THINNING + 2) * HOUR_NS;
  for (let round = 0; round < HEALTHY + THINNING; round++) {
    const eventful = round - HEALTHY;
    for (const machine of machines) {
      const isSlow = FAULTS[machine.device]?.kind === 'lubrication';
      if (eventful >= EVENTFUL && !isSlow) continue;
      await feed.visit(machine, {
        take: round,
        timeNs: startNs + BigInt(round) * HOUR_NS,
        elapsedHours: 1,
        defects: defectsAt(machine.device, eventful),
        ...CHANGES[machine.device]?.(eventful),
      });
    }
  }
  await feed.close();
  await drained(api, clock);
  anomalies = await api.list<Anomaly>('/api/v1/anomalies?limit=200');
  orders = await api.list<WorkOrder>('/api/v1/work-orders?limit=200');
}, 600_000);
afterAll(() => system.stop());

describe('machines of the plant', () => {
  test.each(Object.entries(FAULTS))('%s: its fault is named, once, with one order', (device, { kind }) => {
    const confirmed = of(device).filter(({ status }) => status === 'confirmed');
    expect(confirmed.map(({ fault }) => fault)).toEqual([kind]);
    expect(
      orders.filter(({ fault, assetName }) => fault === kind && assetName.toLowerCase().startsWith(device)),
    ).toHaveLength(1);
  });

  test.each([
    ['ut-p301b', 'a speed change'],
    ['ut-p301c', 'a load change'],
    ['sp-p111a', 'a restart'],
  ])('%s: %s raises nothing', (device) => {
    expect(of(device)).toEqual([]);
  });

  test('a stuck sensor gets an instrumentation order of the lowest priority, and nothing is said of its machine', async () => {
    expect(of('pm-m201')).toMatchObject([{ fault: 'sensor', pointKey: 'pm-m201/temperature' }]);
    const order = orders.find(({ faultKey }) => faultKey === 'point:pm-m201/temperature:sensor');
    expect(order).toMatchObject({
      kind: 'instrumentation',
      priority: 'P4',
      assetName: expect.stringContaining('PM-M201'),
    });
    const detail = await system.api.get<{ verdict: { services: unknown[] } | null }>(
      `/api/v1/work-orders/${order!.id}`,
    );
    expect(detail.verdict?.services ?? []).toEqual([]);
  });

  test('when the reading moves again the fault is over by itself, and its order is withdrawn', () => {
    expect(of('pm-m201')).toMatchObject([{ status: 'closed', closedReason: 'recovered' }]);
    expect(orders.find(({ faultKey }) => faultKey === 'point:pm-m201/temperature:sensor')).toMatchObject({
      state: 'cancelled',
    });
  });

  test('a sensor in another unit than it says is a sensor’s fault, not its machine’s', () => {
    expect(of('ut-k301a')).toMatchObject([{ fault: 'sensor', pointKey: 'ut-k301a/de-h', status: 'confirmed' }]);
  });
});
