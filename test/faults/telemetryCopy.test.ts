import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { partitionsOf } from '../../ingest/store/postgres/partitions.ts';
import { postgresTelemetryStore } from '../../ingest/store/postgres/telemetryStore.ts';
import type { Reading } from '../../ingest/store/readings.ts';
import { migrations } from '../../main.ts';
import { newId } from '../../platform/index.ts';
import { DAY_NS, NOON_NS, reading } from '../contracts/readings.ts';
import { absent } from '../engines/absent.ts';
import { HOW_TO_GET_INFLUXDB, type InfluxEngine, influxdbIsHere, startInfluxdb } from '../engines/influxdb.ts';
import { type TestDatabase, testDatabase } from '../engines/postgres.ts';

const SERIES = 6;
const A_DAY = 12_500;
const DAYS = 3;
const TOTAL = SERIES * A_DAY * DAYS;

/** The command itself, in a process of its own, as a person runs it. */
interface Run {
  child: ChildProcess;
  /** What it has said so far. */
  said(): string;
  ended: Promise<{ code: number | null; said: string }>;
}

describe.runIf(influxdbIsHere() || absent('InfluxDB', HOW_TO_GET_INFLUXDB))('npm run telemetry:copy', () => {
  let influx: InfluxEngine;
  let pg: TestDatabase;
  let directory: string;
  const tenants = [newId(), newId()] as const;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'faultline-copy-'));
    [influx, pg] = await Promise.all([startInfluxdb(), testDatabase(migrations)]);
    const store = postgresTelemetryStore(pg.db, partitionsOf(pg.db));
    const write = (batch: Reading[]) => pg.db.as('shipper', (tx) => store.write(tx, batch));
    for (let day = 0; day < DAYS; day++) {
      for (let series = 0; series < SERIES; series++) {
        const startNs = NOON_NS + BigInt(day - DAYS) * DAY_NS;
        await write(
          Array.from({ length: A_DAY }, (_, i) =>
            reading(tenants[series % 2]!, {
              ...{ device: `press-${series}`, point: 'de/velocity', timeNs: startNs + BigInt(i) * 1_000_003n },
              ...{ value: Math.sin(i + series) / 7, unit: i % 2 ? 'mm/s' : null, deviceTimeNs: i % 3 ? null : startNs },
            }),
          ),
        );
      }
    }
    // Two that differ at one instant, and one ahead of its time: nothing may make one of the other.
    await write([
      reading(tenants[0], { device: 'odd', value: 1 }),
      reading(tenants[0], { device: 'odd', value: 2 }),
      reading(tenants[0], { device: 'odd', timeNs: NOON_NS + 1n, future: true, value: -0 }),
    ]);
  });
  afterAll(async () => {
    await influx?.stop();
    await pg?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const run = (env: Record<string, string> = {}): Run => {
    const child = spawn(process.execPath, ['telemetryCopy.ts'], {
      cwd: join(import.meta.dirname, '..', '..'),
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        DATA_DIR: directory,
        DATABASE_URL: pg.ownerUrl,
        FAULTLINE_SECRET_KEY: pg.secretKey,
        INFLUX_URL: influx.url,
        INFLUX_ORG: influx.org,
        INFLUX_TOKEN: influx.token,
        INFLUX_BUCKET: 'history',
        TELEMETRY_RETENTION_DAYS: '3650',
        LOG_LEVEL: 'silent',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream!.on('data', (chunk: Buffer) => (said += String(chunk)));
    const ended = new Promise<{ code: number | null; said: string }>((done) =>
      child.once('close', (code) => done({ code, said })),
    );
    return { child, said: () => said, ended };
  };
  const positions = async () =>
    (await pg.asOwner<{ n: number }>('select count(*)::int as n from telemetry_copy'))[0]!.n;

  test('killed in the middle it goes on where it was, and both stores then hold the same', async () => {
    const first = run();
    const deadline = performance.now() + 60_000;
    while ((await positions()) === 0 && performance.now() < deadline) await new Promise((done) => setTimeout(done, 5));
    first.child.kill('SIGKILL');
    await first.ended;
    const before = await positions();
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(SERIES * DAYS + 1);

    const second = await run().ended;
    expect(second.said).toMatch(/0 newer/);
    expect(second.code, second.said).toBe(0);
    const [, copied, skipped] = /: (\d+) copied, (\d+) there before/.exec(second.said)!;
    expect(Number(copied) + Number(skipped)).toBe(TOTAL + 3);
    expect(Number(skipped)).toBeGreaterThan(0);
    expect(second.said).toContain(`${SERIES * DAYS + 1} of ${SERIES * DAYS + 1} series and days are equal`);

    const third = await run().ended;
    expect(third.said).toContain(': 0 copied');
    expect(third.code).toBe(0);
  });

  test('one reading that was tampered with is found, and named with its series and day', async () => {
    const tampered = NOON_NS - DAY_NS + 777n * 1_000_003n;
    await pg.asOwner(`update telemetry set value = value + 1e-12 where device = 'press-3' and time_ns = $1`, [
      tampered,
    ]);
    const { code, said } = await run().ended;
    expect(code).toBe(1);
    expect(said.match(/^differs: .*$/gm)).toEqual([
      expect.stringContaining(`tenant ${tenants[1]}, press-3/de/velocity, 2026-02-28: ${A_DAY} readings in PostgreSQL`),
    ]);
    expect(said).toContain(`first at ${tampered} ns`);
    await pg.asOwner(`update telemetry set value = $2 where device = 'press-3' and time_ns = $1`, [
      tampered,
      Math.sin(777 + 3) / 7,
    ]);
  });

  test('one that is missing on the other side is found too', async () => {
    const other = NOON_NS - 2n * DAY_NS + 5n * 1_000_003n;
    const [gone] = await pg.asOwner<{ identity: string }>(
      `delete from telemetry where device = 'press-1' and time_ns = $1 returning identity`,
      [other],
    );
    expect(gone).toBeDefined();
    const { code, said } = await run().ended;
    expect(code).toBe(1);
    expect(said.match(/^differs: .*$/gm)).toEqual([
      expect.stringMatching(
        new RegExp(`press-1/de/velocity, 2026-02-27: ${A_DAY - 1} readings.*, ${A_DAY} in InfluxDB`),
      ),
    ]);
  });

  test('without a target it says what to name', async () => {
    const { code, said } = await run({ INFLUX_URL: '' }).ended;
    expect(code).toBe(2);
    expect(said).toContain('INFLUX_URL');
  });
});
