import { afterAll, beforeAll, expect, test } from 'vitest';
import { authMigrations } from '../../platform/index.ts';
import { DAY_NS, NOON_NS, reading, SECOND_NS } from '../../test/contracts/readings.ts';
import { expectRoutesGuarded } from '../../test/contracts/routes.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { type TestApplication, testApplication } from '../../test/fixtures/application.ts';
import { storingMigrations } from '../migrations.ts';
import { partitionsOf } from '../store/postgres/partitions.ts';
import { postgresTelemetryStore } from '../store/postgres/telemetryStore.ts';
import type { TelemetryStore } from '../store/telemetryStore.ts';
import { telemetryRoutes } from './telemetry.ts';

const LONG = 30_000; // more than is read whole
const SPIKE_AT = 17_171;

let pg: TestDatabase;
let web: TestApplication;
/** The most readings that one call of the store has returned: what a request holds at once. */
let mostAtOnce = 0;

beforeAll(async () => {
  pg = await testDatabase([...authMigrations, ...storingMigrations]);
  web = await testApplication(pg.db);
  const store = postgresTelemetryStore(pg.db, partitionsOf(pg.db));
  const watched: TelemetryStore = {
    ...store,
    range: async (...asked) => {
      const rows = await store.range(...asked);
      mostAtOnce = Math.max(mostAtOnce, rows.length);
      return rows;
    },
  };
  telemetryRoutes({ telemetry: watched })(web.app);
  await web.app.ready();
  const mine = web.operator.id;
  const series = (device: string, point: string, count: number, at: (i: number) => number) =>
    Array.from({ length: count }, (_, i) =>
      reading(mine, { device, point, timeNs: NOON_NS + BigInt(i) * SECOND_NS, value: at(i) }),
    );
  const batch = [
    ...series('press-1', 'long', LONG, (i) => (i === SPIKE_AT ? 1000 : i === 5 ? -1000 : Math.sin(i / 300))),
    ...series('press-1', 'short', 50, (i) => i),
    reading(web.other.id, { device: 'press-1', point: 'short', value: 666 }),
  ];
  for (let at = 0; at < batch.length; at += 10_000)
    await pg.db.as('shipper', (tx) => store.write(tx, batch.slice(at, at + 10_000)));
});
afterAll(async () => {
  await web.app.close();
  await pg.stop();
});

const viewer = () => web.operator.as('viewer');
const get = async (query: string, headers = viewer()) => {
  const response = await web.app.inject({ method: 'GET', url: `/api/v1/telemetry/range?${query}`, headers });
  return { status: response.statusCode, body: response.json() };
};
const day = `from=${NOON_NS}&to=${NOON_NS + DAY_NS}`;
interface Point {
  time: string;
  value: number;
  count?: number;
}
const valuesOf = (points: Point[]) => points.map((p) => p.value);

test('every route is guarded', async () => {
  const { refused } = await expectRoutesGuarded({ app: web.app, as: (role) => web.operator.as(role) });
  expect(refused).toBeGreaterThan(8);
});

test.each(['minmax', 'lttb'])('%s: a long series comes thinned, with its ends and its extremes', async (method) => {
  mostAtOnce = 0;
  const { status, body } = await get(`series=press-1/long&${day}&maxPoints=200&method=${method}`);
  expect(status).toBe(200);
  const [{ points, window }] = body.series as [{ points: Point[]; window: string }];
  expect(points.length).toBeLessThanOrEqual(200);
  expect(points.length).toBeGreaterThan(100);
  expect(Number(window)).toBeGreaterThan(0);
  expect(points[0]).toEqual({ time: NOON_NS.toString(), value: 0 });
  expect(points.at(-1)!.time).toBe((NOON_NS + BigInt(LONG - 1) * SECOND_NS).toString());
  expect(points).toContainEqual({ time: (NOON_NS + BigInt(SPIKE_AT) * SECOND_NS).toString(), value: 1000 });
  expect(points).toContainEqual({ time: (NOON_NS + 5n * SECOND_NS).toString(), value: -1000 });
  const times = points.map((p) => BigInt(p.time));
  expect(times.every((time, i) => i === 0 || time >= times[i - 1]!)).toBe(true);
  expect(mostAtOnce, 'never the whole series at once').toBeLessThanOrEqual(5_000);
});

