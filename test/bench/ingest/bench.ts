import type { BenchRow } from '../row.ts';
import { type Contender, faultline, telegraf, telegrafVersion } from './contender.ts';
import { type Loss, latency, lossOf, type Throughput, throughput } from './measure.ts';

/** INGEST_MESSAGES: how many each contender takes; INGEST_ONLY: names' beginnings, to look at one alone. */
const MESSAGES = Number(process.env.INGEST_MESSAGES ?? 300_000);
const ONLY = process.env.INGEST_ONLY?.split(',');
const GOALS = { storedPerSecond: 50_000, cpuSecondsPerMillion: 18 };
const ROLES = ['broker', 'consumer', 'InfluxDB', 'PostgreSQL', 'publishers'] as const;

interface Result {
  name: string;
  measured: Throughput;
  latency: { p50Ms: number; p99Ms: number };
  losses: Partial<Record<string, Loss>>;
}

/**
 * From a publisher's PUBLISH to a query of InfluxDB, three ways, one after the other: the same publishers, users, rights,
 * payloads and machine.
 */
export async function bench(): Promise<BenchRow[]> {
  const makers: [string, () => Promise<Contender>][] = [
    ['embedded', () => faultline(false)],
    ['mosquitto', () => faultline(true)],
    ...(telegrafVersion() ? ([['telegraf', telegraf]] as [string, () => Promise<Contender>][]) : []),
  ];
  if (!telegrafVersion()) console.log('no Telegraf here: test/bench/ingest/buildTelegraf.sh builds it\n');
  const results: Result[] = [];
  for (const [key, make] of makers) {
    if (ONLY && !ONLY.some((wanted) => key.startsWith(wanted))) continue;
    results.push(await resultOf(await make()));
  }
  console.log(`${tableOf(results)}\n`);
  return rowsOf(results);
}

async function resultOf(contender: Contender): Promise<Result> {
  try {
    const say = (what: string) => process.stderr.write(`${contender.name}: ${what}\n`);
    say(`${MESSAGES} messages`);
    const measured = await throughput(contender, MESSAGES);
    say('latency');
    const took = await latency(contender);
    const losses: Result['losses'] = {};
    for (const part of contender.parts) {
      say(`${part} killed`);
      losses[part] = await lossOf(contender, part);
    }
    return { name: contender.name, measured, latency: took, losses };
  } finally {
    await contender.stop();
  }
}

/** Of all that a site has to run; the publishers' share is told apart. */
function cpuOf({ cpuSecondsPerMillion }: Throughput): number {
  return ROLES.reduce((sum, role) => sum + (role === 'publishers' ? 0 : (cpuSecondsPerMillion[role] ?? 0)), 0);
}

function tableOf(results: readonly Result[]): string {
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  const lines: [string, (result: Result) => string][] = [
    ['messages = samples stored', ({ measured }) => whole(measured.stored)],
    ['acknowledged a second', ({ measured }) => whole(measured.acknowledgedPerSecond)],
    ['found by a query, a second', ({ measured }) => whole(measured.storedPerSecond)],
    ['CPU s per million, all but publishers', ({ measured }) => cpuOf(measured).toFixed(1)],
    ...ROLES.map((role): [string, (result: Result) => string] => [
      `  ${role}`,
      ({ measured }) => measured.cpuSecondsPerMillion[role]?.toFixed(1) ?? '–',
    ]),
    ...ROLES.slice(0, 4).map((role): [string, (result: Result) => string] => [
      `RSS at most, MiB: ${role}`,
      ({ measured }) => (measured.residentMiB[role] === undefined ? '–' : whole(measured.residentMiB[role])),
    ]),
    ['publish to query, ms: p50', ({ latency: { p50Ms } }) => whole(p50Ms)],
    ['publish to query, ms: p99', ({ latency: { p99Ms } }) => whole(p99Ms)],
    ...['consumer', 'InfluxDB', 'broker'].map((part): [string, (result: Result) => string] => [
      `lost of acknowledged, ${part} killed`,
      ({ losses: { [part]: loss } }) => (loss ? `${whole(loss.lost)} of ${whole(loss.acknowledged)}` : '–'),
    ]),
  ];
  const rows = [['', ...results.map(({ name }) => name)], ...lines.map(([label, of]) => [label, ...results.map(of)])];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
    )
    .join('\n');
}

function rowsOf(results: readonly Result[]): BenchRow[] {
  const reference = results.find(({ name }) => name.includes('Telegraf'));
  if (!reference) return [];
  return results
    .filter((result) => result !== reference)
    .flatMap(({ name, measured }): BenchRow[] => [
      {
        ...{
          name: `ingest: ${name}, found by a query`,
          unit: 'samples/s',
          better: 'higher',
          goal: GOALS.storedPerSecond,
        },
        ...{ value: measured.storedPerSecond, reference: reference.name },
        referenceValue: reference.measured.storedPerSecond,
        ratio: measured.storedPerSecond / reference.measured.storedPerSecond,
      },
      {
        ...{ name: `ingest: ${name}, CPU`, unit: 's per million stored', better: 'lower' },
        ...{ goal: GOALS.cpuSecondsPerMillion, value: cpuOf(measured), reference: reference.name },
        referenceValue: cpuOf(reference.measured),
        ratio: cpuOf(reference.measured) / cpuOf(measured),
      },
    ]);
}
