import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { Registry } from 'prom-client';
import { AnomalyConfirmed, type AnomalyPayload } from '../../analytics/index.ts';
import {
  type AssetGraph,
  assetContexts,
  migrations as cmdbMigrations,
  createCmdb,
  whoIsOnCall,
} from '../../cmdb/index.ts';
import { createNotify, notifyMigrations } from '../../notify/index.ts';
import {
  type AnyConsumer,
  authMigrations,
  type Clock,
  createLog,
  createOutbox,
  createRelay,
  type Database,
  jobsOnPostgres,
  migrateQueues,
  newId,
  type Outbox,
  outboxMigration,
  serveConsumers,
  systemClock,
  type Tx,
} from '../../platform/index.ts';
import { createTicketing, migrations } from '../../ticketing/index.ts';
import { type TestDatabase, testDatabase } from '../engines/postgres.ts';
import { orderPlant } from './orderPlant.ts';
import type { BenchRow } from './row.ts';

const WARM_UP = 2_000;
const ORDERS = 10_000;
const TECHNICIANS = 40;
const CONNECTIONS = 2;
const GOAL = 1_000;

/** Time by stage. */
class Stages {
  readonly ms = new Map<string, number>();

  add(stage: string, ms: number): void {
    this.ms.set(stage, (this.ms.get(stage) ?? 0) + ms);
  }
}

/**
 * Work orders from confirmed anomalies, the whole way: delivery rows of the outbox claimed by the relay, handed over
 * by the job queue, taken in batches; impact on the CMDB's projection, contacts, priority, assignment, log, events and
 * messages, committed with fsync on the same two cores as PostgreSQL.
 */
export async function bench(): Promise<BenchRow[]> {
  const database = await testDatabase([
    outboxMigration,
    ...authMigrations,
    ...cmdbMigrations,
    ...notifyMigrations,
    ...migrations,
  ]);
  try {
    const { value, breakdown } = await ordersPerSecond(database);
    const reference = await insertsPerSecond(database.ownerUrl, ORDERS / 4);
    return [
      {
        name: 'orders',
        value: Math.round(value),
        unit: 'orders/s',
        better: 'higher',
        goal: GOAL,
        reference: `one plain single-row INSERT transaction per order, ${CONNECTIONS} connections, same server`,
        referenceValue: Math.round(reference),
        ratio: Math.round((value / reference) * 100) / 100,
        breakdown,
      },
    ];
  } finally {
    await database.stop();
  }
}

