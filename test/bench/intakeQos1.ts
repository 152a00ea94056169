import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { createDeviceRegistry, DeviceDirectory, deviceMigrations, PresenceBoard } from '../../ingest/devices/index.ts';
import { createIntake } from '../../ingest/intake.ts';
import { openSpool, type Spool } from '../../ingest/spool/index.ts';
import { authMigrations, createLog, systemClock } from '../../platform/index.ts';
import { type TestDatabase, testDatabase } from '../engines/postgres.ts';
import { cpuShares } from './cpuShares.ts';
import type { PublisherResult, PublisherTask } from './intakePublisher.ts';
import { startPlainAedes } from './plainAedes.ts';
import type { BenchRow } from './row.ts';

const CONNECTIONS = 32;
const WINDOW = 256;
const WARM_UP_MS = 1_500;
const MEASURED_MS = 5_000;
const PROFILED_MS = 2_000;
const SLUG = 'bench';

const clock = systemClock();
const log = createLog('silent');

/** Durable QoS 1 messages acknowledged a second, publishers on the same cores, beside plain aedes on the same spool. */
export async function bench(): Promise<BenchRow[]> {
  const pg = await testDatabase([...authMigrations, ...deviceMigrations]);
  try {
    const connections = await registerPublishers(pg);
    const front = await withSpool((spool) => measureFront(pg, spool, connections));
    const plain = await withSpool((spool) => measurePlain(pg, spool, connections));
    const value = rate(front.measured);
    const referenceValue = rate(plain);
    const { groups, cpuMs, measured, shares } = front;
    return [
      {
        name: 'intake-qos1',
        value,
        unit: 'messages/s',
        better: 'higher',
        goal: 40_000,
        reference: 'aedes 1.2 on the socket, the same spool appended in authorizePublish',
        referenceValue,
        ratio: value / referenceValue,
        breakdown: [
          `intake ${((1000 * cpuMs) / measured.acknowledged).toFixed(2)} µs CPU a message, publisher ${((1000 * measured.cpuMs) / measured.acknowledged).toFixed(2)} µs`,
          `${(measured.acknowledged / groups).toFixed(0)} messages a group, ${(measured.elapsedMs / groups).toFixed(2)} ms a group (write + fdatasync)`,
          `${CONNECTIONS} connections, ${WINDOW} in flight each`,
          ...shares.map(({ label, share }) => `${(100 * share).toFixed(0)} % ${label}`),
        ],
      },
    ];
  } finally {
    await pg.stop();
  }
}

const rate = ({ acknowledged, elapsedMs }: PublisherResult): number => (1000 * acknowledged) / elapsedMs;

async function registerPublishers(pg: TestDatabase): Promise<PublisherTask['connections']> {
  await pg.asOwner('insert into tenant (id, slug, name, created_at) values ($1, $2, $2, now())', [pg.tenantId, SLUG]);
  const registry = createDeviceRegistry({ db: pg.db, clock });
  const devices = Array.from({ length: CONNECTIONS }, (_, index) => ({
    name: `motor-${index}`,
    kind: 'device' as const,
  }));
  const issued = await registry.register(pg.tenantId, devices);
  return issued.map(({ name, username, secret }) => ({ username, secret, topic: `fl/1/${SLUG}/${name}/telemetry` }));
}

async function withSpool<T>(work: (spool: Spool) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'faultline-bench-'));
  const spool = await openSpool({ directory, limitBytes: 16 * 1024 ** 3, clock, log });
  // As in the product, where shipping follows at once: what is durable is soon trimmed.
  const stopTrimming = spool.onDurable((durable) => void spool.trim(durable));
  try {
    return await work(spool);
  } finally {
    stopTrimming();
    await spool.close();
    await rm(directory, { recursive: true });
  }
}

async function measureFront(pg: TestDatabase, spool: Spool, connections: PublisherTask['connections']) {
  const config = {
    MQTT_HOST: '127.0.0.1',
    MQTT_PORT: 0,
    MQTT_MAX_PACKET_BYTES: 4 << 20,
    SPARKPLUG_HOST_ID: 'faultline',
    MQTT_VENDOR_TENANT: 'default',
  };
  const intake = createIntake({ id: spool.id, config, clock, log, db: pg.db, metrics: new Registry(), spool });
  await intake.start();
  const port = intake.port();
  try {
    await publish({ port, connections, window: WINDOW, durationMs: WARM_UP_MS });
    const { groupsCommitted: groupsBefore, recordsAppended: recordsBefore } = spool.statistics();
    const cpuBefore = process.cpuUsage();
    const measured = await publish({ port, connections, window: WINDOW, durationMs: MEASURED_MS });
    const { user, system } = process.cpuUsage(cpuBefore);
    const { groupsCommitted, recordsAppended } = spool.statistics();
    const groups = groupsCommitted - groupsBefore;
    if (recordsAppended - recordsBefore < measured.acknowledged)
      throw new Error(`${measured.acknowledged} acknowledged, ${recordsAppended - recordsBefore} records in the spool`);
    const profiled = { port, connections, window: WINDOW, durationMs: PROFILED_MS };
    const shares = await cpuShares(() => publish(profiled), stageOf);
    return { measured, groups, cpuMs: (user + system) / 1000, shares };
  } finally {
    await intake.stop();
  }
}

async function measurePlain(pg: TestDatabase, spool: Spool, connections: PublisherTask['connections']) {
  const directory = new DeviceDirectory({ db: pg.db, clock, log });
  const presence = new PresenceBoard({ db: pg.db, clock, log });
  const plain = await startPlainAedes({ spool, directory, presence, clock });
  try {
    await publish({ port: plain.port, connections, window: WINDOW, durationMs: WARM_UP_MS });
    return await publish({ port: plain.port, connections, window: WINDOW, durationMs: MEASURED_MS });
  } finally {
    await plain.stop();
  }
}

function publish(task: PublisherTask): Promise<PublisherResult> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'intakePublisher.ts'), { execArgv: [] });
    let result: PublisherResult | null = null;
    child.on('message', (message) => {
      result = message as PublisherResult;
    });
    child.on('error', reject);
    child.on('exit', (code) => (result ? resolve(result) : reject(new Error(`the publisher ended with code ${code}`))));
    child.send(task);
  });
}

/** The stage of the intake that a sampled function belongs to. */
function stageOf({ url, functionName }: { url: string; functionName: string }): string {
  if (functionName === '(idle)') return 'idle';
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (/ingest\/decode\//.test(url)) return 'parsing the JSON and counting units';
  if (/ingest\/spool\/record|crc32|zlib/.test(`${url} ${functionName}`)) return 'encoding the record and its checksums';
  if (/ingest\/spool\//.test(url)) return 'spool';
  if (/ingest\/front\/(packetReader|connection|targets)/.test(url)) return 'framing, topic permission';
  if (/ingest\/front\/acknowledger/.test(url)) return 'acknowledgements';
  if (/ingest\//.test(url)) return 'the rest of ingest';
  if (/writev|writeBuffer|writeLatin1String|writeUtf8String/.test(functionName))
    return 'socket and file writes (system calls)';
  if (functionName === '(program)') return 'system calls and event loop (native)';
  return 'Node’s streams and timers';
}
