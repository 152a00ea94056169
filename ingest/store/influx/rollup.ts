import type { Clock, Database, Sql } from '../../../platform/index.ts';
import { plainArray, textArray } from '../postgres/literals.ts';
import { instantNs } from './annotatedCsv.ts';
import type { Buckets, Resolution } from './buckets.ts';
import type { InfluxConnection } from './connection.ts';
import { Flux, flux, joined } from './flux.ts';
import { MEASUREMENT } from './lineProtocol.ts';
import { tagOf } from './names.ts';
import { HOUR_NS } from './rollupMarks.ts';

/** What is kept of each minute and hour; a mean is its sum divided by its count, so that means of means never arise. */
const KEPT = ['sum', 'count', 'min', 'max'] as const;
/** An hour is down-sampled so long after its end: most of what is late has come by then and costs no mark. */
const GRACE_NS = 120_000_000_000n;
/** Down-sampled in one transaction. */
const STRETCH_NS = 24n * HOUR_NS;
/** Marked hours taken up in one transaction. */
const HOURS_AT_A_TIME = 24;

export interface RollupDeps {
  db: Database;
  connection: InfluxConnection;
  buckets: Buckets;
  clock: Clock;
  /** Raw data older than this many days are gone, or going: what is down-sampled of them is not touched again. */
  rawDays: number;
}

/** One round of down-sampling for a tenant: whole hours that are over, then hours that changed since. */
export async function rollUp(deps: RollupDeps, tenantId: string): Promise<void> {
  const untilNs = ((deps.clock.nowNs() - GRACE_NS) / HOUR_NS) * HOUR_NS;
  if (!(await openBorder(deps, tenantId, untilNs))) return;
  while (await rollStretch(deps, tenantId));
  while (await rollMarked(deps, tenantId));
}

/** From its commit on, writers mark what they bring before the border. False when there is nothing yet. */
async function openBorder(deps: RollupDeps, tenantId: string, untilNs: bigint): Promise<boolean> {
  const known = await deps.db.as('shipper', async (tx) => {
    const { rowCount } = await tx.query(
      'update influx_rollup set marked_ns = greatest(marked_ns, $2) where tenant_id = $1',
      [tenantId, untilNs],
    );
    return rowCount === 1;
  });
  if (known) return true;
  const [first] = await deps.connection.query(flux`from(bucket: ${deps.buckets.nameOf(tenantId, 'raw')})
  |> range(start: ${0n})
  |> filter(fn: (r) => r._measurement == ${MEASUREMENT} and r._field == "value")
  |> first()
  |> keep(columns: ["_time", "_value"])
  |> group()
  |> min(column: "_time")`);
  if (!first) return false;
  const startNs = (instantNs(first._time!) / HOUR_NS) * HOUR_NS;
  await deps.db.as('shipper', (tx) =>
    tx.query(
      `insert into influx_rollup (tenant_id, marked_ns, rolled_ns) values ($1, $2, least($3::int8, $2::int8)) on conflict do nothing`,
      [tenantId, untilNs, startNs],
    ),
  );
  // What came before `startNs` between the look and this commit found no border to be marked against.
  await deps.db.as('shipper', (tx) => reconsider(deps, tx, tenantId));
  return true;
}

/** Looks again, now that the border is there, whether anything older has come meanwhile. */
async function reconsider(deps: RollupDeps, tx: Sql, tenantId: string): Promise<void> {
  const { rows } = await tx.query<{ rolled_ns: bigint }>(
    'select rolled_ns from influx_rollup where tenant_id = $1 for update',
    [tenantId],
  );
  const [older] = await deps.connection.query(flux`from(bucket: ${deps.buckets.nameOf(tenantId, 'raw')})
  |> range(start: ${0n}, stop: ${rows[0]!.rolled_ns})
  |> filter(fn: (r) => r._measurement == ${MEASUREMENT} and r._field == "value")
  |> first()
  |> keep(columns: ["_time", "_value"])
  |> group()
  |> min(column: "_time")`);
  if (!older) return;
  const startNs = (instantNs(older._time!) / HOUR_NS) * HOUR_NS;
  await tx.query('update influx_rollup set rolled_ns = least(rolled_ns, $2) where tenant_id = $1', [tenantId, startNs]);
}

