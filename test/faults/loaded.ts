import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from '../../simulators/attach/index.ts';
import {
  type Audit,
  type LoadDevice,
  type LoadResult,
  PubackJournal,
  type RunningLoad,
  startLoad,
} from '../../simulators/load/index.ts';
import { type TestDatabase, testDatabase } from '../engines/postgres.ts';
import type { FaultRig, FaultRow } from './faultCase.ts';
import { assertBalanced, judge } from './oracle.ts';
import { type FaultPlatform, faultPlatform, registerDevices, settled } from './platform.ts';

export interface LoadedOptions {
  /** How many, or their names. */
  devices?: number | readonly string[];
  /** Messages a second over all devices; absent: as fast as they are acknowledged. */
  ratePerSecond?: number;
  samplesPerMessage?: number;
  /** Unacknowledged messages of one device. */
  window?: number;
  /**
   * `own`: a fresh database on the run's PostgreSQL server, which starts faster and can be broken on purpose (`pg`);
   * `embedded`: the platform's own server, which dies and returns with it. Default: own.
   */
  database?: 'own' | 'embedded';
  env?: Record<string, string>;
  /** Of the program, e.g. `--roles`. */
  args?: readonly string[];
  /** File descriptors that the program may have open. */
  openFiles?: number;
  /** Where the platform keeps its data; default: the case's folder. */
  folder?: string;
  /** Where devices publish, when that is not the platform's own listener. */
  mqttUrl?: string;
  /** Devices only, no load yet. */
  idle?: boolean;
}

/** The real platform under a journalled load. */
export interface Loaded {
  readonly platform: FaultPlatform;
  readonly devices: readonly LoadDevice[];
  readonly journalPath: string;
  readonly journal: PubackJournal;
  /** Set with `database: 'own'`. */
  readonly pg: TestDatabase | undefined;
  /** Of the process that lives now. */
  readonly api: Api;
  readonly load: RunningLoad;
  /** Starts the platform again, whoever publishes. */
  start(): Promise<void>;
  /** Starts the platform again after its death; resolves with how long it took until a message was acknowledged again. */
  restart(): Promise<number>;
  /** Waits until so many more messages have been acknowledged; resolves with how long that took. */
  acknowledged(more: number, withinMs?: number): Promise<number>;
  residentMiB(): number;
  /** Sends nothing more and waits until everything sent is acknowledged. */
  quiet(drainMs?: number): Promise<LoadResult>;
  /** Ends the load, waits until all is settled, compares the journal with what is there. */
  verdict(about: Pick<FaultRow, 'case' | 'injected' | 'slowestRecoveryMs'> & { note?: string }): Promise<FaultRow>;
}

/** Starts a platform, registers devices and has them publish at QoS 1, every PUBACK taken down. */
export async function loaded(rig: FaultRig, options: LoadedOptions = {}): Promise<Loaded> {
  const { devices: wanted = 8, samplesPerMessage = 1, database = 'own', folder = rig.folder } = options;
  const pg = database === 'own' ? await testDatabase([]) : undefined;
  if (pg) rig.atEnd(() => pg.stop());
  const platform = await faultPlatform(folder, {
    ...(pg ? { DATABASE_URL: pg.ownerUrl, FAULTLINE_SECRET_KEY: pg.secretKey } : {}),
    ...rig.env,
    ...options.env,
  });
  platform.args = options.args ?? [];
  if (options.openFiles !== undefined) platform.openFiles = options.openFiles;
  rig.atEnd(() => platform.end());
  let api = await platform.start();
  const names = typeof wanted === 'number' ? Array.from({ length: wanted }, (_, n) => `press-${n}`) : wanted;
  const devices = await registerDevices(api, names);
  const journalPath = join(rig.folder, 'journal');
  const journal = new PubackJournal(journalPath);
  let journalOpen = true;
  let load: RunningLoad | undefined;
  if (!options.idle) {
    load = await startLoad({
      mqttUrl: options.mqttUrl ?? platform.mqttUrl,
      devices,
      journal,
      samplesPerMessage,
      seed: rig.seed,
      ...(options.ratePerSecond === undefined ? {} : { ratePerSecond: options.ratePerSecond }),
      ...(options.window === undefined ? {} : { window: options.window }),
    });
    rig.atEnd(() => load!.stop(0));
  }
  const running = () => {
    if (!load) throw new Error('this case has no load running');
    return load;
  };

  const restart = async () => {
    const startedMs = performance.now();
    const before = running().acknowledged;
    api = await platform.start();
    // A device that reconnected while we were still signing in has been served already.
    if (running().acknowledged === before) await acknowledged(1);
    return performance.now() - startedMs;
  };
  const acknowledged = async (more: number, withinMs = 60_000) => {
    const target = running().acknowledged + more;
    const startedMs = performance.now();
    while (running().acknowledged < target) {
      if (performance.now() - startedMs > withinMs)
        throw new Error(
          `${target - running().acknowledged} of ${more} messages were not acknowledged within ${withinMs} ms: ${platform.child.output()}`,
        );
      await pause(2);
    }
    return performance.now() - startedMs;
  };

  return {
    platform,
    devices,
    journalPath,
    journal,
    pg,
    get api() {
      return api;
    },
    get load() {
      return running();
    },
    start: async () => {
      api = await platform.start();
    },
    restart,
    acknowledged,
    residentMiB: () => platform.child.residentBytes() / 2 ** 20,
    quiet: (drainMs = 60_000) => running().stop(drainMs),
    verdict: async ({ note, ...about }) => {
      await load?.stop();
      if (journalOpen) journal.close();
      journalOpen = false;
      rig.tell('waiting until all is settled');
      const ledger = await settled(api, 60_000);
      rig.tell('comparing the journal with what is there');
      const audit = await judge({ api, dataDir: platform.dataDir, journalPath });
      const row = rowOf(audit, { ...about, ...(note === undefined ? {} : { note }) });
      rig.found(row);
      assertBalanced(ledger);
      return row;
    },
  };
}

/** A row from an audit: what has another value now counts as lost. */
export function rowOf(
  audit: Audit,
  about: Pick<FaultRow, 'case' | 'injected' | 'slowestRecoveryMs'> & { note?: string },
): FaultRow {
  const notes = [...(about.note === undefined ? [] : [about.note]), ...audit.examples];
  return {
    ...about,
    acknowledged: audit.acknowledged,
    lost: audit.lost + audit.altered,
    doubled: audit.repeated,
    ...(notes.length > 0 ? { note: notes.join('; ') } : {}),
  };
}
