import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Role } from '../../platform/index.ts';
import { expectRoutesGuarded } from '../../test/contracts/routes.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { type TestApplication, testApplication } from '../../test/fixtures/application.ts';
import { type MailServer, smtpAnswer, startMailServer } from '../../test/fixtures/mailServer.ts';
import { type Receiver, startReceiver } from '../../test/fixtures/receiver.ts';
import { type NotifyBed, notifyBed, requestTo, testMigrations } from '../notify.fixture.ts';

let pg: TestDatabase;
let rig: TestApplication;
let mail: MailServer;
let receiver: Receiver;
let bed: NotifyBed;

beforeAll(async () => {
  pg = await testDatabase(testMigrations);
  rig = await testApplication(pg.db);
  mail = await startMailServer();
  receiver = await startReceiver();
  bed = await notifyBed(pg, { smtpUrl: `smtp://127.0.0.1:${mail.port}` }, rig.operator.id);
  bed.notify.routes(rig.app);
  await rig.app.ready();
});
afterAll(async () => {
  await rig.app.close();
  await bed.stop();
  await mail.stop();
  await receiver.stop();
  await pg.stop();
});
beforeEach(() => {
  mail.mails.length = 0;
  receiver.requests.length = 0;
});
afterEach(async () => {
  mail.onRecipient = () => undefined;
  receiver.answer = (_request, response) => void response.writeHead(204).end();
  await pg.asOwner('delete from notification_channel');
});

const call = async (method: string, url: string, role: Role, payload?: object, tenant = rig.operator) => {
  const response = await rig.app.inject({
    method: method as 'GET',
    url: `/api/v1${url}`,
    headers: tenant.as(role),
    ...(payload && { payload }),
  });
  return { status: response.statusCode, body: response.body === '' ? null : response.json() };
};
const until = (check: () => Promise<void> | void) => vi.waitFor(check, { timeout: 10_000, interval: 10 });
const untilStatus = (id: string, status: string) =>
  until(async () => expect((await call('GET', `/notifications/${id}`, 'admin')).body.status).toBe(status));
const hook = (over: object = {}) => ({
  kind: 'webhook',
  name: 'chat',
  url: `http://127.0.0.1:${receiver.port}/secret-path`,
  secret: 'a shared secret of some length',
  rank: 10,
  ...over,
});

test('every route refuses nobody, forgers and roles without the permission', async () => {
  const walked = await expectRoutesGuarded({ app: rig.app, as: (role) => rig.operator.as(role) });
  expect(walked.refused).toBeGreaterThan(80);
});

describe('messages', () => {
  test('are seen whole by who dispatches or manages channels, else only one’s own', async () => {
    const owner = rig.operator.user('business-owner');
    const [byEmail] = await bed.ask(requestTo({ email: owner.email!.toUpperCase(), ref: 'ci-1' }));
    const [byRef] = await bed.ask(requestTo({ email: 'old@plant.example', ref: owner.id }));
    const [foreign] = await bed.ask(requestTo());
    const idsFor = async (role: Role) => {
      const { body } = await call('GET', '/notifications', role);
      return body.items.map((n: { id: string }) => n.id);
    };
    expect(await idsFor('dispatcher')).toEqual(expect.arrayContaining([byEmail, byRef, foreign]));
    expect(await idsFor('it-operator')).toEqual(expect.arrayContaining([byEmail, byRef, foreign]));
    expect((await idsFor('business-owner')).sort()).toEqual([byEmail, byRef].sort());
    expect(await idsFor('technician')).toEqual([]);
    expect((await call('GET', `/notifications/${byRef}`, 'business-owner')).status).toBe(200);
    expect((await call('GET', `/notifications/${foreign}`, 'business-owner')).body.error.code).toBe(
      'NOTIFICATION_UNKNOWN',
    );
    expect((await call('GET', `/notifications/${foreign}`, 'admin', undefined, rig.other)).status).toBe(404);
    expect((await call('GET', '/notifications', 'admin', undefined, rig.other)).body.items).toEqual([]);
  });

  test('are listed newest first, by page and by status', async () => {
    const asked = (await bed.ask(...Array.from({ length: 5 }, () => requestTo()))).sort().reverse();
    for (const id of asked) await untilStatus(id, 'sent');
    const first = await call('GET', '/notifications?limit=3&status=sent', 'admin');
    const second = await call('GET', `/notifications?limit=2&status=sent&cursor=${first.body.nextCursor}`, 'admin');
    const ids = [...first.body.items, ...second.body.items].map((n: { id: string }) => n.id);
    expect(ids).toEqual(asked);
    expect((await call('GET', '/notifications?status=pending', 'admin')).body).toEqual({ items: [], nextCursor: null });
    expect((await call('GET', '/notifications?cursor=7', 'admin')).body.error.field).toBe('cursor');
  });

  test('that died are sent again by hand, with a new count of failures, and only those', async () => {
    mail.onRecipient = () => {
      throw smtpAnswer(550, 'no such mailbox');
    };
    const [id] = await bed.ask(requestTo({ email: 'late@plant.example' }));
    await until(async () => {
      await bed.clock.advance(250);
      expect((await call('GET', `/notifications/${id}`, 'admin')).body).toMatchObject({
        status: 'dead',
        reason: expect.stringContaining('no such mailbox'),
        attemptLog: [{ attempt: 1, channel: 'mail server', address: 'late@plant.example', outcome: 'refused' }],
      });
    });
    mail.onRecipient = () => undefined;
    expect((await call('POST', `/notifications/${id}/retry`, 'admin', undefined, rig.other)).status).toBe(404);
    expect((await call('POST', `/notifications/${id}/retry`, 'admin')).status).toBe(202);
    await untilStatus(id!, 'sent');
    expect(mail.mails.map((m) => m.to)).toEqual([['late@plant.example']]);
    const again = await call('POST', `/notifications/${id}/retry`, 'admin');
    expect([again.status, again.body.error.code]).toEqual([409, 'NOTIFICATION_NOT_DEAD']);
  });
});

