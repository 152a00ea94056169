import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api, type Ledger, readLedger, type SpawnedPlatform, spawnPlatform } from '../../simulators/attach/index.ts';
import type { FoundSample, LoadDevice } from '../../simulators/load/index.ts';
import { readJournal } from '../../simulators/load/index.ts';
import { freePort } from '../engines/absent.ts';

/** The real program on a data directory and an MQTT port that outlive its deaths. */
export interface FaultPlatform {
  readonly folder: string;
  readonly mqttUrl: string;
  readonly child: SpawnedPlatform;
  /** Starts it (again) and signs in. */
  start(): Promise<Api>;
  /** SIGKILL to the process itself; the embedded database follows by its own guard. */
  kill(): Promise<void>;
  end(): Promise<void>;
}

const PASSWORD = 'the password of fault tests';

export async function faultPlatform(env: Record<string, string> = {}): Promise<FaultPlatform> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-faults-'));
  const mqttPort = await freePort();
  let child: SpawnedPlatform | undefined;
  return {
    folder,
    mqttUrl: `mqtt://127.0.0.1:${mqttPort}`,
    get child() {
      if (!child) throw new Error('not started');
      return child;
    },
    start: async () => {
      child = await spawnPlatform({
        dataDir: join(folder, 'data'),
        adminPassword: PASSWORD,
        env: { MQTT_PORT: String(mqttPort), ...env },
      });
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
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Registers devices and returns them as the load generator wants them. */
export async function registerDevices(api: Api, names: readonly string[]): Promise<LoadDevice[]> {
  const { items } = await api.post<{ items: { name: string; username: string; secret: string }[] }>(
    '/api/v1/devices/batch',
    {
      devices: names.map((name) => ({ name })),
    },
  );
  return items.map(({ name, username, secret }) => ({
    name,
    username,
    password: secret,
    topic: `fl/1/default/${name}/telemetry`,
  }));
}

/** Waits until everything accepted has been settled; fails with the ledger when that does not come. */
export async function settled(api: Api, withinMs: number): Promise<Ledger> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    const ledger = await readLedger(api, true);
    if (ledger.pending === 0) return ledger;
    if (Date.now() > deadlineMs) throw new Error(`still pending: ${JSON.stringify(ledger)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Everything that the store holds of the journal's devices, told by device time, which the load makes unique. */
export async function* storedSamples(
  api: Api,
  journalPath: string,
  samplesPerMessage: number,
): AsyncGenerator<FoundSample> {
  const byTime = new Map<string, { boot: string; seq: number }>();
  const devices = new Set<string>();
  for await (const { device, boot, seq, timeNs } of readJournal(journalPath)) {
    devices.add(device);
    byTime.set(`${device} ${timeNs}`, { boot, seq });
  }
  for (const device of devices) {
    for (let index = 0; index < samplesPerMessage; index++) {
      const query = new URLSearchParams({
        series: `${device}/load-${index}`,
        from: '0',
        to: String(2n ** 62n),
        limit: '10000',
      });
      const rows = await api.list<{ time: string; value: number }>(`/api/v1/telemetry/range?${query}`);
      for (const { time, value } of rows) {
        const sent = byTime.get(`${device} ${time}`);
        yield {
          device,
          boot: sent?.boot ?? 'never acknowledged',
          seq: sent?.seq ?? Number(BigInt(time) % 1_000_000_000n),
          index,
          value,
        };
      }
    }
  }
}
