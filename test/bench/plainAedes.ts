import { createServer } from 'node:net';
import { Aedes, type Client } from 'aedes';
import { countTelemetryUnits } from '../../ingest/decode/index.ts';
import {
  type DeviceDirectory,
  type DeviceIdentity,
  type PresenceBoard,
  secretMatches,
} from '../../ingest/devices/index.ts';
import { type IngestTarget, resolveTarget } from '../../ingest/front/targets.ts';
import type { Spool } from '../../ingest/spool/index.ts';
import type { Clock } from '../../platform/index.ts';

/**
 * What the front is compared with: plain aedes on the socket, which appends to the same spool in `authorizePublish` and
 * lets aedes acknowledge once the record is durable. Authentication, permission and unit count are the same.
 */
export async function startPlainAedes(deps: {
  spool: Spool;
  directory: DeviceDirectory;
  presence: PresenceBoard;
  clock: Clock;
}): Promise<{ port: number; stop(): Promise<void> }> {
  const identities = new WeakMap<Client, DeviceIdentity>();
  const targets = new Map<string, IngestTarget>();
  const waiting: { endOffset: number; done: () => void }[] = [];
  const stopListening = deps.spool.onDurable((durable) => {
    let count = 0;
    while (count < waiting.length && waiting[count]!.endOffset <= durable) count++;
    for (const { done } of waiting.splice(0, count)) done();
  });
  const broker = await Aedes.createBroker({
    concurrency: 10_000,
    authenticate: (client, username, password, done) => {
      deps.directory.find(username!).then(
        (identity) => {
          const good = identity?.secretHash != null && secretMatches(password!, identity.secretHash);
          if (good) identities.set(client, identity);
          done(null, good);
        },
        (error) => done(error, false),
      );
    },
    authorizePublish: (client, packet, done) => {
      const identity = identities.get(client!)!;
      let target = targets.get(packet.topic);
      if (!target) {
        const resolved = resolveTarget(identity, packet.topic, {
          ...deps,
          formats: null,
          sparkplug: null,
          parts: null,
        });
        if (resolved === null || resolved === 'broker') return done(new Error('forbidden'));
        target = resolved;
        targets.set(packet.topic, target);
      }
      const payload = packet.payload as Buffer;
      const units = countTelemetryUnits(payload);
      const endOffset = deps.spool.appendSlice(
        target.origin,
        deps.clock.nowNs(),
        units,
        false,
        payload,
        0,
        payload.length,
      );
      if (endOffset < 0) return done(new Error('the spool is full'));
      waiting.push({ endOffset, done: () => done(null) });
    },
  });
  const server = createServer({ noDelay: true }, broker.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    stop: async () => {
      stopListening();
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
