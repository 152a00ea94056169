import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Broker } from '../../ingest/broker/broker.ts';
import type { BrokerRules } from '../../ingest/broker/rules.ts';
import { DEFAULT_FORMATS } from '../../ingest/decode/index.ts';
import type { DeviceIdentity, DevicePresence } from '../../ingest/devices/index.ts';
import type { Admission } from '../../ingest/front/admission.ts';
import { connectForBroker, readConnect } from '../../ingest/front/connectPacket.ts';
import { Front } from '../../ingest/front/front.ts';
import { DEFAULT_LIMITS } from '../../ingest/front/frontDeps.ts';
import { createListener } from '../../ingest/front/listeners/createListener.ts';
import type { IngestTarget } from '../../ingest/front/targets.ts';
import { TenantMeter } from '../../ingest/quota/tenantMeter.ts';
import { openSpool, type Spool } from '../../ingest/spool/index.ts';
import { createLog, type Logger, systemClock } from '../../platform/index.ts';
import { MemoryRetained } from './memoryRetained.ts';

/** Nobody may subscribe to this one: the suite wants to see one refusal. */
const CLOSED_FILTER = 'test/nosubscribe';

/** Everybody is the same client, who may do everything: the opposite of the product's policy, made for interoperability tests. */
const EVERYBODY: DeviceIdentity = {
  tenantId: randomUUID(),
  tenantSlug: 'everybody',
  deviceId: randomUUID(),
  name: 'anonymous',
  kind: 'consumer',
  children: new Map(),
  secretHash: null,
  previousSecret: null,
  telemetryFormat: null,
  version: 1,
};

export interface AnonymousListener {
  port: number;
  spool: Spool;
  stop(): Promise<void>;
}

/** The product's front, broker and spool on one port, composed with rules that let everybody in. */
export async function startAnonymousListener(port: number, log: Logger): Promise<AnonymousListener> {
  const clock = systemClock();
  const directory = await mkdtemp(join(tmpdir(), 'faultline-interop-'));
  const spool = await openSpool({ directory, limitBytes: 1 << 30, clock, log });
  const rules: BrokerRules = {
    mayPublish: () => true,
    mayReceive: () => true,
    addressed: () => false,
    maySubscribe: (_identity, filter) => filter !== CLOSED_FILTER,
    retained: new MemoryRetained(),
  };
  const broker = new Broker({ log, published: () => undefined, refused: () => undefined }, rules);
  const presence = presenceOfNobody();
  const meter = new TenantMeter(clock, EVERYBODY.tenantId, EVERYBODY.tenantSlug);
  const listener = createListener({ host: '127.0.0.1', port });
  const front = new Front({
    ...{ listeners: [listener], limits: DEFAULT_LIMITS, clock, log, spool, parts: null, broker },
    admission: everybodyIn(rules),
    meterOf: () => meter,
    resolve: (_identity, topic) => targetOf(topic, spool, presence.entry()),
    presence,
  });
  await broker.start();
  await front.start();
  return {
    port: listener.port,
    spool,
    stop: async () => {
      await front.stop();
      await broker.stop();
      await spool.close();
      await rm(directory, { recursive: true });
    },
  };
}

function everybodyIn(rules: BrokerRules): Admission {
  return {
    onChange: () => () => undefined,
    admit: async (bytes) => {
      const read = readConnect(bytes);
      if ('reason' in read) return { refusal: 'protocol', ...read };
      const { packet } = read;
      const connect = connectForBroker(packet, EVERYBODY, rules);
      if ('reason' in connect) return { refusal: 'will', ...connect };
      return { identity: EVERYBODY, connect, keepAliveMs: 1000 * (packet.keepalive ?? 0), secretUsed: null };
    },
  };
}

/** Every message goes the way of telemetry: into the spool, acknowledged behind fdatasync, copied to subscribers. */
function targetOf(topic: string, spool: Spool, presence: DevicePresence): IngestTarget {
  const { tenantId, tenantSlug, deviceId, name } = EVERYBODY;
  const format = DEFAULT_FORMATS.telemetry;
  const origin = { tenantId, deviceId, deviceName: name, kind: 'telemetry' as const, format: format.name };
  const encoded = spool.encodeOrigin({ ...origin, vendorTopic: topic });
  return { topic, format, tenantSlug, origin: encoded, presence, look: null, takePart: null };
}

/** Presence is kept of registered devices; here there is none. */
function presenceOfNobody() {
  const { tenantId, deviceId } = EVERYBODY;
  const nobody: DevicePresence = {
    ...{ tenantId, deviceId, connections: 0, changedAtMs: null, lastMessageMs: null, problem: null, written: false },
  };
  return {
    entry: () => nobody,
    touched: () => undefined,
    connected: () => undefined,
    disconnected: () => undefined,
    problem: () => undefined,
  };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '1883' } } });
  const listener = await startAnonymousListener(Number(values.port), createLog('warn'));
  console.log(`anonymous MQTT 3.1.1 listener for interoperability tests on 127.0.0.1:${listener.port}; Ctrl-C ends it`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void listener.stop().then(() => process.exit(0)));
}