async function ordersPerSecond(database: TestDatabase): Promise<{ value: number; breakdown: string[] }> {
  const clock = systemClock();
  const log = createLog('silent');
  const stages = new Stages();
  const { ownerUrl, secretKey } = database;
  const db = charged(database.db, stages);
  const consumers: AnyConsumer[] = [];
  const outbox = createOutbox(clock, consumers, () => relay.nudge());
  const metrics = new Registry();
  const { graph, impact } = createCmdb({ db: database.db, outbox, clock, log, metrics });
  const notify = createNotify({
    db: database.db,
    clock,
    log,
    metrics,
    outbox,
    secretKey,
    settings: { smtpFrom: 'faultline@plant.example', webhookAllow: [], publicUrl: () => undefined },
  });
  const ticketing = createTicketing({
    db: database.db,
    clock,
    outbox,
    notifier: notify.notifier,
    impact,
    assets: { contexts: assetContexts },
    health: { failing: async () => [] },
    onCall: { onCall: whoIsOnCall },
    labelAnomaly: () => Promise.reject(new Error('no order is closed here')),
  });
  // All of them get their delivery rows, as in the product; only the one that is measured is served here.
  consumers.push(...ticketing.consumers, ...notify.consumers);
  const opener = ticketing.consumers[0]!;
  let opened = 0;
  let reached = () => {};
  const served = {
    ...opener,
    concurrency: CONNECTIONS,
    handle: async (tx: Tx, events: Parameters<typeof opener.handle>[1]) => {
      tx.afterCommit(() => {
        opened += events.length;
        reached();
      });
      await opener.handle(tx, events);
    },
  };
  const until = (count: number) =>
    new Promise<void>((done) => {
      reached = () => opened >= count && done();
      reached();
    });
  await migrateQueues(ownerUrl);
  const jobs = jobsOnPostgres({ ownerUrl, secretKey, clock }, log);
  const relay = createRelay({ db: database.db, jobs, clock, log, consumers });
  serveConsumers({ db, jobs, clock, log }, [served]);
  await populate(database, graph);
  await announce(database, outbox, WARM_UP, clock);
  await jobs.start();
  await relay.start();
  await until(WARM_UP);
  await relay.stop();
  await announce(database, outbox, ORDERS, clock);
  stages.ms.clear();
  const cpuBefore = process.cpuUsage();
  const serverBefore = await serverCpuMs(database);
  const start = performance.now();
  await relay.start();
  await until(WARM_UP + ORDERS);
  const seconds = (performance.now() - start) / 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  const serverMs = (await serverCpuMs(database)) - serverBefore;
  await relay.stop();
  await jobs.stop();
  await check(database);
  const perOrderUs = (ms: number) => `${Math.round((ms * 1_000) / ORDERS)} µs`;
  const breakdown = [
    `${ORDERS} orders in ${seconds.toFixed(2)} s; CPU an order: ${perOrderUs((cpu.user + cpu.system) / 1_000)} ours, ${perOrderUs(serverMs)} PostgreSQL's`,
    ...[...stages.ms]
      .sort((a, b) => b[1] - a[1])
      .map(([stage, ms]) => `PostgreSQL's CPU, ${stage}: ${perOrderUs(ms)} an order`),
  ];
  return { value: ORDERS / seconds, breakdown };
}

/** A database whose statements are charged with the CPU time that the server's process spends on them. */
function charged(db: Database, stages: Stages): Database {
  return {
    ...db,
    tenant: (tenantId, work) =>
      db.tenant(tenantId, async (tx) => {
        const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
        const path = `/proc/${rows[0]!.pid}/schedstat`;
        const spentMs = existsSync(path) ? () => Number(readFileSync(path, 'utf8').split(' ')[0]) / 1e6 : () => 0;
        return work({
          tenantId: tx.tenantId,
          afterCommit: (then) => tx.afterCommit(then),
          query: async (text, values) => {
            const before = spentMs();
            const result = await tx.query(text, values);
            stages.add(statementOf(text), spentMs() - before);
            return result as never;
          },
        });
      }),
  };
}

function statementOf(text: string): string {
  const match = /(insert into|update|from)\s+([a-z_]+)/i.exec(text);
  return match ? `${match[1]!.toLowerCase()} ${match[2]}` : text.trim().slice(0, 40);
}

/** A tenant with its plant and technicians. */
async function populate({ asOwner, tenantId }: TestDatabase, graph: AssetGraph): Promise<void> {
  const { cis, relations } = orderPlant();
  await asOwner('insert into tenant (id, slug, name, created_at) values ($1, $2, $2, now())', [tenantId, 'bench']);
  await graph.apply(tenantId, { cis, relations, attributes: 'replace' }, { author: 'bench' });
  for (let t = 0; t < TECHNICIANS; t++) {
    const id = newId();
    await asOwner(
      `insert into user_account (tenant_id, id, login, name, email, locale, password_hash, created_at)
       values ($1, $2, $3, $3, $3 || '@plant.example', 'en', 'none', now())`,
      [tenantId, id, `technician-${t}`],
    );
    await asOwner(`insert into user_role (tenant_id, user_id, role) values ($1, $2, 'technician')`, [tenantId, id]);
    const skills = JSON.stringify({ bearings: 2 + (t % 4), balancing: 3 });
    await asOwner(
      `insert into technician (tenant_id, user_id, skills, max_load, place, active) values ($1, $2, $3, 10000, $4, true)`,
      [tenantId, id, skills, `line-${t}`],
    );
  }
}