describe('channels', () => {
  test('are used by their rank; one that refuses for good gives way to the next', async () => {
    expect((await call('POST', '/notification-channels', 'it-operator', hook())).status).toBe(201);
    const [first] = await bed.ask(requestTo());
    await untilStatus(first!, 'sent');
    expect([receiver.requests.length, mail.mails.length]).toEqual([1, 0]);
    receiver.answer = (_request, response) => void response.writeHead(410).end();
    const [second] = await bed.ask(requestTo());
    await until(async () => {
      await bed.clock.advance(250);
      expect((await call('GET', `/notifications/${second}`, 'admin')).body).toMatchObject({
        status: 'sent',
        attemptLog: [
          { channel: 'chat', outcome: 'refused', reason: 'the receiver answered 410' },
          { channel: 'mail server', outcome: 'sent' },
        ],
      });
    });
    expect(mail.mails).toHaveLength(1);
  });

  test('after the mail server reach those without an address; a disabled one reaches nobody', async () => {
    const { body: channel } = await call('POST', '/notification-channels', 'it-operator', hook({ rank: 200 }));
    const { email: _, ...nameless } = requestTo().recipient;
    const [mailed, posted] = await bed.ask(requestTo(), { ...requestTo(), recipient: nameless });
    for (const id of [mailed!, posted!]) await untilStatus(id, 'sent');
    expect([receiver.requests.length, mail.mails.length]).toEqual([1, 1]);
    const change = await call('PATCH', `/notification-channels/${channel.id}`, 'it-operator', { enabled: false });
    expect(change.body).toMatchObject({ enabled: false, rank: 200 });
    const [nobody] = await bed.ask({ ...requestTo(), recipient: { ...nameless, ref: 'another' } });
    await untilStatus(nobody!, 'undeliverable');
  });

  test('never show their secret, nor the path that may be one', async () => {
    await call('POST', '/notification-channels', 'it-operator', hook());
    const { body } = await call('GET', '/notification-channels', 'it-operator');
    expect(body.items).toMatchObject([
      { name: 'chat', kind: 'webhook', destination: `http://127.0.0.1:${receiver.port}`, rank: 10, enabled: true },
      { id: 'platform', name: 'mail server', kind: 'smtp', destination: '127.0.0.1', rank: 100, enabled: true },
    ]);
    expect(JSON.stringify(body)).not.toMatch(/secret/);
    expect(JSON.stringify(await pg.asOwner('select sealed_secret from notification_channel'))).not.toContain('shared');
    expect(bed.log.join('')).not.toMatch(/secret-path|shared secret/);
    expect((await call('GET', '/notification-channels', 'admin', undefined, rig.other)).body.items).toHaveLength(1);
  });

  test.each([
    [{ url: 'https://169.254.169.254/latest' }, 'url'],
    [{ url: 'https://[::1]/' }, 'url'],
    [{ url: 'http://hooks.example/' }, 'url'],
    [{ secret: 'short' }, 'secret'],
    [{ rank: -1 }, 'rank'],
  ])('with %o are refused, and the field is named', async (over, field) => {
    const { status, body } = await call('POST', '/notification-channels', 'it-operator', hook(over));
    expect([status, body.error.field]).toEqual([400, field]);
  });

  test('of the kind SMTP must use TLS and a destination outside', async () => {
    const smtp = { kind: 'smtp', name: 'ours', host: '10.0.0.1', port: 25, tls: 'required', from: 'a@b.c' };
    const inside = await call('POST', '/notification-channels', 'it-operator', smtp);
    expect([inside.status, inside.body.error.field]).toEqual([400, 'host']);
    const plain = { ...smtp, host: 'mail.example', tls: 'opportunistic' };
    expect((await call('POST', '/notification-channels', 'it-operator', plain)).body.error.field).toBe('tls');
    const header = { ...smtp, host: 'mail.example', from: 'a@b.c\r\nBcc: x@y.z' };
    expect((await call('POST', '/notification-channels', 'it-operator', header)).body.error.field).toBe('from');
    expect(
      (await call('POST', '/notification-channels', 'it-operator', { ...smtp, host: 'mail.example' })).status,
    ).toBe(201);
  });

  test('have one name each, and those of another tenant do not exist', async () => {
    const { body: mine } = await call('POST', '/notification-channels', 'it-operator', hook());
    expect((await call('POST', '/notification-channels', 'it-operator', hook())).body.error.code).toBe(
      'CHANNEL_EXISTS',
    );
    const url = `/notification-channels/${mine.id}`;
    for (const [method, path, payload] of [
      ['PATCH', url, { enabled: false }],
      ['DELETE', url, undefined],
      ['POST', `${url}/test`, undefined],
    ] as const) {
      expect((await call(method, path, 'admin', payload, rig.other)).body.error.code).toBe('CHANNEL_UNKNOWN');
    }
    expect((await call('DELETE', url, 'admin')).status).toBe(204);
    expect((await call('DELETE', url, 'admin')).status).toBe(404);
  });

  test('are tried out with a message to oneself, and the reason of a failure is told', async () => {
    const { body: channel } = await call('POST', '/notification-channels', 'it-operator', hook());
    const tried = () => call('POST', `/notification-channels/${channel.id}/test`, 'it-operator');
    expect((await tried()).body).toEqual({ delivered: true, reason: null });
    expect(JSON.parse(receiver.requests[0]!.body)).toMatchObject({
      subject: 'Test message from Faultline',
      recipient: { email: 'it-operator@default.example' },
    });
    receiver.answer = (_request, response) => void response.writeHead(503).end('inside');
    expect((await tried()).body).toEqual({ delivered: false, reason: 'the receiver answered 503' });
  });
});

