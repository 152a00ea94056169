import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setup } from '../engines/setup.ts';
import { FAULT_CASES } from './cases/index.ts';
import type { StartStore } from './faultCase.ts';
import { drawFigure } from './figure/main.ts';
import { type CaseResult, nameOf, runCase } from './runCase.ts';
import { STORES } from './stores.ts';
import { tableOf } from './table.ts';

const USAGE = `Usage: npm run faults [-- options]
  --long        as the promises word it (hours); without: the short form that CI runs (about five minutes)
  --case LIST   only these, e.g. 1,6,13
  --store NAME  postgresql (default) or influxdb, one of each case's own; the figure's default is influxdb
  --seed TEXT   where the faults fall; printed at the end, so that a failing run can be repeated
  --times N     kills and restarts at most so often in a case, where the long form would take too long
  --hours N     goes round all cases again, each round with a seed of its own, until so many hours are over
  --json FILE   the rows, too, as JSON
  --evidence D  where the folder of a failing case is kept (its journal, spool, database); default: the system's /tmp
  --figure      ten minutes at 5,000 messages a second, the store gone from minute 2 to 6; draws docs/figures/outage.png
  --seconds N   of the figure, instead of 600
  --list        says what there is
Exit code 1 when a single acknowledged sample is lost or doubled, or another promise does not hold.`;

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    case: { type: 'string' },
    seed: { type: 'string', default: String(Date.now()) },
    times: { type: 'string' },
    hours: { type: 'string' },
    store: { type: 'string' },
    json: { type: 'string' },
    evidence: { type: 'string' },
    figure: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '600' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else if (values.list) for (const one of FAULT_CASES) console.log(`${nameOf(one).padEnd(16)} ${one.title}`);
else if (values.store !== undefined && !STORES[values.store]) console.error(USAGE);
else if (values.figure) process.exitCode = await figure();
else process.exitCode = await main();

async function figure(): Promise<number> {
  const stopServer = await setup();
  try {
    const folder = values.seconds === '600' ? join(import.meta.dirname, '../../docs/figures') : tmpdir();
    return await drawFigure({
      seconds: Number(values.seconds),
      seed: values.seed,
      folder,
      store: storeNamed('influxdb'),
      tell: progressOf('outage'),
    });
  } finally {
    await stopServer?.();
  }
}

async function main(): Promise<number> {
  const wanted = values.case?.split(',').map((id) => id.trim());
  const unknown = wanted?.filter((id) => !FAULT_CASES.some((one) => one.id === id || nameOf(one) === id)) ?? [];
  const hours = values.hours === undefined ? 0 : Number(values.hours);
  const times = values.times === undefined ? Number.POSITIVE_INFINITY : Number(values.times);
  if (unknown.length > 0 || !(hours >= 0) || !(times > 0)) {
    console.error(unknown.length > 0 ? `no case ${unknown.join(', ')}; --list says what there is` : USAGE);
    return 2;
  }
  const cases = FAULT_CASES.filter((one) => !wanted || wanted.includes(one.id) || wanted.includes(nameOf(one)));
  const stopServer = await setup();
  const results: CaseResult[] = [];
  const endMs = Date.now() + hours * 3_600_000;
  try {
    let round = 0;
    do {
      const seed = round === 0 ? values.seed : `${values.seed}/${round}`;
      for (const one of cases) results.push(...(await runOne(one, seed, times)));
      round++;
    } while (Date.now() < endMs);
  } finally {
    await stopServer?.();
  }
  const failed = results.filter(({ failure }) => failure !== null);
  console.log(`\n${tableOf(results)}\n\nseed ${values.seed}, ${values.long ? 'long' : 'short'} form`);
  for (const { name, failure, evidence } of failed)
    console.log(`\ncase ${name} failed: ${failure}\nevidence: ${evidence}`);
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ seed: values.seed, long: values.long, results }, null, 2)}\n`);
  return failed.length > 0 ? 1 : 0;
}

async function runOne(one: (typeof FAULT_CASES)[number], seed: string, times: number): Promise<CaseResult[]> {
  const name = nameOf(one);
  const lacking = one.lacks?.() ?? null;
  if (lacking !== null) {
    console.log(`case ${name} (${one.title}) does not run here: ${lacking}`);
    return [];
  }
  const progress = progressOf(`case ${name} (${one.title})`);
  const result = await runCase(one, {
    scale: values.long ? 'long' : 'short',
    seed,
    times,
    store: storeNamed('postgresql'),
    tell: progress,
    ...(values.evidence === undefined ? {} : { evidence: values.evidence }),
  });
  progress(`${result.failure === null ? 'holds' : 'FAILED'} after ${(result.elapsedMs / 1000).toFixed(1)} s`, true);
  return [result];
}

function storeNamed(otherwise: string): StartStore {
  return STORES[values.store ?? otherwise]!;
}

/** One line that renews itself on a terminal; elsewhere a line now and then. */
function progressOf(what: string): (progress: string, last?: boolean) => void {
  let toldMs = 0;
  return (progress, last = false) => {
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[2K${what}: ${progress}${last ? '\n' : ''}`);
    else if (last || Date.now() - toldMs > 10_000) {
      toldMs = Date.now();
      console.log(`${what}: ${progress}`);
    }
  };
}
