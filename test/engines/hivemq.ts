import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { steadyPort } from './absent.ts';
import { accepts, type BrokerEngine, type BrokerUser, DEVICE_RIGHTS, urlOf } from './broker.ts';
import { endServer, launchServer } from './serverProcess.ts';

export const HOW_TO_GET_HIVEMQ = 'run test/engines/get-hivemq.sh (a JDK, Maven, a quarter of a minute)';

/** The user property in which it tells who published a message. */
export const HIVEMQ_PUBLISHER = 'publisher';

export interface HiveMqOptions {
  /** With users, nobody else gets in; a user with a slash in its name is a device and may what a device may. */
  users?: readonly BrokerUser[];
  /** Topics that devices may publish to besides their own. */
  devicesPublish?: readonly string[];
}

const FOLDER = join(homedir(), '.cache', 'faultline-engines', 'hivemq-2025.5');
const SOURCE = join(import.meta.dirname, 'hivemq', 'Broker.java');
const READY_WITHIN_MS = 120_000;

export function hiveMqIsHere(): boolean {
  const compiled = join(FOLDER, 'classes', 'Broker.java');
  return existsSync(compiled) && readFileSync(compiled, 'utf8') === readFileSync(SOURCE, 'utf8');
}

/** Starts a HiveMQ Community Edition on a free port, with its sessions and messages on disk. */
export async function startHiveMq({ users, devicesPublish = [] }: HiveMqOptions = {}): Promise<BrokerEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-hivemq-'));
  const port = await steadyPort();
  for (const name of ['conf', 'data', 'extensions']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'conf', 'config.xml'), configuration(port));
  writeFileSync(
    join(folder, 'devices-may'),
    [...deviceRights(), ...devicesPublish.map((topic) => `publish\t${topic}\n`)].join(''),
  );
  const addUsers = (more: readonly BrokerUser[]) =>
    appendFileSync(join(folder, 'users'), more.map(({ name, password }) => `${name}\t${password}\n`).join(''));
  if (users) addUsers(users);
  const console = join(folder, 'console');
  const log = () => readFileSync(console, 'utf8');

  const launched = () => {
    const out = openSync(console, 'w');
    // A test runs too short a time for the second compiler to pay.
    const flags = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    return launchServer(
      'java',
      [...flags, '-cp', [join(FOLDER, 'classes'), join(FOLDER, 'lib', '*')].join(':'), 'Broker', folder],
      {
        spawn: { stdio: ['ignore', out, out] },
        isReady: async () => log().includes('ready\n') && (await accepts(port)),
        readyWithinMs: READY_WITHIN_MS,
        log: () => log().slice(-2000),
      },
    );
  };
  let child = await launched();
  const end = (signal: NodeJS.Signals) => endServer(child, signal);
  return {
    ...{ host: '127.0.0.1', port, url: (user) => urlOf('mqtt', port, user), addUsers, log },
    kill: () => end('SIGKILL'),
    end: () => end('SIGTERM'),
    start: async () => {
      child = await launched();
    },
    stop: async () => {
      await end('SIGKILL'); // nothing of it is kept
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** As `ingest/broker/remote/brokers.md` recommends it. */
function configuration(port: number): string {
  return `<?xml version="1.0"?>
<hivemq>
  <listeners><tcp-listener><port>${port}</port><bind-address>127.0.0.1</bind-address></tcp-listener></listeners>
  <mqtt>
    <queued-messages><max-queue-size>10000000</max-queue-size></queued-messages>
    <session-expiry><max-interval>4294967295</max-interval></session-expiry>
    <packets><max-packet-size>4194304</max-packet-size></packets>
  </mqtt>
  <persistence><mode>file</mode></persistence>
  <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
</hivemq>
`;
}

function deviceRights(): string[] {
  return (['publish', 'subscribe'] as const).flatMap((activity) =>
    DEVICE_RIGHTS[activity].map((leaf) => `${activity}\tfl/1/%u/${leaf}\n`),
  );
}