/** Another process may be at it: two at once could put an older answer over a newer one. */
async function alone(tx: Sql, tenantId: string): Promise<boolean> {
  const { rows } = await tx.query<{ got: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended('faultline rollup ' || $1, 0)) as got`,
    [tenantId],
  );
  return rows[0]!.got;
}

/** Down-samples the next stretch; false when the border is reached. */
async function rollStretch(deps: RollupDeps, tenantId: string): Promise<boolean> {
  return deps.db.as('shipper', async (tx) => {
    if (!(await alone(tx, tenantId))) return false;
    const { rows } = await tx.query<{ marked_ns: bigint; rolled_ns: bigint }>(
      'select marked_ns, rolled_ns from influx_rollup where tenant_id = $1',
      [tenantId],
    );
    const { marked_ns: until, rolled_ns: from } = rows[0]!;
    if (from >= until) return false;
    const to = from + STRETCH_NS < until ? from + STRETCH_NS : until;
    await downSample(deps, tenantId, from, to, null);
    await tx.query('update influx_rollup set rolled_ns = $2 where tenant_id = $1', [tenantId, to]);
    return to < until;
  });
}

interface Mark {
  device: string;
  hour_ns: bigint;
  version: bigint;
}

/** Takes up hours that changed after they were down-sampled; false when none are left. */
async function rollMarked(deps: RollupDeps, tenantId: string): Promise<boolean> {
  return deps.db.as('shipper', async (tx) => {
    if (!(await alone(tx, tenantId))) return false;
    const { rows } = await tx.query<Mark>(
      `select m.device, m.hour_ns, m.version from influx_rollup_mark m
       where m.tenant_id = $1 and m.hour_ns < (select rolled_ns from influx_rollup where tenant_id = $1)
         and m.hour_ns in (select distinct hour_ns from influx_rollup_mark where tenant_id = $1 order by hour_ns limit $2)
       order by m.hour_ns, m.device`,
      [tenantId, HOURS_AT_A_TIME],
    );
    if (rows.length === 0) return false;
    const goneBefore = deps.clock.nowNs() - BigInt(deps.rawDays) * 24n * HOUR_NS;
    for (const [hour, marks] of Map.groupBy(rows, (mark) => mark.hour_ns)) {
      if (hour < goneBefore) continue;
      const devices = marks.map((mark) => mark.device);
      await downSample(deps, tenantId, hour, hour + HOUR_NS, devices);
    }
    await tx.query(
      `delete from influx_rollup_mark m using unnest($2::text[], $3::int8[], $4::int8[]) as done(device, hour_ns, version)
       where m.tenant_id = $1 and m.device = done.device and m.hour_ns = done.hour_ns and m.version = done.version`,
      [
        tenantId,
        textArray(rows.map((mark) => mark.device)),
        plainArray(rows.map((mark) => mark.hour_ns)),
        plainArray(rows.map((mark) => mark.version)),
      ],
    );
    return true;
  });
}

/** Devices named in one query; for more the whole hour is done. */
const MOST_DEVICES = 200;

async function downSample(
  { connection, buckets }: RollupDeps,
  tenantId: string,
  fromNs: bigint,
  toNs: bigint,
  devices: readonly string[] | null,
): Promise<void> {
  const which =
    devices === null || devices.length > MOST_DEVICES
      ? new Flux('true')
      : joined(
          devices.map((device) => flux`r.device == ${tagOf(device)}`),
          ' or ',
        );
  const step = (source: Resolution, target: Resolution, every: string, what: (typeof KEPT)[number]) => {
    const raw = source === 'raw';
    const fn = new Flux(raw || what !== 'count' ? what : 'sum');
    // A from() of its own for each: InfluxDB aggregates inside its storage only where nothing else reads the same.
    return flux`from(bucket: ${buckets.nameOf(tenantId, source)})
  |> range(start: ${fromNs}, stop: ${toNs})
  |> filter(fn: (r) => r._measurement == ${MEASUREMENT} and r._field == ${raw ? 'value' : what} and (${which}))
  |> aggregateWindow(every: ${new Flux(every)}, fn: ${fn}, createEmpty: false, timeSrc: "_start")
  |> set(key: "_field", value: ${what})
  |> to(bucket: ${buckets.nameOf(tenantId, target)})
  |> group()
  |> count()
  |> yield(name: ${what})`;
  };
  await connection.query(
    joined(
      KEPT.map((what) => step('raw', '1m', '1m', what)),
      '\n',
    ),
  );
  await connection.query(
    joined(
      KEPT.map((what) => step('1m', '1h', '1h', what)),
      '\n',
    ),
  );
}
