import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Api, type Ledger, readLedger, type SpawnedPlatform, spawnPlatform } from '../../simulators/attach/index.ts';
import type { LoadDevice } from '../../simulators/load/index.ts';
import { freePort } from '../engines/absent.ts';

/** The real program on a data directory and an MQTT port that outlive its deaths. */
export interface FaultPlatform {
  readonly folder: string;
  readonly dataDir: string;
  readonly mqttUrl: string;
  readonly child: SpawnedPlatform;
  /** Of the program at its next start. */
  args: readonly string[];
  /** File descriptors that it may have open at its next start. */
  openFiles?: number;
  /** Starts it (again) and signs in. */
  start(): Promise<Api>;
  /** SIGKILL to the process itself; the embedded database follows by its own guard. */
  kill(): Promise<void>;
  end(): Promise<void>;
}

export const PASSWORD = 'the password of fault tests';

/** A platform in `folder`, which its maker removes. */
export async function faultPlatform(folder: string, env: Record<string, string> = {}): Promise<FaultPlatform> {
  const mqttPort = await freePort();
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir, { recursive: true });
  let child: SpawnedPlatform | undefined;
  const platform: FaultPlatform = {
    folder,
    dataDir,
    mqttUrl: `mqtt://127.0.0.1:${mqttPort}`,
    args: [],
    get child() {
      if (!child) throw new Error('not started');
      return child;
    },
    start: async () => {
      const settings = { MQTT_PORT: String(mqttPort), ...env };
      const { args, openFiles } = platform;
      const limits = openFiles === undefined ? {} : { openFiles };
      child = await spawnPlatform({ dataDir, adminPassword: PASSWORD, args, env: settings, ...limits });
      const api = new Api(child.httpUrl);
      await api.signIn('admin', PASSWORD);
      return api;
    },
    kill: async () => {
      const dying = child!;
      process.kill(dying.pid, 'SIGKILL');
      await dying.ended.catch(() => undefined);
    },
    end: async () => {
      await child?.stop();
    },
  };
  return platform;
}

/** Registers devices and returns them as the load generator wants them. */
export async function registerDevices(api: Api, names: readonly string[]): Promise<LoadDevice[]> {
  const devices: LoadDevice[] = [];
  for (let from = 0; from < names.length; from += 100) {
    const { items } = await api.post<{ items: { name: string; username: string; secret: string }[] }>(
      '/api/v1/devices/batch',
      { devices: names.slice(from, from + 100).map((name) => ({ name })) },
    );
    for (const { name, username, secret } of items)
      devices.push({ name, username, password: secret, topic: `fl/1/default/${name}/telemetry` });
  }
  return devices;
}

/**
 * Waits until everything accepted has been settled; fails with the ledger when nothing moves for so long. What lies in the
 * spool may not be counted yet when nothing is pending, so the ledger must balance against the counted stores, too; one that
 * stays otherwise is returned for the caller to judge.
 */
export async function settled(api: Api, stuckAfterMs: number): Promise<Ledger> {
  let before = -1;
  let movedMs = Date.now();
  for (;;) {
    const ledger = await readLedger(api, false);
    if (ledger.pending === 0) {
      const counted = await readLedger(api, true);
      if ((counted.pending === 0 && counted.balanced) || Date.now() - movedMs > stuckAfterMs) return counted;
    }
    // Not by what is pending: that grows while the ledger still counts what lies in the spool.
    const done = ledger.accepted - ledger.pending;
    if (done !== before) {
      before = done;
      movedMs = Date.now();
    }
    if (Date.now() - movedMs > stuckAfterMs)
      throw new Error(`nothing was settled for ${stuckAfterMs} ms: ${JSON.stringify(ledger)}`);
    await pause(200);
  }
}

/** One number of `/metrics`; NaN when it is not there. */
export async function metric(api: Api, name: string): Promise<number> {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await api.text('/metrics'))?.[1]);
}