test('readings that end long before the span does are not thinned to a few', async () => {
  const { body } = await get(
    `series=press-1/long&from=${NOON_NS - 9n * DAY_NS}&to=${NOON_NS + 300n * DAY_NS}&maxPoints=200`,
  );
  expect(body.series[0].points.length).toBeGreaterThan(50);
  expect(Math.max(...valuesOf(body.series[0].points))).toBe(1000);
});

test('few readings come as they are; several series in one answer, in the order asked', async () => {
  const { body } = await get(`series=press-1/short&series=press-1/long&series=press-1/none&${day}&maxPoints=60`);
  expect(body.series.map((s: { series: string }) => s.series)).toEqual([
    'press-1/short',
    'press-1/long',
    'press-1/none',
  ]);
  expect(valuesOf(body.series[0].points)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(body.series[0].window).toBeNull();
  expect(body.series[1].points.length).toBeLessThanOrEqual(60);
  expect(body.series[2].points).toEqual([]);
});

test('with a resolution: one number, or two extremes, for each stretch', async () => {
  const minute = `from=${NOON_NS}&to=${NOON_NS + 60n * SECOND_NS}&resolution=10s`;
  const mean = await get(`series=press-1/short&${minute}&method=mean`);
  expect(mean.body.series[0]).toMatchObject({ window: '10000000000' });
  expect(mean.body.series[0].points).toEqual(
    Array.from({ length: 5 }, (_, i) => ({
      time: (NOON_NS + BigInt(i) * 10n * SECOND_NS).toString(),
      value: 10 * i + 4.5,
      count: 10,
    })),
  );
  const extremes = await get(`series=press-1/short&${minute}&method=minmax`);
  expect(valuesOf(extremes.body.series[0].points)).toEqual([0, 9, 10, 19, 20, 29, 30, 39, 40, 49]);
  const lttb = await get(
    `series=press-1/short&from=${NOON_NS}&to=${NOON_NS + 50n * SECOND_NS}&resolution=2s&method=lttb`,
  );
  expect(lttb.body.series[0].points.length).toBeLessThanOrEqual(26);
});

test('another tenant’s series of the same name stays its own', async () => {
  const { body } = await get(`series=press-1/short&${day}&maxPoints=60`, web.other.as('viewer'));
  expect(valuesOf(body.series[0].points)).toEqual([666]);
});

test.each([
  ['series=a/b&maxPoints=100&resolution=10s', 'resolution'],
  ['series=a/b&series=a/c', 'series'],
  ['series=a/b&maxPoints=9', 'maxPoints'],
  ['series=a/b&maxPoints=10001', 'maxPoints'],
  ['series=a/b&maxPoints=100&cursor=x', 'cursor'],
  ['series=a/b&resolution=1ms', 'resolution'],
  ['series=a/b&maxPoints=100&method=guess', 'method'],
  [`${Array.from({ length: 11 }, (_, i) => `series=a/${i}`).join('&')}&maxPoints=10000`, 'series'],
])('%s is refused by the name of its field', async (query, field) => {
  const { status, body } = await get(`${query}&${day}`);
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain(field);
});

test('the newest readings of thousands of series in one call, in the order asked, of this tenant', async () => {
  const post = (series: string[], headers = viewer()) =>
    web.app.inject({ method: 'POST', url: '/api/v1/telemetry/latest', headers, payload: { series } });
  const many = Array.from({ length: 9_998 }, (_, i) => `device-${i}/none`);
  const { items } = (await post(['press-1/short', ...many, 'press-1/long'])).json();
  expect(items.map((i: { series: string }) => i.series)).toEqual(['press-1/short', 'press-1/long']);
  expect((await post(['press-1/short'], web.other.as('viewer'))).json().items[0].value).toBe(666);
  expect((await post([])).statusCode).toBe(400);
  expect((await post(Array.from({ length: 10_001 }, () => 'a/b'))).statusCode).toBe(400);
  expect((await post(['nodash'])).json().error?.code ?? (await post(['nodash'])).json().code).toBe('SERIES_NAME');
});
