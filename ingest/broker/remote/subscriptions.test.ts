import { type ISubscribePacket, type Packet, parser } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { createLog, manualClock } from '../../../platform/index.ts';
import { OURS, VENDORS, type Wanted } from './filters.ts';
import { Subscriptions } from './subscriptions.ts';

const ours = (filter: string): Wanted => ({ filter, identifier: OURS });
const SHARED = '$share/g/fl/1/+/+/telemetry/#';

function subscriptions() {
  const sent: Packet[] = [];
  const reader = parser({ protocolVersion: 5 }).on('packet', (packet) => sent.push(packet));
  let id = 0;
  const one = new Subscriptions({
    ...{ clock: manualClock(), log: createLog('silent') },
    send: (bytes) => reader.parse(bytes) >= 0,
    packetId: () => ++id,
  });
  /** Filters of each SUBSCRIBE so far, and none twice. */
  const asked = () =>
    sent
      .splice(0)
      .filter((packet): packet is ISubscribePacket => packet.cmd === 'subscribe')
      .map(({ messageId, subscriptions: all }) => [messageId, all.map(({ topic }) => topic)]);
  return { one, asked };
}

test('what is shared is asked for a second time once it is granted, and not a third', () => {
  const { one, asked } = subscriptions();
  one.want([ours(SHARED), ours('fl/probe/x'), { filter: '$share/g/tele/#', identifier: VENDORS }], []);
  one.opened(true);
  expect(asked()).toEqual([
    [1, [SHARED, 'fl/probe/x']],
    [2, ['$share/g/tele/#']],
  ]);
  one.answered(1, [1, 1]);
  expect(asked()).toEqual([[3, [SHARED]]]);
  one.answered(3, [1]);
  one.answered(2, [1]);
  expect(asked()).toEqual([[4, ['$share/g/tele/#']]]);
  one.answered(4, [1]);
  expect(asked()).toEqual([]);
  expect(one.problem).toBeNull();

  one.dropped();
  one.opened(true);
  expect(asked().length).toBe(2);
  one.answered(5, [1, 1]);
  expect(asked()).toEqual([[7, [SHARED]]]);
});

test('what is refused is told, and not asked for at once; nor is what was given up meanwhile', () => {
  const { one, asked } = subscriptions();
  one.want([ours(SHARED), ours('$share/g/fl/1/+/+/answer')], []);
  one.opened(true);
  one.want([ours(SHARED)], []);
  asked();
  one.answered(1, [0x87, 1]);
  expect(asked()).toEqual([]);
  expect(one.problem).toContain(SHARED);
});
