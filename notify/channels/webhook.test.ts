import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEgress, manualClock, type Resolve } from '../../platform/index.ts';
import { message } from '../../test/contracts/channel.ts';
import { type Receiver, startReceiver } from '../../test/fixtures/receiver.ts';
import type { Channel } from './channel.ts';
import { checkWebhookUrl, createWebhookChannel } from './webhook.ts';

const SECRET = 'a shared secret of some length';
const never = new AbortController().signal;
const clock = manualClock();

let receiver: Receiver;
let channel: Channel | undefined;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.stop();
  await channel?.close();
  channel = undefined;
});

const open = (url: string, allow: string[], resolve?: Resolve) => {
  channel = createWebhookChannel({ url }, { clock, egress: createEgress(allow, resolve), secret: SECRET });
  return channel;
};

test('a message arrives as signed JSON that the receiver can check', async () => {
  const sent = message({ params: { orderNumber: 'WO-1' }, link: 'https://faultline.example/work-orders/1' });
  await open(`http://127.0.0.1:${receiver.port}/in?x=1`, ['127.0.0.1']).send(sent, never);
  const [request] = receiver.requests;
  expect(request).toMatchObject({ method: 'POST', url: '/in?x=1' });
  expect(request!.headers).toMatchObject({ 'content-type': 'application/json', 'faultline-delivery': sent.id });
  const { html: _, ...expected } = sent;
  expect(JSON.parse(request!.body)).toEqual(JSON.parse(JSON.stringify(expected)));
  const seconds = Math.floor(clock.nowMs() / 1000);
  const mac = createHmac('sha256', SECRET).update(`${seconds}.${request!.body}`).digest('hex');
  expect(request!.headers['faultline-signature']).toBe(`t=${seconds},v1=${mac}`);
});

describe('the way there', () => {
  test('a redirect is not followed, wherever it leads', async () => {
    const target = await startReceiver();
    receiver.answer = (_request, response) =>
      void response.writeHead(307, { location: `http://127.0.0.1:${target.port}/secret` }).end();
    const sending = open(`http://127.0.0.1:${receiver.port}/`, ['127.0.0.1']).send(message(), never);
    await expect(sending).rejects.toMatchObject({ permanent: true, message: expect.stringContaining('redirect') });
    expect(target.requests).toEqual([]);
    await target.stop();
  });

  test('the name is resolved once, and the address that was checked is the one connected to', async () => {
    let asked = 0;
    const resolve: Resolve = async () => {
      asked++;
      return [{ address: '127.0.0.1', family: 4 }];
    };
    await open(`http://hooks.plant:${receiver.port}/`, ['hooks.plant'], resolve).send(message(), never);
    expect(asked).toBe(1);
    expect(receiver.requests[0]!.headers.host).toBe(`hooks.plant:${receiver.port}`);
  });

  test('a name that turns inside after it was accepted is refused when it is used', async () => {
    let turned = false;
    const resolve: Resolve = async () => [{ address: turned ? '127.0.0.1' : '93.184.216.34', family: 4 }];
    const channel = open(`https://rebind.example:${receiver.port}/`, [], resolve);
    turned = true;
    await expect(channel.send(message(), never)).rejects.toMatchObject({
      permanent: true,
      message: expect.stringMatching(/rebind\.example leads to a loopback/),
    });
    expect(receiver.requests).toEqual([]);
  });

  test.each([
    ['http://127.0.0.1/x', /loopback/],
    ['https://[::1]/x', /loopback/],
    ['https://169.254.169.254/latest/meta-data', /link-local/],
    ['http://hooks.example/x', /use https/],
    ['ftp://hooks.example/x', /https/],
    ['file:///etc/passwd', /https/],
    ['https://user:pw@hooks.example/', /user or password/],
    ['not a url', /not a URL/],
  ])('%s is refused when it is configured', (url, why) => {
    expect(() => checkWebhookUrl(url, createEgress([]))).toThrow(why);
  });
});

describe('the receiver’s answer', () => {
  test.each([
    [200, null],
    [204, null],
    [400, true],
    [401, true],
    [404, true],
    [408, false],
    [425, false],
    [429, false],
    [500, false],
    [502, false],
  ])('%i means, permanent: %s', async (status, permanent) => {
    receiver.answer = (_request, response) => void response.writeHead(status).end('why');
    const outcome = await open(`http://127.0.0.1:${receiver.port}/`, ['127.0.0.1'])
      .send(message(), never)
      .then(
        () => null,
        (error) => error.permanent,
      );
    expect(outcome).toBe(permanent);
  });

  test('without end is cut off, and its words never reach our records', async () => {
    receiver.answer = (_request, response) => {
      response.writeHead(500);
      const pour = () => {
        while (!response.destroyed && response.write('inside information '.repeat(1000)));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    };
    const sending = open(`http://127.0.0.1:${receiver.port}/`, ['127.0.0.1']).send(message(), never);
    const error = await sending.then(
      () => null,
      (e: Error) => e,
    );
    expect(error!.message).not.toContain('inside information');
    expect(error).toMatchObject({ permanent: false });
  });

  test('a message beyond the size limit is not sent', async () => {
    const channel = open(`http://127.0.0.1:${receiver.port}/`, ['127.0.0.1']);
    const sending = channel.send(message({ params: { body: 'x'.repeat(300_000) } }), never);
    await expect(sending).rejects.toMatchObject({ permanent: true, message: expect.stringContaining('larger') });
    expect(receiver.requests).toEqual([]);
  });
});
