import { createConnection } from 'node:net';

/** Somebody who may sign in to a broker. */
export interface BrokerUser {
  name: string;
  password: string;
}

/** A real MQTT broker on a throw-away folder, which its own deaths do not take away. */
export interface BrokerEngine {
  readonly host: string;
  readonly port: number;
  /** For one user; without, anonymous. */
  url(user?: BrokerUser): string;
  /** Lets further users in, at once. */
  addUsers(users: readonly BrokerUser[]): void;
  /** SIGKILL: what it has not saved is gone. */
  kill(): Promise<void>;
  /** SIGTERM: it saves what it keeps. */
  end(): Promise<void>;
  /** On the same port and folder. */
  start(): Promise<void>;
  log(): string;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** What a device may publish below `fl/1/{its user name}/`, and read there. */
export const DEVICE_RIGHTS = {
  publish: ['telemetry/#', 'waveform/#', 'answer', 'reported'],
  subscribe: ['command', 'config'],
} as const;

export function urlOf(scheme: 'mqtt' | 'mqtts', port: number, user?: BrokerUser): string {
  const who = user ? `${encodeURIComponent(user.name)}:${encodeURIComponent(user.password)}@` : '';
  return `${scheme}://${who}127.0.0.1:${port}`;
}

/** Whether something listens there. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection({ host: '127.0.0.1', port });
    probe.once('connect', () => resolve(true));
    probe.once('error', () => resolve(false));
    probe.once('close', () => resolve(false));
    probe.once('connect', () => probe.destroy());
  });
}
