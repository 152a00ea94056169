import { strict as assert } from 'node:assert';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { BreakableStore, FaultCase, FaultRow } from '../faultCase.ts';
import { type Loaded, loaded } from '../loaded.ts';

/** What was seen, one entry a second. */
export interface OutageCourse {
  seconds: number;
  goneAt: number;
  backAt: number;
  /** Second at which nothing but the last second's messages was waiting; NaN: never. */
  drainedAt: number;
  acknowledgedPerSecond: number[];
  storedPerSecond: number[];
  waiting: number[];
  spoolMiB: number[];
  residentMiB: number[];
}

export interface OutageOptions {
  devices: number;
  ratePerSecond: number;
  seconds: number;
  /** Called at the end, also when something did not hold. */
  seen?: (course: OutageCourse, row: FaultRow, storeName: string) => Promise<void>;
}

/** The bound of case 7, a store that answers nothing: batches under way and what the collector has not yet given back. */
const GROWTH_MIB = 300;

/** So many seconds under load; the store is gone from a fifth of them to three fifths. */
export function outage(options: OutageOptions): Pick<FaultCase, 'title' | 'run'> {
  const { devices, ratePerSecond, seconds } = options;
  const [goneAt, backAt] = [Math.round(seconds / 5), Math.round((seconds * 3) / 5)];
  return {
    title: `${seconds} s at ${ratePerSecond} messages a second of ${devices} devices, the store gone from ${goneAt} to ${backAt} s`,
    run: async (rig) => {
      const { store } = rig;
      const run = await loaded(rig, { devices, ratePerSecond });
      const course = await watch(run, store, options, goneAt, backAt, rig.tell);
      const row = await run.verdict({
        ...{ case: 'outage', injected: `${store.name} gone ${backAt - goneAt} of ${seconds} s at ${ratePerSecond}/s` },
        slowestRecoveryMs: Number.isNaN(course.drainedAt) ? null : (course.drainedAt - backAt) * 1000,
      });
      await options.seen?.(course, row, store.name);
      const settledMiB = highest(course.residentMiB.slice(Math.round(goneAt / 2), goneAt));
      const growth = highest(course.residentMiB.slice(goneAt)) - settledMiB;
      assert.ok(growth < GROWTH_MIB, `memory rose by ${Math.round(growth)} MiB while the store was gone or drained`);
      assert.ok(course.drainedAt < seconds, 'not drained before the end');
      return {
        ...row,
        note: `memory +${Math.round(growth)} MiB, drained ${course.drainedAt - backAt} s after its return`,
      };
    },
  };
}

const highest = (values: readonly number[]) => Math.max(...values.filter(Number.isFinite));

async function watch(
  run: Loaded,
  store: BreakableStore,
  { seconds, ratePerSecond }: OutageOptions,
  goneAt: number,
  backAt: number,
  tell: (progress: string) => void,
): Promise<OutageCourse> {
  const unknown = () => Array.from({ length: seconds + 1 }, () => Number.NaN);
  const course: OutageCourse = {
    ...{ seconds, goneAt, backAt, drainedAt: Number.NaN, acknowledgedPerSecond: unknown(), storedPerSecond: unknown() },
    ...{ waiting: unknown(), spoolMiB: unknown(), residentMiB: unknown() },
  };
  const startedMs = performance.now();
  const elapsed = () => (performance.now() - startedMs) / 1000;
  const faults = Promise.all([
    pause(goneAt * 1000).then(() => store.gone(run)),
    pause(backAt * 1000).then(() => store.back(run)),
  ]);
  let before = { atMs: startedMs, acknowledged: run.load.acknowledged, stored: await storedIn(run) };
  // Looked at from outside, so that looking costs the platform nothing; a second that was missed stays unknown.
  for (let second = 1; second <= seconds; second = Math.max(second + 1, Math.floor(elapsed()))) {
    await pause(Math.max(0, second * 1000 - elapsed() * 1000));
    const now = { atMs: performance.now(), acknowledged: run.load.acknowledged, stored: await storedIn(run) };
    const perSecond = 1000 / (now.atMs - before.atMs);
    const waiting = now.acknowledged - now.stored;
    course.acknowledgedPerSecond[second] = (now.acknowledged - before.acknowledged) * perSecond;
    course.storedPerSecond[second] = (now.stored - before.stored) * perSecond;
    course.waiting[second] = waiting;
    course.spoolMiB[second] = spoolBytes(join(run.platform.dataDir, 'spool')) / 2 ** 20;
    course.residentMiB[second] = run.residentMiB();
    if (second > backAt && Number.isNaN(course.drainedAt) && waiting < 2 * ratePerSecond) course.drainedAt = second;
    before = now;
    tell(
      `${second} of ${seconds} s: ${now.acknowledged} acknowledged, ${waiting} waiting, ${Math.round(run.residentMiB())} MiB`,
    );
  }
  await faults;
  return course;
}

async function storedIn(run: Loaded): Promise<number> {
  const rows = await run.pg!.asOwner<{ stored: string | null }>(
    'select sum(stored)::text as stored from ingest_ledger',
  );
  return Number(rows[0]?.stored ?? 0);
}

function spoolBytes(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder))
    if (name.endsWith('.seg')) bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}
