import { influxIn } from './engines.ts';
import { type CopyProgress, type CopyReport, copyHistory } from './ingest/index.ts';
import { migrations } from './main.ts';
import { type Clock, ConfigError, createLog, endWith, loadConfig, openGround, systemClock } from './platform/index.ts';

const USAGE = `Usage: npm run telemetry:copy

Copies the telemetry that PostgreSQL holds into the InfluxDB of INFLUX_URL, and proves that both hold the same, by count
and checksum per series and day. Killed and run again, it goes on where it was. It exits with 1 and names each series and
day that differ. Settings are those of the platform; with the embedded PostgreSQL, stop the platform first.`;

const TELL_EVERY_MS = 1_000;

/** Says how far it is, at most once a second. */
function teller(clock: Clock): (progress: CopyProgress) => void {
  let phase = '';
  let began = { atMs: 0, done: 0 };
  let toldMs = 0;
  return ({ phase: now, done, total, at }) => {
    const nowMs = clock.nowMs();
    if (now !== phase) {
      phase = now;
      began = { atMs: nowMs, done };
      toldMs = 0;
    }
    if (nowMs - toldMs < TELL_EVERY_MS) return;
    toldMs = nowMs;
    const rate = ((done - began.done) / Math.max(1, nowMs - began.atMs)) * 1000;
    const left = rate > 0 ? `about ${Math.ceil((total - done) / rate)} s left` : 'time left unknown';
    const percent = total > 0 ? Math.floor((100 * done) / total) : 100;
    const day = new Date(Number(at.dayNs / 1_000_000n)).toISOString().slice(0, 10);
    console.error(
      `${phase} ${done} of ${total} readings (${percent} %), ${Math.round(rate)}/s, ${left}; ${at.device}/${at.point} of ${day}`,
    );
  };
}

function summary(report: CopyReport): string[] {
  const dayOf = (ns: bigint) => new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 10);
  const lines = report.refused.map(
    ({ day, timeNs, reason }) =>
      `refused: tenant ${day.tenantId}, ${day.device}/${day.point}, ${dayOf(day.dayNs)}, reading at ${timeNs}: ${reason}`,
  );
  for (const { day, comparison } of report.differences) {
    const { source, target, firstDifferenceNs } = comparison;
    lines.push(
      `differs: tenant ${day.tenantId}, ${day.device}/${day.point}, ${dayOf(day.dayNs)}: ${source.readings} readings in PostgreSQL (${source.checksum.slice(0, 12)}), ${target.readings} in InfluxDB (${target.checksum.slice(0, 12)}), first at ${firstDifferenceNs} ns`,
    );
  }
  const equal = report.seriesDays - report.differences.length;
  lines.push(
    `${report.readings} readings of ${report.days} days: ${report.copied} copied, ${report.skipped} there before; ${equal} of ${report.seriesDays} series and days are equal; ${report.newer} newer readings in InfluxDB alone`,
  );
  if (report.differences.length > 0)
    lines.push(
      'Readings that still arrive in PostgreSQL make the present day differ: let the platform store in InfluxDB (INFLUX_URL), then run this again.',
    );
  return lines;
}

/** Copies and proves; the process's exit code. */
async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  const config = loadConfig(process.env);
  if (config.INFLUX_URL === undefined)
    throw new ConfigError(['INFLUX_URL: name the InfluxDB that the history is to be copied to']);
  const log = createLog(config.LOG_LEVEL);
  const clock = systemClock();
  const ground = await openGround(config, { clock, log, migrations, fatal: (reason) => console.error(reason) });
  const target = influxIn(config, { db: ground.db, clock, log })!;
  try {
    const report = await copyHistory({
      ...{ db: ground.db, target, clock, told: teller(clock) },
      targetName: `${config.INFLUX_URL} ${config.INFLUX_ORG} ${config.INFLUX_BUCKET}`,
    });
    for (const line of summary(report)) console.log(line);
    return report.differences.length + report.refused.length > 0 ? 1 : 0;
  } finally {
    await target.close();
    await ground.close();
  }
}

if (import.meta.main) {
  main().then(
    (code) => process.exit(code),
    (error: unknown) => endWith(error, 2),
  );
}
