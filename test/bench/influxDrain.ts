import { startInfluxdb } from '../engines/influxdb.ts';
import { type Accepted, ingestBench } from '../fixtures/ingestBench.ts';
import { cpuShares } from './cpuShares.ts';
import { cpuSecondsOf, cpuSecondsOfTree, parentOf } from './processCpu.ts';
import type { BenchRow } from './row.ts';

const READINGS = 500_000;
const READINGS_A_MESSAGE = 5;
const DEVICES = 1000;
const RATE_GOAL = 50_000;
/** Of 18 for the whole path: what the front, the publishers and the broker need is not in here. */
const CPU_GOAL = 15;
const LINES_A_REQUEST = 5_000;

/**
 * How fast a full spool drains into InfluxDB while the feed runs beside it, and what CPU that takes of everybody: this
 * process, PostgreSQL, InfluxDB. Beside it: InfluxDB alone, given the same values as bare lines by one client.
 */
export async function bench(): Promise<BenchRow[]> {
  const engine = await startInfluxdb();
  const rig = await ingestBench({ influx: engine });
  try {
    const start = Date.now() - 3_600_000;
    for (let seq = 0; seq < READINGS / READINGS_A_MESSAGE; seq += 1000)
      await rig.accept(Array.from({ length: 1000 }, (_, i) => message(seq + i, start)));
    const [backend] = await rig.pg.asOwner<{ pid: number }>('select pg_backend_pid() as pid');
    const postmaster = parentOf(backend!.pid);
    const used = () => [process.cpuUsage(), cpuSecondsOfTree(postmaster), cpuSecondsOf(engine.pid()!)] as const;
    const [ownBefore, postgresBefore, influxBefore] = used();
    let drainMs = 0;
    const shares = await cpuShares(async () => {
      const began = performance.now();
      await rig.stores.start();
      await rig.drained();
      drainMs = performance.now() - began;
    }, stageOf);
    const [own, postgres, influx] = used();
    const { stored, storedCount, balanced } = await rig.stores.ledger(rig.pg.tenantId);
    if (stored !== READINGS || storedCount !== READINGS || !balanced)
      throw new Error('the readings were not all stored');
    const seconds = {
      'this process': (own.user + own.system - ownBefore.user - ownBefore.system) / 1e6,
      PostgreSQL: postgres - postgresBefore,
      InfluxDB: influx - influxBefore,
    };
    const million = (cpuSeconds: number) => (cpuSeconds / READINGS) * 1e6;
    const total = million(Object.values(seconds).reduce((sum, one) => sum + one, 0));
    const bare = await bareLines(engine);
    const rate = (READINGS / drainMs) * 1000;
    return [
      {
        ...{ name: 'influx-drain', value: rate, unit: 'readings/s', better: 'higher', goal: RATE_GOAL },
        reference: `bare lines of the same values, ${LINES_A_REQUEST} a request over two connections, nothing else running`,
        ...{ referenceValue: bare.rate, ratio: rate / bare.rate },
        breakdown: shares.map(({ label, share }) => `${label}: ${Math.round(share * 100)} % of this process`),
      },
      {
        ...{ name: 'influx-drain-cpu', value: total, unit: 'CPU s/million', better: 'lower', goal: CPU_GOAL },
        reference: 'InfluxDB alone for the bare lines',
        ...{ referenceValue: million(bare.cpuSeconds), ratio: million(bare.cpuSeconds) / total },
        breakdown: Object.entries(seconds).map(([who, s]) => `${who}: ${million(s).toFixed(1)} CPU s/million`),
      },
    ];
  } finally {
    await rig.stop();
    await engine.stop();
  }
}

function message(seq: number, startMs: number): Accepted {
  const values = Object.fromEntries(Array.from({ length: READINGS_A_MESSAGE }, (_, i) => [`point-${i}`, seq + i / 10]));
  return { device: `press-${seq % DEVICES}`, payload: { boot: 'b', seq, time: startMs + seq, values } };
}

function stageOf({ url, functionName }: { url: string; functionName: string }): string {
  if (functionName === '(idle)') return 'idle';
  if (process.env.BENCH_FUNCTIONS) return `${functionName} ${url.replace(/.*\//, '')}`;
  const [, folder] = /\/ingest\/([a-z]+(?:\/(?:influx|postgres))?)\//.exec(url) ?? [];
  if (folder) return folder;
  if (url.includes('/pg')) return 'database driver';
  if (url.includes('undici')) return 'HTTP client';
  return /\/ingest\//.test(url) ? 'units, identity' : 'runtime, collector';
}

/** What InfluxDB does by itself, without identities, receipts and everything else that is told of a reading. */
async function bareLines(engine: { url: string; org: string; token: string; pid(): number | null }) {
  const headers = { authorization: `Token ${engine.token}` };
  const startNs = BigInt(Date.now() - 7_200_000) * 1_000_000n;
  let next = 0;
  const writer = async () => {
    while (next < READINGS) {
      const from = next;
      next += LINES_A_REQUEST;
      let body = '';
      for (let i = from; i < Math.min(from + LINES_A_REQUEST, READINGS); i++)
        body += `bare,device=press-${i % DEVICES},point=p value=${i / 10} ${startNs + BigInt(i) * 1000n}\n`;
      const url = `${engine.url}/api/v2/write?org=${engine.org}&bucket=unused&precision=ns`;
      const answer = await fetch(url, { method: 'POST', headers, body });
      if (answer.status !== 204) throw new Error(`InfluxDB answered ${answer.status}`);
    }
  };
  const cpuBefore = cpuSecondsOf(engine.pid()!);
  const began = performance.now();
  await Promise.all([writer(), writer()]);
  return {
    rate: (READINGS / (performance.now() - began)) * 1000,
    cpuSeconds: cpuSecondsOf(engine.pid()!) - cpuBefore,
  };
}
