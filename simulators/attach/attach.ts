import type { CmdbImport, DeviceAccess } from '../plant/index.ts';
import { Api } from './api.ts';
import { type SpawnedPlatform, type SpawnOptions, spawnPlatform } from './spawn.ts';

/** A Faultline that a simulator works with: its own child, or one that ran before. */
export interface AttachedSystem {
  api: Api;
  httpUrl: string;
  mqttUrl: string;
  tenant: string;
  /** Set when the platform was started here. */
  child: SpawnedPlatform | undefined;
  /** Registers devices and returns how each signs in; secrets are told this once. */
  registerDevices(names: readonly string[]): Promise<Map<string, DeviceAccess>>;
  importCmdb(cmdb: CmdbImport): Promise<void>;
  /** Stops the child, if there is one. */
  stop(): Promise<void>;
}

export interface AttachOptions {
  url?: string | undefined;
  mqtt?: string | undefined;
  user?: string | undefined;
  /** Nothing is published: no address of the broker is needed. */
  httpOnly?: boolean;
  spawn?: SpawnOptions;
}

const DEVICES_PER_REQUEST = 100;

/** Attaches to the system at `url`, or starts one; signs in. */
export async function attach(options: AttachOptions): Promise<AttachedSystem> {
  const { url, mqtt = options.httpOnly ? '' : undefined, user } = options;
  if (url === undefined) {
    if (options.mqtt !== undefined || user !== undefined) throw new Error('--mqtt and --user go with --url');
    const child = await spawnPlatform(options.spawn);
    return signedIn(child.httpUrl, child.mqttUrl, 'admin', child.adminPassword, child);
  }
  const password = process.env.FAULTLINE_PASSWORD;
  if (mqtt === undefined || user === undefined || !password) {
    const broker = options.httpOnly ? '' : '--mqtt mqtt://host:port, ';
    throw new Error(`--url needs ${broker}--user NAME and the password in FAULTLINE_PASSWORD`);
  }
  return signedIn(url, mqtt, user, password, undefined);
}

async function signedIn(
  httpUrl: string,
  mqttUrl: string,
  login: string,
  password: string,
  child: SpawnedPlatform | undefined,
): Promise<AttachedSystem> {
  const api = new Api(httpUrl);
  try {
    await api.signIn(login, password);
    const { tenant } = await api.get<{ tenant: { slug: string } }>('/api/v1/session');
    return {
      api,
      httpUrl,
      mqttUrl,
      tenant: tenant.slug,
      child,
      registerDevices: (names) => registerDevices(api, tenant.slug, names),
      importCmdb: async (cmdb) => void (await api.post('/api/v1/cmdb/import', cmdb)),
      stop: async () => void (await child?.stop()),
    };
  } catch (error) {
    await child?.stop();
    throw error;
  }
}

async function registerDevices(api: Api, tenant: string, names: readonly string[]): Promise<Map<string, DeviceAccess>> {
  const access = new Map<string, DeviceAccess>();
  for (let from = 0; from < names.length; from += DEVICES_PER_REQUEST) {
    const devices = names.slice(from, from + DEVICES_PER_REQUEST).map((name) => ({ name }));
    const { items } = await api.post<{ items: { name: string; username: string; secret: string }[] }>(
      '/api/v1/devices/batch',
      { devices },
    );
    for (const { name, username, secret } of items) {
      access.set(name, { username, password: secret, topicPrefix: `fl/1/${tenant}/${name}` });
    }
  }
  return access;
}
