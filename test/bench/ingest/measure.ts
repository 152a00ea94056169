import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import mqtt from 'mqtt';
import {
  auditJournal,
  type FoundSample,
  PubackJournal,
  readJournal,
  startLoad,
} from '../../../simulators/load/index.ts';
import type { Contender, Part } from './contender.ts';
import { type Measured, usageOf } from './processes.ts';
import type { PublishResult, PublishTask } from './publisher.ts';

const WINDOW = 512;
const PATIENCE_MS = 120_000;
const POLL_MS = 250;
const PROBES = 60;
const PROBE_LOAD_PER_SECOND = 2_000;
const LOSS_RATE_PER_SECOND = 1_000;

export interface Throughput {
  acknowledgedPerSecond: number;
  /** From the first message until a query finds the last. */
  storedPerSecond: number;
  stored: number;
  cpuSecondsPerMillion: Partial<Record<Measured['role'], number>>;
  residentMiB: Partial<Record<Measured['role'], number>>;
}

/** As fast as messages are acknowledged, until a query finds them all. */
export async function throughput(contender: Contender, messages: number): Promise<Throughput> {
  const warmUp = await run(contender, Math.ceil(messages / 10), null); // connections, caches, shards, partitions
  await found(contender, warmUp.acknowledged);
  const before = usageOf(contender.processes());
  const residentBytes = new Map<Measured['role'], number>();
  const watch = setInterval(() => {
    for (const [role, usage] of usageOf(contender.processes()))
      residentBytes.set(role, Math.max(residentBytes.get(role) ?? 0, usage.residentBytes));
  }, 500);
  const already = await count(contender);
  const startedMs = performance.now();
  const published = await run(contender, messages, null);
  const stored = (await found(contender, already + published.acknowledged)) - already;
  const elapsedSeconds = (performance.now() - startedMs) / 1000;
  clearInterval(watch);
  const after = usageOf(contender.processes());
  const perMillion = (seconds: number): number => (seconds / stored) * 1e6;
  const cpuSecondsPerMillion: Throughput['cpuSecondsPerMillion'] = { publishers: perMillion(published.cpuMs / 1000) };
  for (const [role, { cpuSeconds }] of after)
    cpuSecondsPerMillion[role] = perMillion(cpuSeconds - before.get(role)!.cpuSeconds);
  return {
    acknowledgedPerSecond: (1000 * published.acknowledged) / published.elapsedMs,
    storedPerSecond: stored / elapsedSeconds,
    stored,
    cpuSecondsPerMillion,
    residentMiB: Object.fromEntries([...residentBytes].map(([role, bytes]) => [role, bytes / 2 ** 20])),
  };
}

/** Milliseconds from publishing to being found by a query, at a moderate load: median and the 99th of a hundred. */
export async function latency(contender: Contender): Promise<{ p50Ms: number; p99Ms: number }> {
  const device = contender.devices[0]!;
  const client = await mqtt.connectAsync(contender.mqttUrl, {
    ...{ username: device.username, password: device.password, clientId: 'bench-probe' },
  });
  const load = run(contender, PROBES * 400, PROBE_LOAD_PER_SECOND);
  const tookMs: number[] = [];
  for (let probe = 0; probe < PROBES; probe++) {
    const time = BigInt(Date.now()) * 1_000_000n;
    const sample = `{"boot":"probe","seq":${probe},"time":"${time}","samples":[{"point":"probe","value":${probe}}]}`;
    const startedMs = performance.now();
    await client.publishAsync(device.topic, sample, { qos: 1 });
    const statement = `SELECT "value" FROM "reading" WHERE "point" = 'probe' AND time = ${time}`;
    while ((await contender.query(statement)).length === 0) {
      if (performance.now() - startedMs > PATIENCE_MS) throw new Error(`${contender.name}: a probe was never found`);
      await pause(5);
    }
    tookMs.push(performance.now() - startedMs);
  }
  await client.endAsync();
  await load;
  tookMs.sort((a, b) => a - b);
  return { p50Ms: tookMs[PROBES >> 1]!, p99Ms: tookMs[Math.ceil(0.99 * PROBES) - 1]! };
}