describe('templates', () => {
  test('are listed with their parameters and shown as they would be sent', async () => {
    const { body } = await call('GET', '/notification-templates', 'admin');
    const kinds = body.items.map((t: { template: string }) => t.template);
    expect(kinds).toEqual(expect.arrayContaining(['impact-owner', 'leader-warning', 'supplier-support']));
    const preview = await call('POST', '/notification-templates/impact-owner/preview', 'admin', {
      locale: 'zh-CN',
      params: { service: '造纸', state: 'degraded', asset: '<b>' },
      link: '/work-orders/1',
    });
    expect(preview.body.subject).toBe('<b> 故障，造纸 降级运行');
    expect(preview.body.html).toContain('https://faultline.example/work-orders/1');
    expect(preview.body.html).not.toContain('<b>');
  });

  test('say what is wrong with a preview', async () => {
    const preview = (template: string, payload: object) =>
      call('POST', `/notification-templates/${template}/preview`, 'admin', payload);
    expect((await preview('nonsense', { params: {} })).status).toBe(404);
    expect((await preview('impact-owner', { params: {} })).body.error).toMatchObject({
      code: 'TEMPLATE_PARAMS',
      field: 'params.service',
    });
    expect((await preview('generic', { params: {}, link: 'javascript:x' })).body.error.code).toBe('MESSAGE_LINK');
  });
});
