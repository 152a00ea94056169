import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Channel, DeliveryError } from '../../notify/channels/channel.ts';
import type { OutgoingMessage } from '../../notify/message.ts';

/** A real receiver of messages, and the channel that leads to it. */
export interface ChannelBench {
  channel: Channel;
  /** What has arrived so far: the message's id and its subject, as the receiver reads them. */
  arrived(): { id: string; subject: string }[];
  /** From now on the receiver refuses for good, or for now, or keeps the sender waiting. */
  behave(how: 'refuse' | 'busy' | 'hang'): void;
  stop(): Promise<void>;
}

export function message(over: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    id: '01890000-0000-7000-8000-00000000000a',
    recipient: { name: 'Ada Löwe', email: 'ada@plant.example', locale: 'en', ref: 'ci-1' },
    template: 'generic',
    params: {},
    link: null,
    requestedAt: new Date('2026-05-01T08:00:00Z'),
    attempt: 1,
    locale: 'en',
    subject: 'Pump P-101: 轴承外圈',
    text: 'plain words\n',
    html: '<p>plain words</p>',
    ...over,
  };
}

/** What every adapter of `Channel` does, against a real receiver. */
export function channelContract(name: string, start: () => Promise<ChannelBench>): void {
  describe(`${name} as a channel`, () => {
    let bench: ChannelBench;
    beforeEach(async () => {
      bench = await start();
    });
    afterEach(() => bench.stop());
    const never = new AbortController().signal;
    const failure = async (send: Promise<void>): Promise<DeliveryError> => {
      const error = await send.then(
        () => null,
        (e: unknown) => e,
      );
      expect(error).toBeInstanceOf(DeliveryError);
      return error as DeliveryError;
    };

    test('hands a message over once, whole', async () => {
      const sent = message();
      expect(bench.channel.addressOf(sent.recipient)).not.toBeNull();
      await bench.channel.send(sent, never);
      expect(bench.arrived()).toEqual([{ id: sent.id, subject: sent.subject }]);
    });

    test('hands many over at once, each to itself', async () => {
      const ids = Array.from({ length: 30 }, (_, n) => `01890000-0000-7000-8000-${String(n).padStart(12, '0')}`);
      await Promise.all(ids.map((id) => bench.channel.send(message({ id, subject: `for ${id}` }), never)));
      const arrived = bench.arrived().sort((a, b) => a.id.localeCompare(b.id));
      expect(arrived).toEqual(ids.map((id) => ({ id, subject: `for ${id}` })));
    });

    test('tells a refusal for good from one for now', async () => {
      bench.behave('refuse');
      expect((await failure(bench.channel.send(message(), never))).permanent).toBe(true);
      bench.behave('busy');
      expect((await failure(bench.channel.send(message(), never))).permanent).toBe(false);
      expect(bench.arrived()).toEqual([]);
    });

    test('gives up waiting when told to, and that is not for good', async () => {
      bench.behave('hang');
      const late = new AbortController();
      const sending = failure(bench.channel.send(message(), late.signal));
      setTimeout(() => late.abort(new Error('too late')), 100);
      expect((await sending).permanent).toBe(false);
    });

    test('a receiver that is gone is not for good', async () => {
      await bench.stop();
      expect((await failure(bench.channel.send(message(), never))).permanent).toBe(false);
    });
  });
}
