import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { manualClock } from '../../platform/clock/manualClock.ts';
import { type CmdbOverHttp, cmdbOverHttp } from '../../test/fixtures/cmdbOverHttp.ts';
import { alertmanagerNotification } from '../health/notifications.fixture.ts';
import { lostMs } from './pastOutages.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;
const clock = manualClock(NOON);
let http: CmdbOverHttp;
beforeAll(async () => {
  http = await cmdbOverHttp(clock);
});
afterAll(() => http.stop());

/** A tenant with a shop that needs one of two web servers and a database; 99.9 % of 30 days leave it 43.2 minutes. */
async function plant() {
  const tenantId = randomUUID();
  const send = (method: 'GET' | 'POST', path: string, body?: unknown, role = 'admin') =>
    http.send(method, path, body, { tenantId, role });
  await send('POST', '/import', {
    cis: [
      { key: 'shop', type: 'business_service', attributes: { availabilityPercent: 99.9, shopNumber: '7' } },
      { key: 'web1', type: 'server' },
      { key: 'web2', type: 'server' },
      { key: 'db', type: 'database' },
    ],
    relations: [
      { from: 'shop', type: 'RUNS_ON', to: 'web1', redundancy_group: 'web', min_up: 1 },
      { from: 'shop', type: 'RUNS_ON', to: 'web2', redundancy_group: 'web', min_up: 1 },
      { from: 'shop', type: 'DEPENDS_ON', to: 'db' },
    ],
  });
  const handled = new Set<string>();
  /** Hands every event that nobody has taken to the consumers, as the relay would, and what they publish after it. */
  const deliver = async () => {
    for (;;) {
      const rows = await http.pg.asOwner<{ id: string; type: string; payload: never }>(
        "select id, type, payload from event where tenant_id = $1 and type <> 'GraphChanged' order by id",
        [tenantId],
      );
      const fresh = rows.filter(({ id }) => !handled.has(id));
      if (fresh.length === 0) return;
      for (const event of fresh) {
        handled.add(event.id);
        for (const consumer of http.cmdb.consumers.filter((one) => one.event.name === event.type))
          await http.pg.db.tenant(tenantId, (tx) => consumer.handle(tx, [event as never]));
      }
    }
  };
  /** A CI fails or is well again, at a time. */
  const tell = async (name: string, atMs: number, over = false) => {
    await clock.advance(Math.max(0, atMs - clock.nowMs()));
    const at = new Date(atMs).toISOString();
    const labels = { alertname: 'Down', severity: 'critical', instance: name };
    const told = { fingerprint: name, labels, startsAt: at };
    await send(
      'POST',
      '/alerts/alertmanager',
      alertmanagerNotification([over ? { ...told, status: 'resolved', endsAt: at } : told]),
    );
    await deliver();
  };
  const outages = async (query = '') => (await send('GET', `/outages${query}`)).body.items;
  return { tenantId, send, tell, outages };
}

test('an outage begins with what takes the service down and ends with it; a spare that fails is none', async () => {
  const { send, tell, outages } = await plant();
  await tell('web1', NOON);
  expect(await outages()).toEqual([]);
  await tell('web2', NOON + 5 * MINUTE);
  expect(await outages('?open=true')).toMatchObject([
    { service: { key: 'shop' }, from: new Date(NOON + 5 * MINUTE).toISOString(), to: null },
  ]);
  // The database fails meanwhile: the shop is down already, and stays so when only a server is back.
  await tell('db', NOON + 6 * MINUTE);
  await tell('web1', NOON + 15 * MINUTE, true);
  expect(await outages()).toMatchObject([{ to: null }]);
  await tell('db', NOON + 25 * MINUTE, true);
  const [over] = await outages('?service=shop&open=false');
  expect(over).toMatchObject({ to: new Date(NOON + 25 * MINUTE).toISOString() });
  expect(await outages()).toHaveLength(1);

  // Twenty minutes are used up of 43.2; what is left is told of the next outage, and over HTTP.
  const next = await send('POST', '/impact', { failed: [{ ci: 'db', state: 'down' }] });
  expect(next.body.services).toMatchObject([{ key: 'shop', slaMinutesLeft: 23.2 }]);
  expect(next.body.howBad.sla).toMatchObject({ key: 'shop', minutesLeft: 23.2 });
  expect((await send('GET', '/cis/shop/availability?days=1')).body).toMatchObject({
    outages: 1,
    minutesDown: 20,
    availabilityPercent: 98.6111,
  });
  // A month later all of it is allowed again.
  await clock.advance(32 * 24 * 60 * MINUTE);
  const later = await send('POST', '/impact', { failed: [{ ci: 'db', state: 'down' }] });
  expect(later.body.services).toMatchObject([{ key: 'shop', slaMinutesLeft: 43.2 }]);
});

test('announced work is no outage', async () => {
  const startMs = clock.nowMs();
  const { send, tell, outages } = await plant();
  await send('POST', '/maintenance-windows', {
    ...{ ciId: 'db', reason: 'patching' },
    from: new Date(startMs - MINUTE).toISOString(),
    to: new Date(startMs + 60 * MINUTE).toISOString(),
  });
  await tell('db', startMs);
  expect(await outages()).toEqual([]);
  expect((await send('GET', '/cis/shop/availability')).body).toMatchObject({ outages: 0, availabilityPercent: 100 });
});

test('outages follow a service that is merged; of two that go on, the kept one stays open', async () => {
  const { send, tell, outages } = await plant();
  const startMs = clock.nowMs();
  await tell('db', startMs);
  await tell('db', startMs + 10 * MINUTE, true);
  await send('POST', '/import', {
    cis: [{ key: 'Shop', type: 'business_service', attributes: { shopNumber: '7' } }],
    relations: [{ from: 'Shop', type: 'DEPENDS_ON', to: 'db' }],
  });
  await tell('db', startMs + 20 * MINUTE);
  expect(await outages('?open=true')).toHaveLength(2);
  await send('POST', '/duplicates/search', { type: 'business_service', identifier: ['shopNumber'] });
  const [pair] = (await send('GET', '/duplicates')).body.items;
  const kept = (await send('GET', '/cis/Shop')).body.id;
  const merged = await send('POST', `/duplicates/${pair.id}/merge`, { keep: kept });
  expect(merged.status).toBe(200);
  const left = await outages();
  expect(
    left.map((one: { service: { key: string }; to: string | null }) => [one.service.key, one.to === null]),
  ).toEqual([
    ['Shop', true],
    ['Shop', false],
  ]);
});

test('only what lies within a span is lost of it', () => {
  const outages = [
    { fromMs: 0, toMs: 10 },
    { fromMs: 20, toMs: 30 },
    { fromMs: 90, toMs: 200 },
  ];
  expect(lostMs(outages, 5, 100)).toBe(5 + 10 + 10);
  expect(lostMs(outages, 300, 400)).toBe(0);
});
