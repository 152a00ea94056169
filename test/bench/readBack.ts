import { Registry } from 'prom-client';
import { WebSocket } from 'ws';
import { announced } from '../../ingest/live/announced.ts';
import { createLiveStream } from '../../ingest/live/liveStream.ts';
import { storingMigrations } from '../../ingest/migrations.ts';
import { liveRoute } from '../../ingest/routes/live.ts';
import { telemetryRoutes } from '../../ingest/routes/telemetry.ts';
import { partitionsOf } from '../../ingest/store/postgres/partitions.ts';
import { postgresTelemetryStore } from '../../ingest/store/postgres/telemetryStore.ts';
import { authMigrations, createLog, createRecheck, serveHttp, systemClock } from '../../platform/index.ts';
import { DAY_NS, NOON_NS, reading } from '../contracts/readings.ts';
import { type TestDatabase, testDatabase } from '../engines/postgres.ts';
import { type TestApplication, testApplication } from '../fixtures/application.ts';
import type { BenchRow } from './row.ts';

const SERIES = 5_000;
const LONG = 10_000_000;
const POINTS = 1_000;
const CALLS = 40;
const CLIENTS = 100;
const READINGS_A_SECOND = 5_000;
const STREAM_S = 10;

/** Reading back over HTTP, from a real PostgreSQL: the newest of thousands, a long range thinned, a live stream for many. */
export async function bench(): Promise<BenchRow[]> {
  const pg = await testDatabase([...authMigrations, ...storingMigrations]);
  const clock = systemClock();
  const web = await testApplication(pg.db, { http: { metrics: new Registry() } });
  const store = postgresTelemetryStore(pg.db, partitionsOf(pg.db));
  telemetryRoutes({ telemetry: store })(web.app);
  const live = createLiveStream({
    db: pg.db,
    clock,
    log: createLog('silent'),
    recheck: createRecheck({ db: pg.db, clock }),
  });
  liveRoute({ live })(web.app);
  const server = serveHttp(web.app, { host: '127.0.0.1', port: 0, clock });
  await live.start();
  await server.start();
  try {
    return [
      await latest(pg, web, store),
      await range(pg, web),
      await stream(pg, web, announced(store, clock), server.url),
    ];
  } finally {
    await server.stop();
    await live.stop();
    await pg.stop();
  }
}

const quantile = (values: number[], q: number) => values.sort((a, b) => a - b)[Math.floor((values.length - 1) * q)]!;

async function latest(pg: TestDatabase, web: TestApplication, store: ReturnType<typeof announced>): Promise<BenchRow> {
  const many = Array.from({ length: SERIES }, (_, i) =>
    reading(web.operator.id, { device: `fan-${i}`, point: 'speed' }),
  );
  await pg.db.as('shipper', (tx) => store.write(tx, many));
  const series = many.map((one) => `${one.device}/${one.point}`);
  const headers = web.operator.as('viewer');
  const [took, bare]: [number[], number[]] = [[], []];
  for (let call = 0; call < CALLS; call++) {
    const began = performance.now();
    const answer = await web.app.inject({
      method: 'POST',
      url: '/api/v1/telemetry/latest',
      headers,
      payload: { series },
    });
    took.push(performance.now() - began);
    if (answer.json().items.length !== SERIES) throw new Error('not all series were answered');
    const before = performance.now();
    await pg.asOwner('select * from telemetry_latest where tenant_id = $1', [web.operator.id]);
    bare.push(performance.now() - before);
  }
  const [value, referenceValue] = [quantile(took, 0.95), quantile(bare, 0.95)];
  return {
    ...{ name: 'latest-5000-p95', value, unit: 'ms', better: 'lower', goal: 150 },
    ...{
      reference: 'the whole table of newest readings by one bare SELECT',
      referenceValue,
      ratio: referenceValue / value,
    },
    breakdown: [`p50 ${quantile(took, 0.5).toFixed(0)} ms, through the HTTP application, ${CALLS} calls`],
  };
}