export interface Loss {
  acknowledged: number;
  lost: number;
}

/** Kills one part under load, brings it back, lets everything drain and compares with the publishers' journal. */
export async function lossOf(contender: Contender, part: Part): Promise<Loss> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-journal-'));
  const path = join(folder, 'journal');
  const journal = new PubackJournal(path);
  try {
    const { mqttUrl, devices } = contender;
    const load = await startLoad({ mqttUrl, devices, journal, ratePerSecond: LOSS_RATE_PER_SECOND, seed: part });
    await pause(2_000);
    await contender.kill(part);
    await pause(2_000);
    await contender.restart(part);
    await pause(2_000);
    await load.stop(30_000);
    journal.close();
    await standsStill(contender);
    const { acknowledged, lost } = await auditJournal(path, foundOf(contender, path));
    return { acknowledged, lost };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function* foundOf(contender: Contender, journalPath: string): AsyncGenerator<FoundSample> {
  const sent = new Map<string, { boot: string; seq: number }>();
  for await (const { device, boot, seq, timeNs } of readJournal(journalPath))
    sent.set(`${device} ${timeNs}`, { boot, seq });
  for (const { name } of contender.devices) {
    for (const [time, value] of await contender.query(
      `SELECT "value" FROM "reading" WHERE "device" = '${name}' AND "point" = 'load-0'`,
    )) {
      const known = sent.get(`${name} ${time}`);
      if (known) yield { device: name, ...known, index: 0, value: value as number };
    }
  }
}

async function count(contender: Contender): Promise<number> {
  const rows = await contender.query(`SELECT count("value") FROM "reading" WHERE "point" = 'load-0'`);
  return Number(rows[0]?.[1] ?? 0);
}

async function found(contender: Contender, wanted: number): Promise<number> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  let before: { count: number; atMs: number } | null = null;
  for (;;) {
    const now = await count(contender);
    if (now >= wanted) return now;
    const atMs = performance.now();
    const aMillisecond: number = before === null ? 0 : (now - before.count) / (atMs - before.atMs);
    before = { count: now, atMs };
    if (Date.now() > deadlineMs) {
      process.stderr.write(`${contender.name}: ${wanted - now} of ${wanted} are not found after ${PATIENCE_MS} ms\n`);
      return now;
    }
    // A count of everything is dear, and InfluxDB's part of the bill: it is asked when about half of the rest should be there.
    const leftMs = aMillisecond > 0 ? (wanted - now) / aMillisecond : 0;
    await pause(Math.min(Math.max(POLL_MS, leftMs / 2), 10 * POLL_MS));
  }
}

/** Until nothing more comes for ten seconds. */
async function standsStill(contender: Contender): Promise<void> {
  let before = -1;
  for (let still = 0; still < 5; ) {
    const now = await count(contender).catch(() => -2);
    still = now === before && now >= 0 ? still + 1 : 0;
    before = now;
    await pause(2_000);
  }
}

function run(contender: Contender, messages: number, ratePerSecond: number | null): Promise<PublishResult> {
  const task: PublishTask = {
    ...{ port: Number(new URL(contender.mqttUrl).port), messages, window: WINDOW, ratePerSecond },
    connections: contender.devices.map(({ username, password, topic }) => ({ username, password, topic })),
    firstTimeNs: String(BigInt(Date.now()) * 1_000_000n),
  };
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'publisher.ts'), { execArgv: [] });
    let result: PublishResult | null = null;
    child.on('message', (message) => {
      result = message as PublishResult;
    });
    child.on('error', reject);
    child.on('exit', (code) => (result ? resolve(result) : reject(new Error(`the publisher ended with code ${code}`))));
    child.send(task);
  });
}