/** Publishes confirmed anomalies of distinct faults, as the detector does. */
async function announce(database: TestDatabase, outbox: Outbox, count: number, clock: Clock): Promise<void> {
  const rows = await database.asOwner<{ id: string; key: string }>(
    `select id, key from cmdb_ci where type = 'component' order by key`,
  );
  const payloads = Array.from({ length: count }, (_, i): AnomalyPayload => {
    const { id, key } = rows[(i * 7_919) % rows.length]!;
    const anomalyId = newId();
    return {
      anomalyId,
      faultKey: `${key}:bearing:${anomalyId}`,
      pointKey: `${key}/velocity`,
      pointId: null,
      assetId: id,
      assetName: key,
      fault: i % 2 ? 'inner' : 'outer',
      level: i % 10 ? 'warning' : 'serious',
      severityZone: 'C',
      confidence: 0.8,
      evidenceUrl: `/api/v1/anomalies/${anomalyId}/evidence.svg`,
      summary: { en: `Bearing fault at ${key}`, zh: `${key} 轴承故障` },
      firstSeenAtMs: clock.nowMs(),
      confirmedAtMs: clock.nowMs(),
      lastWaveformAtMs: clock.nowMs(),
    };
  });
  for (let at = 0; at < count; at += 1_000) {
    await database.db.tenant(database.tenantId, (tx) =>
      outbox.publishAll(tx, AnomalyConfirmed, payloads.slice(at, at + 1_000)),
    );
  }
}

/** CPU time of all of the server's processes so far, from /proc; 0 where there is none. */
async function serverCpuMs({ asOwner }: TestDatabase): Promise<number> {
  if (!existsSync('/proc/self/stat')) return 0;
  const [{ pid }] = (await asOwner('select pg_backend_pid() as pid')) as [{ pid: number }];
  // Fields after the name in parentheses: state, parent, …, user and system time in ticks of 10 ms as 12th and 13th.
  const stat = (of: string) => readFileSync(`/proc/${of}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  const server = stat(String(pid))[1];
  let ticks = 0;
  for (const process of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = stat(process);
      if (fields[1] === server) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // it ended between the listing and the look
    }
  }
  return ticks * 10;
}

/** A figure counts only if every order is there, with its verdict, its technician, its log and its messages. */
async function check(database: TestDatabase): Promise<void> {
  const [found] = await database.asOwner<Record<string, number>>(`
    select (select count(*)::int from work_order join impact_verdict v on v.id = verdict_id where state = 'assigned') as orders,
           (select count(*)::int from assignment) as assignments,
           (select count(distinct order_id)::int from work_order_event) as logged,
           (select count(*)::int from event where type = 'WorkOrderOpened') as events,
           (select count(*)::int from notification where template = 'assignment-technician') as messages,
           (select sum(open_orders)::int from technician) as load`);
  const wrong = Object.entries(found!).filter(([, count]) => count !== WARM_UP + ORDERS);
  if (wrong.length > 0) throw new Error(`orders are missing: ${JSON.stringify(found)}`);
}

/** The least that a durable order can cost: its one row, committed alone. */
async function insertsPerSecond(ownerUrl: string, count: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: ownerUrl, max: CONNECTIONS });
  await pool.query(`create table plain_order (
    id uuid primary key, tenant_id uuid not null, number bigint not null, summary text not null, created_at timestamptz not null)`);
  const tenantId = randomUUID();
  const insert = (n: number) =>
    pool.query('insert into plain_order values ($1, $2, $3, $4, now())', [newId(), tenantId, n, `Bearing fault ${n}`]);
  const worker = async (first: number) => {
    for (let n = first; n < count; n += CONNECTIONS) await insert(n);
  };
  for (let n = 0; n < 200; n++) await insert(-n);
  const start = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => worker(i)));
  const seconds = (performance.now() - start) / 1_000;
  await pool.end();
  return count / seconds;
}