async function range(pg: TestDatabase, web: TestApplication): Promise<BenchRow> {
  const tenant = web.operator.id;
  const dayNs = NOON_NS - (NOON_NS % DAY_NS);
  for (const day of [0n, 1n])
    await pg.db.as('shipper', (tx) =>
      tx.query(`select ingest_create_partition('telemetry', $1)`, [dayNs + day * DAY_NS]),
    );
  await pg.asOwner(
    `insert into telemetry select $1, 'mill', 'vibration', $2::int8 + g * $4::int8, gen_random_uuid(), $2::int8 + g * $4::int8,
       null, null, false, false, false, random() * sin(g / 1000.0), 'mm/s' from generate_series(0, $3::int - 1) g`,
    [tenant, dayNs, LONG, (2n * DAY_NS) / BigInt(LONG)],
  );
  await pg.asOwner('vacuum analyze telemetry');
  const query = `series=mill/vibration&from=${dayNs}&to=${dayNs + 2n * DAY_NS}&maxPoints=${POINTS}`;
  const headers = web.operator.as('viewer');
  const took: Record<string, number> = {};
  for (const method of ['minmax', 'lttb', 'mean']) {
    const began = performance.now();
    const answer = await web.app.inject({
      method: 'GET',
      url: `/api/v1/telemetry/range?${query}&method=${method}`,
      headers,
    });
    took[method] = performance.now() - began;
    const points: unknown[] = answer.json().series[0].points;
    if (points.length > POINTS || points.length < POINTS / 2) throw new Error(`${method} gave ${points.length} points`);
  }
  const before = performance.now();
  await pg.asOwner(
    `select time_ns / $2::int8, min(value), max(value), min(time_ns), max(time_ns) from telemetry
     where tenant_id = $1 and device = 'mill' and point = 'vibration' group by 1 order by 1`,
    [tenant, (4n * DAY_NS) / BigInt(POINTS)],
  );
  const referenceValue = performance.now() - before;
  const value = took.minmax!;
  return {
    ...{ name: 'range-10m-to-1000', value, unit: 'ms', better: 'lower', goal: 15_000 },
    reference: 'GROUP BY of the span in plain SQL, which gives no times of the extremes',
    ...{ referenceValue, ratio: referenceValue / value },
    breakdown: Object.entries(took).map(([method, ms]) => `${method}: ${(ms / 1000).toFixed(1)} s`),
  };
}

async function stream(
  pg: TestDatabase,
  web: TestApplication,
  store: ReturnType<typeof announced>,
  url: string,
): Promise<BenchRow> {
  const tenant = web.operator.id;
  const run = async (clients: number) => {
    const counts = new Array<number>(clients).fill(0);
    let skipped = 0;
    const sockets = await Promise.all(
      counts.map(async (_, i) => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/telemetry/live?device=live-${i % 10}`, {
          headers: web.operator.as('viewer'),
        });
        socket.on('message', (data) => {
          const message = JSON.parse(String(data)) as { data: { items?: unknown[]; skipped?: number } };
          counts[i]! += message.data.items?.length ?? 0;
          skipped += message.data.skipped ?? 0;
        });
        await new Promise((done, fail) => socket.once('open', done).once('error', fail));
        return socket;
      }),
    );
    await new Promise((done) => setTimeout(done, 1500)); // until the writer has noticed
    const cpu = process.cpuUsage();
    const rss = process.memoryUsage().rss;
    for (let tick = 0; tick < STREAM_S * 10; tick++) {
      const due = performance.now() + 100;
      const batch = Array.from({ length: READINGS_A_SECOND / 10 }, (_, i) =>
        reading(tenant, { device: `live-${i % 10}`, point: `p-${i % 50}`, timeNs: clock() }),
      );
      await pg.db.as('shipper', (tx) => store.write(tx, batch));
      await new Promise((done) => setTimeout(done, Math.max(0, due - performance.now())));
    }
    await new Promise((done) => setTimeout(done, 1000));
    const used = process.cpuUsage(cpu);
    for (const socket of sockets) socket.terminate();
    const expected = (READINGS_A_SECOND / 10) * STREAM_S * clients;
    const got = counts.reduce((sum, count) => sum + count, 0);
    if (got + skipped !== expected) throw new Error(`${got} readings and ${skipped} skipped of ${expected}`);
    return {
      cpuS: (used.user + used.system) / 1e6,
      skipped,
      got,
      grownMb: (process.memoryUsage().rss - rss) / 2 ** 20,
    };
  };
  const one = await run(1);
  const many = await run(CLIENTS);
  // Both ends of every socket are in this process: what the clients cost is counted too.
  const value = ((many.cpuS - one.cpuS) / (many.got - one.got)) * 1e6;
  return {
    ...{ name: 'live-100-clients', value, unit: 'µs of CPU a reading delivered', better: 'lower', goal: 20 },
    reference: 'one client, storing included, per reading delivered',
    ...{ referenceValue: (one.cpuS / one.got) * 1e6, ratio: ((one.cpuS / one.got) * 1e6) / value },
    breakdown: [
      `${CLIENTS} clients, ${READINGS_A_SECOND} readings/s stored, ${many.got} delivered in ${STREAM_S} s, ${many.skipped} skipped`,
      `CPU of the whole process: ${one.cpuS.toFixed(1)} s with one client, ${many.cpuS.toFixed(1)} s with ${CLIENTS}; memory grew by ${many.grownMb.toFixed(0)} MB`,
    ],
  };
}

let lastNs = BigInt(Date.now()) * 1_000_000n;
/** Instants that never repeat. */
function clock(): bigint {
  lastNs += 1n;
  return lastNs;
}
