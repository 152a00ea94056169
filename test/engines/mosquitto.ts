import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './absent.ts';
import { accepts, type BrokerEngine, type BrokerUser, DEVICE_RIGHTS, urlOf } from './broker.ts';
import { endServer, launchServer } from './serverProcess.ts';

/** A real Mosquitto on a throw-away folder. */
export interface MosquittoEngine extends BrokerEngine {
  readonly pid: number;
  /** What it saves (at its end, every so often, at SIGUSR1) to have after its next start. */
  readonly persistenceFile: string;
}

export interface MosquittoOptions {
  /** With users, nobody else gets in. */
  users?: readonly BrokerUser[];
  /** Lines of an ACL file; `pattern` lines hold for every user. */
  acl?: readonly string[];
  /** Keeps sessions and messages on disk over a restart. Default true. */
  persistence?: boolean;
  /** PEM files of a TLS listener instead of a plain one. */
  tls?: { certFile: string; keyFile: string; clientCaFile?: string };
  /** Further lines of the configuration. */
  more?: readonly string[];
}

export const HOW_TO_GET_MOSQUITTO = 'apt-get install mosquitto mosquitto-clients';

/** Debian keeps it where only root's PATH leads. */
const COMMAND = ['mosquitto', '/usr/sbin/mosquitto'].find((path) => spawnSync(path, ['-h']).error === undefined);
const READY_WITHIN_MS = 10_000;

/** Whether a Mosquitto can be started here. (One behind TEST_MQTT_URL could not be killed, nor given users.) */
export function mosquittoIsHere(): boolean {
  return COMMAND !== undefined;
}

/** What an installation behind Faultline should have, so that the broker drops nothing by itself. */
export const RECOMMENDED = ['max_queued_messages 0', 'max_queued_bytes 0', 'autosave_interval 60'];

/** A device may write its own data and answers and read its commands; Faultline reads all and writes commands. */
export function recommendedAcl(faultlineUser: string): string[] {
  return [
    ...DEVICE_RIGHTS.publish.map((leaf) => `pattern write fl/1/%u/${leaf}`),
    ...DEVICE_RIGHTS.subscribe.map((leaf) => `pattern read fl/1/%u/${leaf}`),
    `user ${faultlineUser}`,
    ...DEVICE_RIGHTS.publish.map((leaf) => `topic read fl/1/+/+/${leaf}`),
    'topic write fl/1/+/+/command',
    'topic write fl/1/+/+/config',
    'topic readwrite fl/probe/#',
    'topic read spBv1.0/#',
    'topic write spBv1.0/+/NCMD/#',
    'topic write spBv1.0/STATE/+',
  ];
}

/** Starts a Mosquitto on a free port. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<MosquittoEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-mosquitto-'));
  // Started by root, it becomes a user of its own, who must be able to write here.
  chmodSync(folder, 0o777);
  const port = await freePort();
  const passwords = join(folder, 'passwords');
  const logFile = join(folder, 'log');
  const file = writeConfiguration(folder, port, options);
  if (options.users) writePasswords(passwords, options.users);

  const launched = () =>
    launchServer(COMMAND!, ['-c', file], {
      spawn: { stdio: 'ignore' },
      isReady: () => accepts(port),
      readyWithinMs: READY_WITHIN_MS,
      log: () => readFileSync(logFile, 'utf8'),
    });
  let child = await launched();
  const end = (signal: NodeJS.Signals) => endServer(child, signal);
  return {
    host: '127.0.0.1',
    port,
    get pid() {
      return child.pid!;
    },
    url: (user) => urlOf(options.tls ? 'mqtts' : 'mqtt', port, user),
    addUsers: (users) => {
      writePasswords(passwords, users);
      child.kill('SIGHUP');
    },
    kill: () => end('SIGKILL'),
    end: () => end('SIGTERM'),
    start: async () => {
      child = await launched();
    },
    log: () => readFileSync(logFile, 'utf8'),
    persistenceFile: join(folder, 'mosquitto.db'),
    stop: async () => {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writeConfiguration(folder: string, port: number, options: MosquittoOptions): string {
  const { users, acl, persistence = true, tls, more = RECOMMENDED } = options;
  const lines = [
    `listener ${port} 127.0.0.1`,
    ...(tls ? [`certfile ${tls.certFile}`, `keyfile ${tls.keyFile}`] : []),
    ...(tls?.clientCaFile ? [`cafile ${tls.clientCaFile}`, 'require_certificate true'] : []),
    ...(users ? ['allow_anonymous false', `password_file ${join(folder, 'passwords')}`] : ['allow_anonymous true']),
    ...(acl ? [`acl_file ${join(folder, 'acl')}`] : []),
    ...(persistence ? ['persistence true', `persistence_location ${folder}/`] : []),
    `log_dest file ${join(folder, 'log')}`,
    ...more,
  ];
  if (acl) writeFileSync(join(folder, 'acl'), `${acl.join('\n')}\n`);
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** Plain lines, hashed in one go: one call a user would take seconds for a thousand. */
function writePasswords(path: string, users: readonly BrokerUser[]): void {
  const added = `${path}.new`;
  writeFileSync(added, users.map(({ name, password }) => `${name}:${password}\n`).join(''), { mode: 0o644 });
  execFileSync('mosquitto_passwd', ['-U', added], { stdio: 'pipe' });
  let before = '';
  try {
    before = readFileSync(path, 'utf8');
  } catch {
    // The first users.
  }
  writeFileSync(path, before + readFileSync(added, 'utf8'), { mode: 0o644 });
  rmSync(added);
}
