import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import { publishPacket, type RawClient } from '../fixtures/rawClient.ts';

const LASTS_MS = 4_000;
/** More than the kernel keeps for two sockets on loopback: before that nobody can see that the other does not read. */
const ENOUGH_BYTES = 16 * 1024 * 1024;
/** Until the paused one is ended, two seconds, the broker keeps 5,000 live messages for the others and copies no more. */
const RATE_PER_SECOND = 1_500;
const PAD = 'x'.repeat(4_000);
const ENDS_WITHIN_MS = 30_000;

/** Who takes part, signed in. */
export interface Audience {
  tenantSlug: string;
  /** A consumer that stops reading. */
  paused: RawClient;
  /** A consumer that goes on. */
  lively: MqttClient;
  /** The device that both listen to, and its name. */
  source: RawClient;
  sourceName: string;
}

/** What came of it. */
export interface Heard {
  sent: number;
  /** Until the paused one was ended, from the first message on. */
  endedAfterMs: number;
  /** From sending to hearing, of each message that the lively one heard within five seconds of the last; ascending. */
  delaysMs: number[];
}

/**
 * A subscriber's socket is paused while a device talks for four seconds, or longer where the machine is too busy to say
 * enough in that time.
 *
 * @throws when the paused one is not ended
 */
export async function pausedSubscriber({ tenantSlug, paused, lively, source, sourceName }: Audience): Promise<Heard> {
  const filter = Buffer.from(`fl/1/${tenantSlug}/#`);
  paused.socket.write(
    Buffer.concat([Buffer.from([0x82, filter.length + 5, 0, 1, 0, filter.length]), filter, Buffer.from([0])]),
  );
  await paused.bytes(9);
  paused.socket.pause();
  const delaysMs: number[] = [];
  lively.on('message', (_, payload) => {
    const { value } = JSON.parse(payload.toString()) as { value?: number };
    if (value !== undefined) delaysMs.push(performance.now() - value);
  });
  const topic = `fl/1/${tenantSlug}/${sourceName}/telemetry`;
  await lively.subscribeAsync(topic, { qos: 1 });
  const isGone = once(paused.socket, 'close', { signal: AbortSignal.timeout(ENDS_WITHIN_MS) });
  isGone.catch(() => undefined);
  const startedMs = performance.now();
  let sent = 0;
  while (performance.now() - startedMs < LASTS_MS || sent * PAD.length < ENOUGH_BYTES) {
    const payload = JSON.stringify({ point: 'p', value: performance.now(), pad: PAD });
    source.socket.write(publishPacket(topic, payload, 1, (sent++ % 60_000) + 1));
    while (sent > ((performance.now() - startedMs) / 1000) * RATE_PER_SECOND) await pause(2);
  }
  paused.socket.resume();
  await isGone.catch(() => {
    throw new Error(`the paused subscriber was not ended within ${ENDS_WITHIN_MS} ms; ${sent} messages were sent`);
  });
  const endedAfterMs = performance.now() - startedMs;
  for (const deadlineMs = performance.now() + 5_000; delaysMs.length < sent && performance.now() < deadlineMs; )
    await pause(10);
  await source.bytes(4 + 4 * sent);
  return { sent, endedAfterMs, delaysMs: delaysMs.sort((a, b) => a - b) };
}
