import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import type { BenchRow } from './row.ts';

/** Every bench by its name; each is loaded only when it runs, so that none pays for another's memory. */
const BENCHES: Readonly<Record<string, () => Promise<{ bench(): Promise<BenchRow[]> }>>> = {
  'intake-qos1': () => import('./intakeQos1.ts'),
  analytics: () => import('./analytics/bench.ts'),
  'radius-100k': () => import('./radius100k.ts'),
  impact: () => import('./impact.ts'),
  'cmdb-import': () => import('./cmdbImport.ts'),
  'cmdb-search': () => import('./cmdbSearch.ts'),
  ingest: () => import('./ingest/bench.ts'),
  'store-drain': () => import('./storeDrain.ts'),
  'read-back': () => import('./readBack.ts'),
  'influx-drain': () => import('./influxDrain.ts'),
  orders: () => import('./orders.ts'),
};

const USAGE = `Usage: npm run bench [-- NAME…] [--json FILE]\nNames: ${Object.keys(BENCHES).join(', ')}`;

const number = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 4 });

function print(row: BenchRow): void {
  const met = row.better === 'higher' ? row.value >= row.goal : row.value <= row.goal;
  console.log(
    `${row.name}: ${number(row.value)} ${row.unit}; goal ${row.better === 'higher' ? '≥' : '≤'} ${number(row.goal)}: ${met ? 'met' : 'MISSED'}`,
  );
  console.log(`  ${number(row.ratio)} × ${row.reference} (${number(row.referenceValue)} ${row.unit}, same run)`);
  for (const line of row.breakdown ?? []) console.log(`  · ${line}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((name) => !(name in BENCHES));
  if (values.help || unknown.length > 0) {
    console.log(unknown.length > 0 ? `No bench named ${unknown.join(', ')}.\n${USAGE}` : USAGE);
    process.exitCode = unknown.length > 0 ? 1 : 0;
    return;
  }
  console.log(
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}\n`,
  );
  const rows: BenchRow[] = [];
  for (const name of positionals.length > 0 ? positionals : Object.keys(BENCHES)) {
    const { bench } = await BENCHES[name]!();
    for (const row of await bench()) {
      print(row);
      rows.push(row);
    }
    console.log();
  }
  if (values.json)
    writeFileSync(
      values.json,
      `${JSON.stringify(
        rows.map(({ breakdown: _, ...row }) => row),
        null,
        2,
      )}\n`,
    );
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
