import { searchCis } from '../../cmdb/asking/search/searchCis.ts';
import { importBody, readBody } from '../../cmdb/import/body.ts';
import { importGraph } from '../../cmdb/import/importGraph.ts';
import { migrations } from '../../cmdb/index.ts';
import { listCis } from '../../cmdb/lookups/ci.ts';
import { currentModel } from '../../cmdb/model/store.ts';
import { createOutbox, outboxMigration, systemClock } from '../../platform/index.ts';
import { testDatabase } from '../engines/postgres.ts';
import { Random } from '../fuzz/random.ts';
import type { BenchRow } from './row.ts';

const CIS = 100_000;
const RUNS = 5;
const GOAL_P95_MS = 50;

const TYPES = ['equipment', 'component', 'server', 'vm', 'database', 'network_device'];
const KINDS = ['pump', 'fan', 'compressor', 'motor', 'gearbox', 'server', 'switch', 'database', 'valve', 'sensor'];
const PLACES = ['cooling', 'feed', 'north', 'south', 'main', 'standby', 'paper', 'steam'];
const CHINESE = ['循环', '冷却', '给水', '凝结', '排污', '主', '备用', '一号', '二号', '三号', '北区', '南区'];
const CHINESE_KINDS = ['水泵', '风机', '压缩机', '电机', '齿轮箱', '服务器', '交换机', '数据库'];
const VENDORS = ['SKF', 'ABB', 'Siemens', '华为', 'Dell'];

/** What people type: rare and frequent words, parts, codes, addresses, types, errors; some match nothing, some tens of thousands. */
const QUESTIONS = [
  ...['循环水泵', '水泵', '号水', '泵', '冷却风机 北区', '服务器', 'skf 二号', '华为'],
  ...[
    'pump',
    'cooling pumps',
    'gearbox south 99',
    'server 512',
    'comprezsor',
    'PUM-500',
    'pum5',
    '10.20',
    '10.20.30',
    'nothing of it',
  ],
];

/** Search in 100k CIs, half of them named in Chinese, each with an address, a serial number, a site and a vendor. */
export async function bench(): Promise<BenchRow[]> {
  const pg = await testDatabase([outboxMigration, ...migrations]);
  try {
    const clock = systemClock();
    const deps = { db: pg.db, outbox: createOutbox(clock, [], () => undefined), clock };
    const rows = await readBody(importBody.parse({ cis: plant() }));
    await importGraph(deps, pg.tenantId, rows, { author: 'bench' }, false);
    const asked = async (text: string) => {
      const start = performance.now();
      const { total } = await pg.db.tenant(pg.tenantId, async (tx) =>
        searchCis(tx, await currentModel(tx), { text, types: null, after: null, limit: 21 }),
      );
      return { ms: performance.now() - start, total };
    };
    const byPart = async (q: string) => {
      const start = performance.now();
      await pg.db.tenant(pg.tenantId, (tx) => listCis(tx, { q, limit: 21 }));
      return performance.now() - start;
    };
    const ours: number[] = [];
    const reference: number[] = [];
    const slowest = new Map<string, string>();
    for (const text of QUESTIONS) await asked(text);
    for (let run = 0; run < RUNS; run++) {
      for (const text of QUESTIONS) {
        const { ms, total } = await asked(text);
        ours.push(ms);
        slowest.set(text, `${text} ${ms.toFixed(1)} ms (${total} found)`);
        reference.push(await byPart(text));
      }
    }
    const [sizes] = await pg.asOwner<{ text: string }>(
      `select pg_size_pretty(pg_total_relation_size('cmdb_search')) || ' beside ' ||
              pg_size_pretty(pg_total_relation_size('cmdb_ci')) || ' of CIs' as text`,
    );
    const p95 = percentile(ours, 0.95);
    return [
      {
        name: 'cmdb-search',
        value: p95,
        unit: 'ms p95',
        better: 'lower',
        goal: GOAL_P95_MS,
        reference: 'part of a key or name by ILIKE, unranked, in the order of keys, same questions in turn',
        referenceValue: percentile(reference, 0.95),
        ratio: Number((percentile(reference, 0.95) / p95).toPrecision(3)),
        breakdown: [
          `${CIS} CIs, ${ours.length} questions: p50 ${percentile(ours, 0.5)} ms, max ${percentile(ours, 1)} ms`,
          `index: ${sizes!.text}`,
          ...slowest.values(),
        ],
      },
    ];
  } finally {
    await pg.stop();
  }
}

function plant(): object[] {
  const random = new Random(7);
  const below = (count: number) => random.below(count);
  const one = (words: readonly string[]) => words[below(words.length)]!;
  return Array.from({ length: CIS }, (_, index) => ({
    key: `${one(KINDS).slice(0, 3).toUpperCase()}-${index}${one(['A', 'B', 'C'])}`,
    type: one(TYPES),
    name:
      index % 2 === 0
        ? `${one(CHINESE)}${one(CHINESE)}${one(CHINESE_KINDS)} ${index % 997}`
        : `${one(PLACES)} ${one(KINDS)} ${index % 997}`,
    attributes: {
      ip: `10.${below(256)}.${below(256)}.${below(256)}`,
      serialNumber: `SN${below(1e9)}`,
      site: one(CHINESE),
      vendor: one(VENDORS),
    },
  }));
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Number(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!.toPrecision(3));
}
