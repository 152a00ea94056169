import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PubackJournal, startLoad } from '../../simulators/load/index.ts';
import type { FaultRig } from './faultCase.ts';
import { loaded } from './loaded.ts';
import { type Puback, pubacksOf } from './pubacks.ts';
import { readTrace, type TracedCall, traceProcess } from './spoolTrace.ts';

/** More than a message takes in the spool, which must hold all of them. */
const BYTES_A_MESSAGE = 1024;

/** What the kernel saw of the real process while devices published. */
export interface TracedLoad {
  /** Every call that concerned the spool's files or an MQTT socket, in order. */
  calls: TracedCall[];
  pubacks: Puback[];
  journalPath: string;
  /** The spool's folder, as it was named in the calls. */
  spoolFolder: string;
  /** A copy of the spool's files as they were (and were synced) before the first call. */
  before: string;
}

/** Runs the real platform under strace for so many messages. Its store takes nothing, so that the spool keeps all. */
export async function tracedLoad(rig: FaultRig, messages: number): Promise<TracedLoad> {
  const spoolBytes = Math.max(8 << 20, messages * BYTES_A_MESSAGE);
  const run = await loaded(rig, { devices: 6, idle: true, env: { SPOOL_MAX_BYTES: String(spoolBytes) } });
  await rig.store.gone(run);
  const spoolFolder = join(run.platform.dataDir, 'spool');
  const before = join(rig.folder, 'before');
  mkdirSync(before);
  for (const name of readdirSync(spoolFolder)) {
    if (name.endsWith('.seg') || name.endsWith('.json')) copyFileSync(join(spoolFolder, name), join(before, name));
  }
  const tracePath = join(rig.folder, 'trace');
  rig.tell('tracing');
  const tracer = await traceProcess(run.platform.child.pid, tracePath);
  // The rate changes the groups: from one message to hundreds behind one fdatasync.
  const journal = new PubackJournal(run.journalPath);
  const load = await startLoad({
    mqttUrl: run.platform.mqttUrl,
    devices: run.devices,
    journal,
    messages,
    ratePerSecond: 1500,
    window: 64,
    seed: rig.seed,
  });
  await load.done;
  journal.close();
  await tracer.end();
  await run.platform.end();
  rig.tell('reading the trace');
  const calls = await readTrace(
    tracePath,
    (_name, target) => target.startsWith(spoolFolder) || target.startsWith('TCP:'),
  );
  return { calls, pubacks: await pubacksOf(calls, run.journalPath), journalPath: run.journalPath, spoolFolder, before };
}
