import { afterEach, describe, expect, it } from 'vitest';
import { startTestBroker as startBroker } from './broker.fixture.ts';
import { Qos1Publisher } from './index.ts';

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

async function connected(url: string, window = 100) {
  const publisher = new Qos1Publisher({
    url,
    clientId: 'press-7',
    username: 'plant/press-7',
    password: 'secret',
    window,
    reconnectMs: { first: 1, longest: 5 },
  });
  await publisher.connect();
  cleanUp.push(() => publisher.close());
  return publisher;
}

describe('the QoS 1 publisher', () => {
  it('introduces itself and resolves a publish when the PUBACK has come', async () => {
    const broker = await startBroker();
    cleanUp.push(broker.stop);
    const publisher = await connected(broker.url);
    await publisher.publish('fl/1/plant/press-7/telemetry', Buffer.from('{"point":"t","value":1}'));
    expect(broker.connects).toEqual([{ clientId: 'press-7', username: 'plant/press-7', password: 'secret' }]);
    expect(broker.received).toEqual([
      { topic: 'fl/1/plant/press-7/telemetry', payload: '{"point":"t","value":1}', dup: false },
    ]);
    expect(publisher.unacknowledged).toBe(0);
  });

  it('carries payloads of every size that the length field changes at', async () => {
    const broker = await startBroker();
    cleanUp.push(broker.stop);
    const publisher = await connected(broker.url);
    const sizes = [0, 1, 110, 127, 128, 16_370, 16_384, 300_000];
    await Promise.all(sizes.map((size) => publisher.publish('a/b', Buffer.alloc(size, 'x'))));
    expect(broker.received.map(({ payload }) => payload.length)).toEqual(sizes);
  });

  it('sends what is unacknowledged again after a break: same order, same bytes, marked as duplicate', async () => {
    const broker = await startBroker({ acknowledge: (message) => message.dup });
    cleanUp.push(broker.stop);
    const publisher = await connected(broker.url);
    const done = ['one', 'two', 'three'].map((text) => publisher.publish('a', Buffer.from(text)));
    await expect.poll(() => broker.received.length).toBe(3);
    publisher.breakConnection();
    await Promise.all(done);
    expect(broker.received.map(({ payload, dup }) => `${payload} ${dup}`)).toEqual([
      'one false',
      'two false',
      'three false',
      'one true',
      'two true',
      'three true',
    ]);
    expect(publisher.connections).toBe(2);
  });

  it('refuses beyond its window and goes on when there is room', async () => {
    let open = false;
    const broker = await startBroker({ acknowledge: (message) => open || message.dup });
    cleanUp.push(broker.stop);
    const publisher = await connected(broker.url, 2);
    const none = () => undefined;
    expect(publisher.offer('a', Buffer.from('1'), none)).toBe(true);
    expect(publisher.offer('a', Buffer.from('2'), none)).toBe(true);
    expect(publisher.offer('a', Buffer.from('3'), none)).toBe(false);
    open = true;
    const room = publisher.room();
    publisher.breakConnection();
    await room;
    expect(publisher.offer('a', Buffer.from('3'), none)).toBe(true);
  });

  it('says why the broker refused it, without the password', async () => {
    const broker = await startBroker({ returnCode: 4 });
    cleanUp.push(broker.stop);
    const publisher = new Qos1Publisher({ url: broker.url, clientId: 'x', username: 'u', password: 'hidden' });
    const refusal = await publisher.connect().catch((error: Error) => error.message);
    expect(refusal).toBe('the broker refused x: bad user name or password');
  });

  it('rejects what it gives up when it is closed', async () => {
    const broker = await startBroker({ acknowledge: () => false });
    cleanUp.push(broker.stop);
    const publisher = await connected(broker.url);
    const publishing = publisher.publish('a', Buffer.from('1'));
    await expect.poll(() => broker.received.length).toBe(1);
    const outcome = expect(publishing).rejects.toThrow('closed before the PUBACK');
    await publisher.close();
    await outcome;
  });
});
