import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { readLedger } from '../../../simulators/attach/index.ts';
import type { FaultCase } from '../faultCase.ts';
import { loadedOnInflux, ON_INFLUX, untilHeld } from '../onInflux.ts';
import { drain } from './storeRefuses.ts';

const RATE = 1000;
/** Two that write and four that ask: a long pause meets the roll-ups and the clearing of what has expired, too. */
const MOST_SOCKETS = 6;
const MEMORY_MIB = 300;

export const influxGone: FaultCase = {
  ...ON_INFLUX,
  id: '6',
  title: 'InfluxDB is killed at 1,000 messages a second, and started again',
  run: async (rig) => {
    const goneMs = rig.pick(6_000, 600_000);
    const run = await loadedOnInflux(rig, { devices: 10, ratePerSecond: RATE });
    await run.acknowledged(RATE);
    await run.engine.kill();
    await untilHeld(run, true);
    rig.tell(`gone for ${goneMs / 1000} s`);
    await pause(goneMs);
    const held = await readLedger(run.api, false);
    await run.engine.restart();
    const { drainedMs, perSecond } = await drain(rig, run.api, held.stored, goneMs);
    assert.ok(held.pending > (RATE * goneMs) / 2000, `only ${held.pending} were held`);
    const row = await run.verdict({
      ...{ case: '6', injected: `InfluxDB killed for ${goneMs / 1000} s at 1,000/s`, slowestRecoveryMs: drainedMs },
      note: `held ${held.pending}, drained at ${Math.round(perSecond)}/s`,
    });
    assert.ok(perSecond > rig.pick(1, 5) * RATE, `drained at only ${Math.round(perSecond)} a second`);
    return row;
  },
};

export const influxPaused: FaultCase = {
  ...ON_INFLUX,
  id: '7',
  title: 'InfluxDB is paused (SIGSTOP): sockets and memory stay bounded',
  run: async (rig) => {
    const pausedMs = rig.pick(8_000, 300_000);
    const run = await loadedOnInflux(rig, { devices: 10, ratePerSecond: RATE });
    // What is compared with is the process at work, not one that has just started.
    await run.acknowledged(rig.pick(1, 60) * RATE, 120_000);
    const memoryBefore = run.residentMiB();
    const port = Number(new URL(run.proxy.url).port);
    process.kill(run.engine.pid()!, 'SIGSTOP');
    let memoryPeak = 0;
    let mostSockets = 0;
    for (let waitedMs = 0; waitedMs < pausedMs; waitedMs += 500) {
      await pause(500);
      memoryPeak = Math.max(memoryPeak, run.residentMiB());
      // Connections that were idle when it stopped are given up after some seconds.
      if (waitedMs > 5_000) mostSockets = Math.max(mostSockets, socketsTo(run.platform.child.pid, port));
    }
    const held = await readLedger(run.api, false);
    process.kill(run.engine.pid()!, 'SIGCONT');
    const { drainedMs } = await drain(rig, run.api, held.stored, pausedMs);
    const row = await run.verdict({
      ...{ case: '7', injected: `SIGSTOP for ${pausedMs / 1000} s at 1,000/s`, slowestRecoveryMs: drainedMs },
      note: `${mostSockets} sockets at most, memory +${Math.round(memoryPeak - memoryBefore)} MiB`,
    });
    assert.ok(mostSockets <= MOST_SOCKETS, `${mostSockets} sockets to the paused InfluxDB`);
    assert.ok(memoryPeak - memoryBefore < MEMORY_MIB, `memory rose from ${memoryBefore} to ${memoryPeak} MiB`);
    return row;
  },
};

/** Connections of a process to a port of this machine, as the kernel has them. */
function socketsTo(pid: number, port: number): number {
  const own = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [/socket:\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? ''];
      } catch {
        return []; // closed while we looked
      }
    }),
  );
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[2]?.endsWith(remote) && own.has(fields[9] ?? '-')).length;
}
