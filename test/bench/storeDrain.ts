import type { TestDatabase } from '../engines/postgres.ts';
import { type Accepted, ingestBench } from '../fixtures/ingestBench.ts';
import { cpuShares } from './cpuShares.ts';
import type { BenchRow } from './row.ts';

const READINGS = 100_000;
const READINGS_A_MESSAGE = 5;
const DRAIN_GOAL = 20_000;
const LATENCY_GOAL_MS = 20;
const LATENCY_SAMPLES = 200;

/**
 * How fast a full spool drains into the stores while the feed runs beside it, and how soon analytics hears of a message.
 * Beside the first: PostgreSQL alone, the same readings into a bare table in statements of the same size.
 */
export async function bench(): Promise<BenchRow[]> {
  const rig = await ingestBench();
  try {
    const start = Date.now() - 3_600_000;
    for (let seq = 0; seq < READINGS / READINGS_A_MESSAGE; seq += 1000) {
      await rig.accept(Array.from({ length: 1000 }, (_, i) => message(seq + i, start)));
    }
    let drainMs = 0;
    const shares = await cpuShares(async () => {
      const began = performance.now();
      await rig.stores.start();
      await rig.drained();
      drainMs = performance.now() - began;
    }, stageOf);
    const { stored, storedCount, balanced } = await rig.stores.ledger(rig.pg.tenantId);
    if (stored !== READINGS || storedCount !== READINGS || !balanced)
      throw new Error('the readings were not all stored');
    const bareRate = await bareInserts(rig.pg);
    const rate = (READINGS / drainMs) * 1000;

    const latencies: number[] = [];
    for (let i = 0; i < LATENCY_SAMPLES; i++) {
      const nudged = rig.nudges.length;
      await rig.accept([message(READINGS + i, start)]);
      const durableAt = performance.now();
      while (rig.nudges.length === nudged) await new Promise((resolve) => setImmediate(resolve));
      latencies.push(rig.nudges[nudged]!.atMs - durableAt);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const latencyMs = latencies.sort((a, b) => a - b)[LATENCY_SAMPLES / 2]!;
    const commitMs = await bareCommit(rig.pg);
    return [
      {
        name: 'store-drain',
        value: rate,
        unit: 'readings/s',
        better: 'higher',
        goal: DRAIN_GOAL,
        reference:
          'the same number of readings by plain INSERT … SELECT unnest into a bare table, nothing else running',
        referenceValue: bareRate,
        ratio: rate / bareRate,
        breakdown: shares.map(({ label, share }) => `${label}: ${Math.round(share * 100)} % of this process`),
      },
      {
        name: 'feed-latency',
        value: latencyMs,
        unit: 'ms',
        better: 'lower',
        goal: LATENCY_GOAL_MS,
        reference: 'one INSERT of a row and its commit on the same server',
        referenceValue: commitMs,
        ratio: commitMs / latencyMs,
      },
    ];
  } finally {
    await rig.stop();
  }
}

function message(seq: number, startMs: number): Accepted {
  const values = Object.fromEntries(Array.from({ length: READINGS_A_MESSAGE }, (_, i) => [`point-${i}`, seq + i / 10]));
  return { device: `press-${seq % 200}`, payload: { boot: 'b', seq, time: startMs + seq, values } };
}

function stageOf({ url, functionName }: { url: string; functionName: string }): string {
  if (functionName === '(idle)') return 'idle';
  const [, folder] = /\/ingest\/([a-z]+)\//.exec(url) ?? [];
  if (folder) return folder;
  if (url.includes('/pg')) return 'database driver';
  return /\/ingest\//.test(url) ? 'units, identity' : 'runtime, collector';
}

async function bareInserts(pg: TestDatabase): Promise<number> {
  const batch = 5000;
  await pg.asOwner('create table bare (device text, point text, time_ns bigint, value double precision)');
  const rows = Array.from({ length: batch }, (_, i) => i);
  const arrays = [rows.map((i) => `press-${i % 200}`), rows.map((i) => `point-${i % 5}`), rows, rows];
  const began = performance.now();
  for (let done = 0; done < READINGS; done += batch) {
    await pg.asOwner('insert into bare select * from unnest($1::text[], $2::text[], $3::int8[], $4::float8[])', arrays);
  }
  return (READINGS / (performance.now() - began)) * 1000;
}

async function bareCommit(pg: TestDatabase): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < LATENCY_SAMPLES; i++) {
    const began = performance.now();
    await pg.asOwner(`insert into bare values ('press-1', 'point-1', $1, 1)`, [i]);
    took.push(performance.now() - began);
  }
  return took.sort((a, b) => a - b)[LATENCY_SAMPLES / 2]!;
}
