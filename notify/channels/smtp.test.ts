import { afterEach, describe, expect, test } from 'vitest';
import { createEgress } from '../../platform/index.ts';
import { message } from '../../test/contracts/channel.ts';
import { type MailServer, startMailServer } from '../../test/fixtures/mailServer.ts';
import type { Channel } from './channel.ts';
import { createSmtpChannel, type SmtpSettings } from './smtp.ts';
import { parseSmtpUrl } from './smtpUrl.ts';

const never = new AbortController().signal;
let server: MailServer | undefined;
let channel: Channel | undefined;
afterEach(async () => {
  await channel?.close();
  await server?.stop();
});

const open = (port: number, over: Partial<SmtpSettings> = {}, password?: string): Channel => {
  const settings: SmtpSettings = {
    host: '127.0.0.1',
    port,
    tls: 'opportunistic',
    from: 'F <f@plant.example>',
    ...over,
  };
  channel = createSmtpChannel(settings, { password });
  return channel;
};

test('a mail carries the words in both forms and says that a machine sent it', async () => {
  server = await startMailServer();
  const sent = message({ subject: 'Störung: 轴承', text: 'Grüße\n.\nend\n', html: '<p>轴承</p>' });
  await open(server.port).send(sent, never);
  const [mail] = server.mails;
  expect(mail!.parts.get('text/plain')!.replaceAll('\r\n', '\n').trim()).toBe('Grüße\n.\nend');
  expect(mail!.parts.get('text/html')).toContain('<p>轴承</p>');
  expect(Object.fromEntries(mail!.headers)).toMatchObject({
    subject: 'Störung: 轴承',
    from: 'F <f@plant.example>',
    to: 'Ada Löwe <ada@plant.example>',
    'message-id': `<${sent.id}@plant.example>`,
    'auto-submitted': 'auto-generated',
  });
});

test('connections are used again', async () => {
  server = await startMailServer();
  const channel = open(server.port);
  for (let n = 0; n < 20; n++) await channel.send(message({ id: `id-${n}` }), never);
  expect(server.mails).toHaveLength(20);
  expect(server.connections).toBe(1);
});

describe('nothing can be smuggled into a mail', () => {
  test.each(['Ada\r\nBcc: all@plant.example', 'Ada" <x@evil.example>, "', 'Ada\u0000\u000b', 'x'.repeat(2000)])(
    'by the name %j',
    async (name) => {
      server = await startMailServer();
      await open(server.port).send(message({ recipient: { ...message().recipient, name } }), never);
      const [mail] = server.mails;
      expect(mail!.to).toEqual(['ada@plant.example']);
      expect([...mail!.headers.keys()].filter((header) => ['bcc', 'cc'].includes(header))).toEqual([]);
      expect(mail!.headers.get('to')).toMatch(/<ada@plant\.example>$/);
    },
  );

  test.each([
    'a@b.c\r\nRCPT TO:<x@y.z>',
    'a@b.c>, <x@y.z',
    'a b@c.d',
    '"a"@b.c',
    'a@b@c',
    '@b.c',
    'a@',
    `${'x'.repeat(65)}@b.c`,
  ])('the address %j reaches nobody', async (email) => {
    expect(open(25).addressOf({ name: 'Ada', locale: 'en', ref: 'r', email })).toBeNull();
  });

  test.each(['ada@plant.example', 'a.b+c@sub.plant.example', 'ada@localhost', '王@例子.公司'])(
    '%s is an address',
    (email) => {
      expect(open(25).addressOf({ name: 'Ada', locale: 'en', ref: 'r', email })).toBe(email);
    },
  );
});

describe('TLS', () => {
  const failure = (sending: Promise<void>) =>
    sending.then(
      () => null,
      (error: Error & { permanent: boolean }) => error,
    );

  test('that is required and not offered sends nothing, neither mail nor password', async () => {
    let logins = 0;
    server = await startMailServer({
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => {
        logins++;
        done(null, { user: 'u' });
      },
    });
    const error = await failure(open(server.port, { tls: 'required', user: 'u' }, 'p4ssw0rd').send(message(), never));
    expect(error!.permanent).toBe(false);
    expect(error!.message).not.toContain('p4ssw0rd');
    expect([server.mails.length, logins]).toEqual([0, 0]);
  });

  test('of a server with a certificate that nobody vouches for is refused', async () => {
    server = await startMailServer({ disabledCommands: [] });
    for (const tls of ['required', 'opportunistic'] as const) {
      const error = await failure(open(server.port, { tls }).send(message(), never));
      expect(error!.message).toMatch(/certificate/);
    }
    expect(server.mails).toEqual([]);
  });
});

test('a wrong password is trouble with the server, not with the message, and stays out of the reason', async () => {
  server = await startMailServer({
    allowInsecureAuth: true,
    authOptional: false,
    onAuth: (_auth, _session, done) => done(new Error('Invalid login for p4ssw0rd-less you')),
  });
  const sending = open(server.port, { user: 'u' }, 'p4ssw0rd').send(message(), never);
  await expect(sending).rejects.toMatchObject({ permanent: false, message: expect.stringMatching(/did not take it/) });
});

test('a tenant’s mail server inside our network is not connected to', async () => {
  server = await startMailServer();
  const settings = { host: '127.0.0.1', port: server.port, tls: 'opportunistic', from: 'a@b.c' } as const;
  channel = createSmtpChannel(settings, { egress: createEgress([]) });
  await expect(channel.send(message(), never)).rejects.toMatchObject({ permanent: true });
  const named = createSmtpChannel(
    { ...settings, host: 'mail.example' },
    { egress: createEgress([], async () => [{ address: '127.0.0.1', family: 4 }]) },
  );
  await expect(named.send(message(), never)).rejects.toMatchObject({ permanent: true });
  await named.close();
  expect(server.connections).toBe(0);
});

describe('SMTP_URL', () => {
  test.each([
    ['smtp://mail.example', { host: 'mail.example', port: 587, tls: 'opportunistic', user: undefined }, undefined],
    ['smtp://me:p%40ss@mail.example:2525', { port: 2525, tls: 'required', user: 'me' }, 'p@ss'],
    ['smtp://me:x@mail.example?tls=opportunistic', { tls: 'opportunistic' }, 'x'],
    ['smtps://mail.example', { port: 465, tls: 'implicit' }, undefined],
    ['smtp://[::1]:25', { host: '::1', port: 25 }, undefined],
  ])('%s', (url, expected, password) => {
    const parsed = parseSmtpUrl(url, 'a@b.c');
    expect(parsed.settings).toMatchObject(expected);
    expect(parsed.password).toBe(password);
  });

  test('a misspelt option is named, and the password is not', () => {
    const misspelt = () => parseSmtpUrl('smtp://me:hunter2@mail.example?tsl=required', 'a@b.c');
    expect(misspelt).toThrow(/unknown option tsl/);
    expect(misspelt).not.toThrow(/hunter2/);
    expect(() => parseSmtpUrl('smtp://mail.example?tls=maybe', 'a@b.c')).toThrow(/required or opportunistic/);
  });
});
