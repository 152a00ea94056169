import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renameDurably } from './durable.ts';

/** What an installation keeps to itself: mode 0600, in the data directory. */
export interface InstallationSecrets {
  postgresPassword: string;
  secretKey: string;
}

/** Reads the secrets of a data directory, or makes them once. */
export function installationSecrets(dataDir: string): InstallationSecrets {
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const file = join(dataDir, 'secrets.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as InstallationSecrets;
  const secrets = {
    postgresPassword: randomBytes(32).toString('base64url'),
    secretKey: randomBytes(32).toString('base64url'),
  };
  write(file, secrets);
  return secrets;
}

/**
 * Gives a data directory that was copied from another a database password of its own, and with it a cluster of its own
 * where that lies outside (see `clusterFolder`); what the secret key has encrypted stays readable.
 */
export function detachFromCluster(dataDir: string): void {
  const { secretKey } = installationSecrets(dataDir);
  write(join(dataDir, 'secrets.json'), { postgresPassword: randomBytes(32).toString('base64url'), secretKey });
}

function write(file: string, secrets: InstallationSecrets): void {
  const building = `${file}.${process.pid}`;
  writeFileSync(building, JSON.stringify(secrets), { mode: 0o600 });
  renameDurably(building, file);
}
